"""Whom somebody enrolled by one act, as it now is."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from learners.models import Learner
from lopso.kernel.access import Actor
from scheduling.models import ClassSession, Enrolment
from scheduling.queries.enrolments import OverlappingSeat, overlapping_seats
from scheduling.queries.places import with_place


@dataclass(frozen=True, slots=True)
class MadeEnrolment:
    """A learner with a seat or a place in the queue, in a session of the act.

    Attributes:
        position: place on the waiting list, from 1; None with a seat.
        new: the act made it; otherwise it was there before.
        overlap: a seat in another session at the same time.
    """

    enrolment: Enrolment
    session: ClassSession
    position: int | None
    new: bool
    overlap: OverlappingSeat | None


def _made(session: ClassSession, at: datetime, by: Actor) -> Select[int, int]:
    # The sessions are named: no index leads from an instant to its enrolments.
    of_series = select(ClassSession.id).where(ClassSession.series_id == session.series_id)
    return select(Enrolment.session_id, Enrolment.learner_id).where(
        or_(Enrolment.session_id == session.id, Enrolment.session_id.in_(of_series)),
        Enrolment.queued_at == at,
        Enrolment.enrolled_by == by.user_id,
        Enrolment.state != "cancelled",
    )


async def sessions_enrolled_at(
    db: AsyncSession, session: ClassSession, at: datetime, *, by: Actor
) -> Sequence[int]:
    """Sessions into which `by` enrolled at `at`: `session` and others of its series; one statement."""
    return sorted({row.session_id for row in await db.execute(_made(session, at, by))})


async def sessions_joined_at(
    db: AsyncSession, ward_id: str, learner_id: int, at: datetime, *, by: Actor
) -> Sequence[int]:
    """Sessions of a ward into which `by` enrolled one learner at `at`; one statement."""
    found = await db.scalars(
        select(Enrolment.session_id)
        .where(
            Enrolment.learner_id == learner_id,
            Enrolment.ward_id == ward_id,
            Enrolment.queued_at == at,
            Enrolment.enrolled_by == by.user_id,
            Enrolment.state != "cancelled",
        )
        .order_by(Enrolment.session_id)
    )
    return found.all()


async def enrolments_made_at(
    db: AsyncSession, session: ClassSession, at: datetime, *, by: Actor
) -> Sequence[MadeEnrolment]:
    """What became of the learners whom `by` enrolled at `at`, by given name, then by date; four statements.

    In the sessions of the act their older enrolments are there too. Learners have their neighbourhoods.
    """
    made = {(row.session_id, row.learner_id) for row in await db.execute(_made(session, at, by))}
    if not made:
        return ()
    session_ids = {session_id for session_id, _ in made}
    learner_ids = {learner_id for _, learner_id in made}
    rows = await db.execute(
        select(Enrolment, ClassSession)
        .join(ClassSession, ClassSession.id == Enrolment.session_id)
        .join(Learner, Learner.id == Enrolment.learner_id)
        .where(
            Enrolment.session_id.in_(session_ids),
            Enrolment.learner_id.in_(learner_ids),
            Enrolment.state != "cancelled",
        )
        .options(joinedload(Enrolment.learner).joinedload(Learner.neighbourhood), *with_place())
        .order_by(Learner.sort_key, Learner.id, ClassSession.starts_at, ClassSession.id)
        .execution_options(populate_existing=True)
    )
    positions = await _positions(db, session_ids)
    busy = await overlapping_seats(db, session_ids, learner_ids)
    return [
        MadeEnrolment(
            row,
            its_session,
            positions.get(row.id),
            (row.session_id, row.learner_id) in made,
            busy.get((row.learner_id, row.session_id)),
        )
        for row, its_session in rows
    ]


async def _positions(db: AsyncSession, session_ids: Collection[int]) -> Mapping[int, int]:
    """Places on the waiting lists, from 1, by enrolment; one statement."""
    place = func.row_number().over(
        partition_by=Enrolment.session_id, order_by=(Enrolment.queued_at, Enrolment.id)
    )
    rows = await db.execute(
        select(Enrolment.id, place).where(
            Enrolment.session_id.in_(session_ids), Enrolment.state == "waitlisted"
        )
    )
    return {row[0]: row[1] for row in rows}
