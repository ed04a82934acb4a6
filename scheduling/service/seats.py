"""Rows of enrolments and what is told of them: shared by the services on enrolments."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from lopso.kernel.events import publish
from scheduling.events import EnrolmentsChanged, SeatsGiven
from scheduling.models import Enrolment

EnrolmentsByKey = Mapping[tuple[int, int], Enrolment]
"""Enrolments by (session id, learner id)."""


def is_active(row: Enrolment | None) -> bool:
    """Whether there is a seat or a place on the waiting list."""
    return row is not None and row.state != "cancelled"


async def enrolments_of(
    db: AsyncSession, session_ids: Collection[int], learner_ids: Collection[int]
) -> EnrolmentsByKey:
    """Enrolments of these learners in these sessions, cancelled ones too; one statement."""
    statement = (
        select(Enrolment)
        .where(Enrolment.session_id.in_(session_ids), Enrolment.learner_id.in_(learner_ids))
        .execution_options(populate_existing=True)
    )
    return {(row.session_id, row.learner_id): row for row in await db.scalars(statement)}


async def publish_changes(
    db: AsyncSession,
    session_id: int,
    *,
    enrolled: Sequence[int],
    left: Sequence[int],
    by: Actor,
    now: datetime,
) -> None:
    """Tell the listeners whose seats in a session are new or gone, if any are."""
    if not enrolled and not left:
        return
    fact = EnrolmentsChanged(
        session_id, enrolled=tuple(sorted(enrolled)), left=tuple(sorted(left)), by=by, at=now
    )
    await publish(db, fact)


async def publish_seats(
    db: AsyncSession, seats: Mapping[int, Sequence[int]], *, waited: bool, by: Actor, now: datetime
) -> None:
    """Tell the listeners once who got a seat by one act.

    Args:
        seats: ids of learners by session id.
        waited: they had stood on the waiting list.
    """
    given = tuple(
        (session_id, tuple(sorted(seats[session_id]))) for session_id in sorted(seats) if seats[session_id]
    )
    if given:
        await publish(db, SeatsGiven(given, waited, by, now))
