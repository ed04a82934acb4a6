"""What moving a learner to another class would change."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from learners.models import Learner
from scheduling.models import ClassSession, Enrolment
from scheduling.queries.enrolments import OverlappingSeat, free_seats_in, overlapping_seats
from scheduling.queries.series import coming_in_series


@dataclass(frozen=True, slots=True)
class MovePlan:
    """The sessions a learner would leave and join, earliest first.

    Attributes:
        full: of `join`, those without a seat that nobody waits for; then nothing is moved.
        moving_up: names of those who would get the learner's seats.
        overlaps: other sessions at the time of those joined; people are warned, not stopped.
    """

    leave: Sequence[ClassSession]
    join: Sequence[ClassSession]
    full: Sequence[ClassSession]
    moving_up: Sequence[str]
    overlaps: Sequence[OverlappingSeat]


async def move_plan(
    db: AsyncSession,
    session: ClassSession,
    target: ClassSession,
    learner_id: int,
    *,
    whole: bool,
    now: datetime,
) -> MovePlan:
    """Leave `session` for `target`; at most seven statements.

    Args:
        whole: every session of the series from `session` on in which the learner is, for every one of the
            other series from `target` on. Within one series only `session` moves.
    """
    same_series = session.series_id is not None and session.series_id == target.series_id
    whole = whole and not same_series
    leave = await coming_in_series(db, session, now=now) if whole else [session]
    join = await coming_in_series(db, target, now=now) if whole else [target]
    states = await _states(db, learner_id, [each.id for each in (*leave, *join)])
    joined = {each.id for each in join}
    leave = [each for each in leave if each.id in states and each.id not in joined]
    free = await free_seats_in(db, [each.id for each in join])
    full = [each for each in join if each.id not in states and free[each.id] <= 0]
    given_up = [each.id for each in leave if states[each.id] == "enrolled" and each.starts_at > now]
    busy = await overlapping_seats(db, [each.id for each in join], [learner_id])
    left = {each.id for each in leave}
    overlaps = {each.session_id: each for each in busy.values() if each.session_id not in left}
    return MovePlan(leave, join, full, await _next_waiting(db, given_up), list(overlaps.values()))


async def count_later(db: AsyncSession, session: ClassSession, learner_id: int, *, now: datetime) -> int:
    """In how many sessions of the series after `session` the learner is; at most two statements."""
    later = [each.id for each in await coming_in_series(db, session, now=now) if each.id != session.id]
    return len(await _states(db, learner_id, later)) if later else 0


async def sessions_by_id(db: AsyncSession, ids: Collection[int]) -> Mapping[int, ClassSession]:
    """Sessions by id; one statement."""
    return {each.id: each for each in await db.scalars(select(ClassSession).where(ClassSession.id.in_(ids)))}


async def _states(db: AsyncSession, learner_id: int, session_ids: Sequence[int]) -> dict[int, str]:
    rows = await db.execute(
        select(Enrolment.session_id, Enrolment.state).where(
            Enrolment.learner_id == learner_id,
            Enrolment.session_id.in_(session_ids),
            Enrolment.state != "cancelled",
        )
    )
    return {row.session_id: row.state for row in rows}


async def _next_waiting(db: AsyncSession, session_ids: Sequence[int]) -> list[str]:
    """Names of those first in the queues of these sessions, each once."""
    place = func.row_number().over(
        partition_by=Enrolment.session_id, order_by=(Enrolment.queued_at, Enrolment.id)
    )
    first = (
        select(Enrolment.learner_id, Enrolment.session_id, place.label("place"))
        .where(Enrolment.session_id.in_(session_ids), Enrolment.state == "waitlisted")
        .subquery()
    )
    rows = await db.execute(
        select(Learner.title, Learner.full_name)
        .join(first, first.c.learner_id == Learner.id)
        .where(first.c.place == 1)
        .order_by(Learner.sort_key, Learner.id)
        .group_by(Learner.id)
    )
    return [f"{title} {name}".strip() for title, name in rows]
