"""Open messages follow a learner's consent to texts."""

from datetime import datetime

from sqlalchemy import ScalarSelect, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from learners.models import Learner
from lopso.kernel.access import Actor
from notifications.models import Message, MessageRecipient
from notifications.rules.topics import TOPIC_OF
from notifications.service.planning.notices import redraft_notices
from notifications.service.suppression import restore_messages, suppress
from wordings.queries.recipients import consent_withdrawn


async def apply_consent_change(db: AsyncSession, learner_id: int, *, by: Actor, now: datetime) -> None:
    """Reconcile open messages with a learner's consent as it is now. Does not commit.

    A message that others of the family read too is sent without this learner's name.
    """
    learner = (
        await db.execute(
            select(Learner.phone, consent_withdrawn(Learner.id).label("refused")).where(
                Learner.id == learner_id
            )
        )
    ).one_or_none()
    if learner is None or learner.phone is None:
        return
    await suppress(db, _unwanted(learner_id), reason="no_consent", now=now)
    await redraft_notices(db, learner.phone, by=by, now=now)
    purposes = () if learner.refused else tuple(TOPIC_OF)
    await restore_messages(db, learner.phone, purposes, reason="no_consent", by=by, now=now)


def _unwanted(learner_id: int) -> ScalarSelect[int]:
    """Ids of messages to learners that name this one, and nobody who consents."""
    reader = aliased(MessageRecipient)
    listed = exists().where(Learner.id == reader.learner_id, Learner.archived_at.is_(None))
    consenting = exists().where(
        reader.message_id == Message.id,
        or_(reader.learner_id.is_(None), ~consent_withdrawn(reader.learner_id) & listed),
    )
    return (
        select(Message.id)
        .join(MessageRecipient, MessageRecipient.message_id == Message.id)
        .where(MessageRecipient.learner_id == learner_id, Message.message_class == "service", ~consenting)
        .scalar_subquery()
    )
