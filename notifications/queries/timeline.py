"""One message and its events."""

from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.models import User
from lopso.kernel.errors import NotFound
from notifications.models import Message
from notifications.queries.message_recipients import recipients_of
from notifications.queries.message_rows import MessageRow, events_of
from scheduling.models import ClassSession


async def check_message(db: AsyncSession, ward_id: str, message_id: int) -> None:
    """Let a message be one of this ward; one statement.

    Raises:
        NotFound: there is none in this ward.
    """
    where = (Message.id == message_id, Message.ward_id == ward_id)
    if await db.scalar(select(Message.id).where(*where)) is None:
        raise NotFound


async def message_row(db: AsyncSession, ward_id: str, message_id: int) -> MessageRow:
    """A message of this ward; three statements.

    Raises:
        NotFound: there is none in this ward.
    """
    row = (
        await db.execute(
            select(Message, ClassSession)
            .outerjoin(ClassSession, ClassSession.id == Message.session_id)
            .where(Message.id == message_id, Message.ward_id == ward_id)
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    message, session = row
    people = await recipients_of(db, [message_id])
    events = await events_of(db, [message_id])
    return MessageRow(message, session, people.get(message_id, ()), events.get(message_id, ()))


async def staff_names(db: AsyncSession, rows: Collection[MessageRow]) -> Mapping[int, str]:
    """Names of the users in the events of these messages, by id; one statement."""
    ids = {event.detail.get("by") for row in rows for event in row.events}
    users = await db.scalars(select(User).where(User.id.in_([each for each in ids if isinstance(each, int)])))
    return {user.id: user.name for user in users}
