"""Open messages follow whether a person is on the ward's list: archived, left, or back."""

from datetime import datetime

from sqlalchemy import exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from learners.models import Learner
from lopso.kernel.access import Actor
from notifications.models import Message, MessageRecipient
from notifications.rules.topics import TOPIC_OF
from notifications.service.ledger import withdraw
from notifications.service.open_messages import OPEN_STATES
from notifications.service.planning.notices import redraft_notices
from notifications.service.recipients import RecipientRef, phone_of
from notifications.service.suppression import restore_messages
from trainers.models import Trainer

DEPARTED = "gone"
"""`state_reason` of messages withdrawn because everybody whom they name has left."""


async def apply_departure(db: AsyncSession, recipient: RecipientRef, *, by: Actor, now: datetime) -> None:
    """Withdraw what names only people who left; rewrite the rest without this one. Does not commit."""
    await _withdraw(db, recipient, now)
    phone = await phone_of(db, recipient)
    if phone is not None:
        await redraft_notices(db, phone, by=by, now=now)
        await restore_messages(db, phone, (), reason=DEPARTED, by=by, now=now)


async def apply_return(db: AsyncSession, recipient: RecipientRef, *, by: Actor, now: datetime) -> None:
    """Plan what is still to come; restore notices that are still true. Does not commit."""
    phone = await phone_of(db, recipient)
    if phone is not None:
        await restore_messages(db, phone, tuple(TOPIC_OF), reason=DEPARTED, by=by, now=now)


async def _withdraw(db: AsyncSession, recipient: RecipientRef, now: datetime) -> None:
    own = select(MessageRecipient.message_id).where(recipient.is_named)
    still_listed = exists().where(
        MessageRecipient.message_id == Message.id,
        or_(
            exists().where(Learner.id == MessageRecipient.learner_id, Learner.archived_at.is_(None)),
            exists().where(Trainer.id == MessageRecipient.trainer_id, Trainer.left_at.is_(None)),
        ),
    )
    found = await db.scalars(
        select(Message.id)
        .where(Message.state.in_(OPEN_STATES), Message.id.in_(own), ~still_listed)
        .order_by(Message.id)
        .with_for_update()
    )
    await withdraw(db, found.all(), reason=DEPARTED, now=now)
