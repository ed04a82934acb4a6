"""Sessions one after the other, from a day on."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import and_, bindparam, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.clock import start_of_day
from scheduling.models import ClassSession
from scheduling.queries.calendar import WeekSession, of_wards, sessions_shown
from scheduling.queries.calendar_filters import CalendarFilters

AGENDA_SHOWN = 50
AGENDA_REACH = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class AgendaPart:
    """Some sessions in their order; `last_id` is the last of them where more follow."""

    sessions: Sequence[WeekSession]
    last_id: int | None


async def agenda(
    db: AsyncSession,
    *,
    wards: Collection[str] | None,
    day: date,
    after: int | None,
    filters: CalendarFilters,
    now: datetime,
) -> AgendaPart:
    """At most `AGENDA_SHOWN` sessions from `day` on, within a year; one statement.

    Args:
        wards: as in `scheduling.queries.calendar`.
        after: id of a session; only what follows it. One that is not among these wards counts as none.
    """
    statement = sessions_shown(wards, filters, now)
    if after is not None:
        mark = of_wards(select(ClassSession.starts_at).where(ClassSession.id == after), wards)
        begin = func.coalesce(mark.scalar_subquery(), bindparam("since"))
        statement = statement.where(
            or_(
                ClassSession.starts_at > begin,
                and_(ClassSession.starts_at == begin, ClassSession.id > after),
            )
        )
    rows = await db.execute(
        statement.order_by(ClassSession.starts_at, ClassSession.id).limit(AGENDA_SHOWN + 1),
        {"since": start_of_day(day), "until": start_of_day(day + AGENDA_REACH)},
    )
    found = [WeekSession._make(row) for row in rows]
    shown = found[:AGENDA_SHOWN]
    return AgendaPart(shown, shown[-1].id if len(found) > AGENDA_SHOWN else None)
