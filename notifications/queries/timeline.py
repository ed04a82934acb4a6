"""One text and what happened to it, and what a deed on many texts would touch."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.models import User
from learners.models import Learner
from lopso.kernel.errors import NotFound
from notifications.models import Message, MessageRecipient
from notifications.queries.texts import TextRow, events_of, readers_of
from scheduling.models import ClassSession
from trainers.models import Trainer


async def one_text(db: AsyncSession, ward_id: str, message_id: int) -> TextRow:
    """A text of this ward; three statements.

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
    people = await readers_of(db, [message_id])
    events = await events_of(db, [message_id])
    return TextRow(message, session, people.get(message_id, ()), events.get(message_id, ()))


async def staff_names(db: AsyncSession, rows: Collection[TextRow]) -> Mapping[int, str]:
    """The names of whoever did something to these texts; one statement."""
    ids = {event.detail.get("by") for row in rows for event in row.events}
    users = await db.scalars(select(User).where(User.id.in_([each for each in ids if isinstance(each, int)])))
    return {user.id: user.name for user in users}


@dataclass(frozen=True, slots=True)
class Reach:
    """What a deed would touch: how many texts and segments, whom they are for, one of them to read.

    Attributes:
        names: of the first `SHOWN` people, by given name; `people` counts all.
    """

    texts: int
    segments: int
    names: Sequence[str]
    people: int
    sample: str


SHOWN = 40


async def reach(db: AsyncSession, where: Sequence[ColumnElement[bool]]) -> Reach:
    """The texts of `where` in sum; three statements."""
    total = (
        await db.execute(
            select(
                func.count(),
                func.coalesce(func.sum(Message.segments), 0),
                func.min(Message.body_accented),
            ).where(*where)
        )
    ).one()
    key = func.coalesce(Learner.sort_key, Trainer.sort_key)
    name = func.coalesce(Learner.full_name, Trainer.full_name)
    people = (
        select(MessageRecipient.learner_id, MessageRecipient.trainer_id, name.label("name"), key.label("key"))
        .join(Message, Message.id == MessageRecipient.message_id)
        .outerjoin(Learner, Learner.id == MessageRecipient.learner_id)
        .outerjoin(Trainer, Trainer.id == MessageRecipient.trainer_id)
        .where(*where)
        .distinct()
        .subquery()
    )
    names = await db.scalars(select(people.c.name).order_by(people.c.key).limit(SHOWN))
    number = await db.scalar(select(func.count()).select_from(people))
    return Reach(total[0], int(total[1]), names.all(), number or 0, total[2] or "")


async def ambiguous_among(db: AsyncSession, where: Sequence[ColumnElement[bool]]) -> int:
    """How many of these texts have an unknown outcome; one statement."""
    found = select(func.count()).select_from(Message).where(*where, Message.state == "ambiguous")
    return await db.scalar(found) or 0
