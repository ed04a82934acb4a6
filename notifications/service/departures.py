"""Somebody left the books, or is back on them: texts follow at once."""

from datetime import datetime

from sqlalchemy import exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from learners.models import Learner
from lopso.kernel.access import Actor
from notifications.models import Message, MessageRecipient
from notifications.rules.topics import TOPIC_OF
from notifications.service.contact_changes import RecipientRef, phone_of
from notifications.service.ledger import withdraw
from notifications.service.open_messages import OPEN_STATES
from notifications.service.opt_outs import restore_messages
from notifications.service.planning.notices import redraft_notices
from trainers.models import Trainer

DEPARTED = "gone"
"""Why a text was withdrawn of which every reader has left."""


async def apply_departure(
    db: AsyncSession, recipient: RecipientRef, *, departed: bool, by: Actor, now: datetime
) -> None:
    """Bring planned texts into line with whether a person is on the books. Does not commit.

    What speaks of nobody else is withdrawn; what a relative reads too goes on without this person's name. Who
    is back gets what is still to come, and the news withheld meanwhile while it holds.
    """
    if departed:
        await _withdraw(db, recipient, now)
    phone = await phone_of(db, recipient)
    if phone is not None:
        if departed:
            await redraft_notices(db, phone, by=by, now=now)
        news = () if departed else tuple(TOPIC_OF)
        await restore_messages(db, phone, news, reason=DEPARTED, by=by, now=now)


async def _withdraw(db: AsyncSession, recipient: RecipientRef, now: datetime) -> None:
    mine = select(MessageRecipient.message_id).where(
        MessageRecipient.learner_id == recipient.learner_id
        if recipient.learner_id is not None
        else MessageRecipient.trainer_id == recipient.trainer_id
    )
    still_here = exists().where(
        MessageRecipient.message_id == Message.id,
        or_(
            exists().where(Learner.id == MessageRecipient.learner_id, Learner.archived_at.is_(None)),
            exists().where(Trainer.id == MessageRecipient.trainer_id, Trainer.left_at.is_(None)),
        ),
    )
    found = await db.scalars(
        select(Message.id)
        .where(Message.state.in_(OPEN_STATES), Message.id.in_(mine), ~still_here)
        .order_by(Message.id)
        .with_for_update()
    )
    await withdraw(db, found.all(), reason=DEPARTED, now=now)
