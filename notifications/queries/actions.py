"""The preview of an action on many messages: how many it would change, and for whom."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from learners.models import Learner
from notifications.models import Message, MessageRecipient
from trainers.models import Trainer


@dataclass(frozen=True, slots=True)
class Reach:
    """What an action would change: number of messages and segments, recipients, one message as an example.

    Attributes:
        names: of the first `SHOWN` people, by given name; `people` counts all.
        numbers: how many numbers the messages go to; several people may share one.
    """

    texts: int
    segments: int
    names: Sequence[str]
    people: int
    numbers: int
    sample: str


SHOWN = 40


async def affected_texts(db: AsyncSession, where: Sequence[ColumnElement[bool]]) -> Reach:
    """Totals of the messages of `where`; three statements."""
    total = (
        await db.execute(
            select(
                func.count(),
                func.coalesce(func.sum(Message.segments), 0),
                func.min(Message.body_accented),
                func.count(Message.to_phone.distinct()),
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
    return Reach(total[0], int(total[1]), names.all(), number or 0, total[3], total[2] or "")


async def ambiguous_among(db: AsyncSession, where: Sequence[ColumnElement[bool]]) -> int:
    """How many of these messages have an unknown outcome; one statement."""
    found = select(func.count()).select_from(Message).where(*where, Message.state == "ambiguous")
    return await db.scalar(found) or 0
