"""Learners to enrol in a session."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from learners.models import Learner
from lopso.kernel.access import Actor, Permission
from lopso.kernel.search import people_query
from scheduling.models import ClassSession, Enrolment
from scheduling.queries.enrolments import SHOWN, OverlappingSeat, overlapping_seats


@dataclass(frozen=True, slots=True)
class FoundLearner:
    """A learner one could enrol.

    Attributes:
        state: of the enrolment in this session, None when there was never one.
        overlap: a seat at the same time in another session.
    """

    learner: Learner
    state: str | None
    overlap: OverlappingSeat | None


@dataclass(frozen=True, slots=True)
class FoundLearners:
    """The first `SHOWN` of `total` learners found, and those already picked before this search."""

    items: Sequence[FoundLearner]
    picked: Sequence[FoundLearner]
    total: int


async def find_learners(
    db: AsyncSession,
    session: ClassSession,
    *,
    typed: str,
    picked: Collection[int],
    by: Actor,
) -> FoundLearners:
    """Learners to enrol; five statements whatever the number.

    Without a search: those of the session's ward not yet in it, by given name. With one: everybody `by` may
    see whose name or phone matches, those of the ward first.

    Args:
        picked: learner ids ticked before this search; shown apart, if `by` may see them.
    """
    matching = _matching(session, typed, by)
    total = await db.scalar(select(func.count()).select_from(matching.subquery()))
    statement = (
        matching.where(Learner.id.not_in(picked))
        .order_by(Learner.ward_id != session.ward_id, Learner.sort_key, Learner.id)
        .limit(SHOWN)
        .options(joinedload(Learner.neighbourhood))
    )
    found = (await db.scalars(statement)).all()
    kept = await _learners(db, picked, session=session, by=by)
    ids = [learner.id for learner in (*found, *kept)]
    states = await _states(db, session.id, ids)
    busy = await overlapping_seats(db, [session.id], ids)

    def row(learner: Learner) -> FoundLearner:
        return FoundLearner(learner, states.get(learner.id), busy.get((learner.id, session.id)))

    return FoundLearners([row(each) for each in found], [row(each) for each in kept], total or 0)


def visible_learners(by: Actor, *, ward_id: str) -> Select[Learner]:
    """Learners, not archived, whom `by` may see; those of `ward_id` included."""
    statement = select(Learner).where(Learner.archived_at.is_(None))
    if by.everywhere(Permission.SEE_PEOPLE):
        return statement
    return statement.where(
        or_(Learner.ward_id == ward_id, Learner.ward_id.in_(by.wards(Permission.SEE_PEOPLE)))
    )


def _matching(session: ClassSession, typed: str, by: Actor) -> Select[Learner]:
    wards = None if by.everywhere(Permission.SEE_PEOPLE) else by.wards(Permission.SEE_PEOPLE)
    query = people_query(typed, wards=wards)
    if query is None:
        inside = select(Enrolment.learner_id).where(
            Enrolment.session_id == session.id, Enrolment.state != "cancelled"
        )
        return select(Learner).where(
            Learner.archived_at.is_(None), Learner.ward_id == session.ward_id, Learner.id.not_in(inside)
        )
    return visible_learners(by, ward_id=session.ward_id).where(
        Learner.search.op("@@")(func.to_tsquery("simple", query))
    )


async def _learners(
    db: AsyncSession, ids: Collection[int], *, session: ClassSession, by: Actor
) -> Sequence[Learner]:
    statement = (
        visible_learners(by, ward_id=session.ward_id)
        .where(Learner.id.in_(ids))
        .order_by(Learner.sort_key, Learner.id)
        .options(joinedload(Learner.neighbourhood))
    )
    return (await db.scalars(statement)).all()


async def _states(db: AsyncSession, session_id: int, ids: Collection[int]) -> Mapping[int, str]:
    rows = await db.execute(
        select(Enrolment.learner_id, Enrolment.state).where(
            Enrolment.session_id == session_id, Enrolment.learner_id.in_(ids)
        )
    )
    return {row.learner_id: row.state for row in rows}
