"""The session of an address, for those who plan it."""

from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor, Permission
from lopso.web.guards import require_in_ward
from scheduling.models import ClassSession
from scheduling.queries.access import visible_session


async def planned_session(db: AsyncSession, session_id: int, actor: Actor) -> ClassSession:
    """A session this person plans; one they may only see is forbidden, any other does not exist."""
    session = await visible_session(db, session_id, by=actor)
    require_in_ward(actor, Permission.PLAN, session.ward_id)
    return session
