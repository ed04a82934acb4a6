"""The session or assignment of an address, for those who plan it."""

from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import NotFound
from lopso.web.guards import require_in_ward
from scheduling.models import Assignment, ClassSession
from scheduling.queries.access import visible_session
from staffing.queries.assignments import assignment_in


async def session_to_staff(db: AsyncSession, session_id: int, actor: Actor) -> ClassSession:
    """A session this person plans; one they may only see is forbidden, any other does not exist."""
    session = await visible_session(db, session_id, by=actor)
    require_in_ward(actor, Permission.PLAN, session.ward_id)
    return session


async def planned_assignment(
    db: AsyncSession, session_id: int, assignment_id: int, actor: Actor
) -> Assignment:
    """An assignment of such a session, its helper loaded."""
    await session_to_staff(db, session_id, actor)
    row = await assignment_in(db, session_id, assignment_id)
    if row is None:
        raise NotFound
    return row
