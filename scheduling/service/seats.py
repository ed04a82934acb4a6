"""Rows of enrolments and what is told of them: shared by the services on enrolments."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TypeAlias

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


LearnersBySession: TypeAlias = Mapping[int, Collection[int]]
"""Ids of learners by session id."""


async def publish_enrolments(
    db: AsyncSession,
    enrolled: LearnersBySession,
    left: LearnersBySession | None = None,
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Tell the listeners once whose seats are new or gone by one act, if any are."""
    fact = EnrolmentsChanged(_in_order(enrolled), _in_order(left or {}), by, now)
    if fact.session_ids:
        await publish(db, fact)


async def publish_seats(
    db: AsyncSession, seats: LearnersBySession, *, waited: bool, by: Actor, now: datetime
) -> None:
    """Tell the listeners once who got a seat by one act.

    Args:
        waited: they had stood on the waiting list.
    """
    given = _in_order(seats)
    if given:
        await publish(db, SeatsGiven(given, waited, by, now))


def _in_order(learners: LearnersBySession) -> tuple[tuple[int, tuple[int, ...]], ...]:
    return tuple((each, tuple(sorted(learners[each]))) for each in sorted(learners) if learners[each])
