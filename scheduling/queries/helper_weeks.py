"""Helpers of a ward with what they are asked into, in any ward."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.clock import start_of_day
from lopso.kernel.paging import Page, offset
from scheduling.models import ASSIGNMENT_ACTIVE, Assignment, ClassSession
from scheduling.queries.calendar import IN_ORDER, PEOPLE, WeekSession, session_columns
from scheduling.queries.calendar_filters import CalendarFilters, shown_by
from trainers.models import Trainer

LOAD = timedelta(days=28)
"""Over which what somebody has taken on is counted."""


@dataclass(frozen=True, slots=True)
class HelperWeeks:
    """A helper with the sessions of four weeks, earliest first, cancelled ones left out."""

    trainer_id: int
    name: str
    sessions: list[WeekSession] = field(default_factory=list[WeekSession])

    @property
    def time(self) -> timedelta:
        """How long they take together."""
        return sum((each.ends_at - each.starts_at for each in self.sessions), timedelta())


async def helper_weeks(
    db: AsyncSession,
    ward_id: str,
    monday: date,
    *,
    filters: CalendarFilters,
    now: datetime,
    number: int,
    size: int,
) -> Page[HelperWeeks]:
    """A page of the helpers of a ward by given name, with what they are asked into or accepted within four
    weeks from `monday`; two statements.

    Args:
        filters: say `shown` of each session; a helper who is asked for is the only one.
    """
    statement = (
        select(Trainer.id, Trainer.full_name, func.count().over())
        .where(Trainer.ward_id == ward_id, Trainer.left_at.is_(None))
        .order_by(Trainer.sort_key, Trainer.id)
        .limit(size)
        .offset(offset(number, size))
    )
    if filters.helper_id is not None:
        statement = statement.where(Trainer.id == filters.helper_id)
    rows = (await db.execute(statement)).all()
    found = {row[0]: HelperWeeks(row[0], row[1]) for row in rows}
    await _add_sessions(db, found, monday, filters, now)
    return Page(list(found.values()), max(1, number), rows[0][2] if rows else 0, size)


async def _add_sessions(
    db: AsyncSession, found: dict[int, HelperWeeks], monday: date, filters: CalendarFilters, now: datetime
) -> None:
    since, until = start_of_day(monday), start_of_day(monday + LOAD)
    statement = (
        session_columns(shown_by(filters, PEOPLE, now))
        .add_columns(Assignment.trainer_id)
        .join(Assignment, Assignment.session_id == ClassSession.id)
        .where(
            Assignment.trainer_id.in_(list(found)),
            Assignment.state.in_(ASSIGNMENT_ACTIVE),
            Assignment.starts_at >= since,
            Assignment.starts_at < until,
            ClassSession.cancelled_at.is_(None),
        )
        .order_by(*IN_ORDER)
    )
    for row in await db.execute(statement, {"since": since, "until": until}):
        found[row[-1]].sessions.append(WeekSession._make(row[:-1]))


def in_week(sessions: Sequence[WeekSession], monday: date) -> list[WeekSession]:
    """Those of `sessions` that are shown and begin in the week of `monday`."""
    until = start_of_day(monday + timedelta(days=7))
    return [each for each in sessions if each.shown and each.starts_at < until]
