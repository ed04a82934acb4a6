"""A coordinator, the assignments of a session, and events about helpers."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor, Role
from scheduling.events import AssignmentsChanged, AssignmentsEnded
from scheduling.models import Assignment, ClassSession
from tests.factories import (
    actor_for,
    add_user,
    add_ward,
)


async def add_coordinator(db: AsyncSession) -> Actor:
    await add_ward(db)
    user = await add_user(db, (Role.COORDINATOR, "19753"))
    return actor_for(user, (Role.COORDINATOR, "19753"))


async def states(db: AsyncSession, session: ClassSession) -> list[tuple[int, str, str]]:
    rows = await db.execute(
        select(Assignment.trainer_id, Assignment.role, Assignment.state)
        .where(Assignment.session_id == session.id)
        .order_by(Assignment.id)
    )
    return [(row.trainer_id, row.role, row.state) for row in rows]


def heard_in(db: AsyncSession) -> list[Any]:
    """Facts about helpers published from now on."""
    facts: list[Any] = []

    async def hear(_db: AsyncSession, fact: Any) -> None:
        facts.append(fact)

    db.info["listeners"] = {AssignmentsChanged: [hear], AssignmentsEnded: [hear]}
    return facts
