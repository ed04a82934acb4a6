"""Series of a class on Tuesdays, for tests of what changes them."""

from collections.abc import Sequence
from datetime import date, time

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.clock import local
from scheduling.models import ClassSession, SeriesSlot
from scheduling.rules.recurrence import WeeklySlot
from scheduling.service.series import plan_series
from tests.factories import NOON
from tests.planning import WARD, Planning

TUESDAY = WeeklySlot(1, time(8, 30), 90)
FRIDAY = WeeklySlot(4, time(14), 90)
FIRST = date(2026, 12, 8)


async def tuesdays(
    db: AsyncSession, here: Planning, *, meetings: int = 4, slots: tuple[WeeklySlot, ...] = (TUESDAY,)
) -> Sequence[ClassSession]:
    """Drafts on Tuesdays at 8h30 from 8 December 2026, earliest first."""
    plan = here.weekly(slots=slots, starts_on=FIRST, meetings=meetings)
    made = await plan_series(db, WARD, plan, by=here.by, now=NOON)
    found = await db.scalars(
        select(ClassSession).where(ClassSession.id.in_(made.session_ids)).order_by(ClassSession.starts_at)
    )
    return found.all()


async def starts_in_words(db: AsyncSession) -> list[str]:
    """ "T3 08/12 08:30" of every session that stands, in the order of their first dates."""
    found = await db.scalars(
        select(ClassSession)
        .where(ClassSession.cancelled_at.is_(None))
        .order_by(ClassSession.original_start, ClassSession.id)
        .execution_options(populate_existing=True)
    )
    return [f"{_weekday(each)} {local(each.starts_at):%d/%m %H:%M}" for each in found]


def _weekday(session: ClassSession) -> str:
    day = local(session.starts_at).weekday()
    return "CN" if day == 6 else f"T{day + 2}"


async def weekly_times(db: AsyncSession, series_id: int | None) -> list[tuple[int, time]]:
    """The rule of a series."""
    slots = await db.scalars(
        select(SeriesSlot)
        .where(SeriesSlot.series_id == series_id)
        .order_by(SeriesSlot.weekday, SeriesSlot.starts_at)
        .execution_options(populate_existing=True)
    )
    return [(each.weekday, each.starts_at) for each in slots]
