"""Which session somebody may open."""

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor, Permission
from scheduling.errors import SessionNotFound
from scheduling.models import ASSIGNMENT_ACTIVE, Assignment, ClassSession
from scheduling.queries.places import with_place
from trainers.models import Trainer


async def visible_session(db: AsyncSession, session_id: int, *, by: Actor) -> ClassSession:
    """The session with its place; at most two statements.

    Seen by those who see the calendar of its ward, and by a helper who is asked into it or has accepted,
    once it is published.

    Raises:
        SessionNotFound: there is none, or not for this person: the two look alike.
    """
    session = await db.scalar(
        select(ClassSession).where(ClassSession.id == session_id).options(*with_place())
    )
    if session is None:
        raise SessionNotFound(session_id)
    if by.may(Permission.SEE_CALENDAR, session.ward_id):
        return session
    if session.published_at is None or not await _helps_in(db, session_id, by):
        raise SessionNotFound(session_id)
    return session


async def _helps_in(db: AsyncSession, session_id: int, by: Actor) -> bool:
    if by.user_id is None:
        return False
    asked = (
        select(Assignment.id)
        .join(Trainer, Trainer.id == Assignment.trainer_id)
        .where(
            Assignment.session_id == session_id,
            Assignment.state.in_(ASSIGNMENT_ACTIVE),
            Trainer.user_id == by.user_id,
            Trainer.left_at.is_(None),
        )
    )
    return bool(await db.scalar(select(exists(asked))))
