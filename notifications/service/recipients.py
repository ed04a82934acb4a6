"""Refer to one recipient of messages, and find their number and sessions."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from learners.models import Learner
from notifications.models import MessageRecipient
from scheduling.models import ASSIGNMENT_ACTIVE, Assignment, ClassSession, Enrolment
from trainers.models import Trainer


@dataclass(frozen=True, slots=True)
class RecipientRef:
    """A learner or a helper, by id; the other id is None."""

    learner_id: int | None = None
    trainer_id: int | None = None

    @property
    def is_named(self) -> ColumnElement[bool]:
        """Whether a row of message_recipient names this person; null for rows of the other kind."""
        if self.learner_id is not None:
            return MessageRecipient.learner_id == self.learner_id
        return MessageRecipient.trainer_id == self.trainer_id


async def phone_of(db: AsyncSession, recipient: RecipientRef) -> str | None:
    """The number of this person, E.164."""
    if recipient.learner_id is not None:
        return await db.scalar(select(Learner.phone).where(Learner.id == recipient.learner_id))
    return await db.scalar(select(Trainer.phone).where(Trainer.id == recipient.trainer_id))


async def upcoming_sessions_of(db: AsyncSession, recipient: RecipientRef, now: datetime) -> list[int]:
    """Ids of published sessions still to come in which this person has a seat or helps, ascending."""
    if recipient.learner_id is not None:
        rows = (
            select(ClassSession.id)
            .join(Enrolment, Enrolment.session_id == ClassSession.id)
            .where(Enrolment.learner_id == recipient.learner_id, Enrolment.state == "enrolled")
        )
    else:
        rows = (
            select(ClassSession.id)
            .join(Assignment, Assignment.session_id == ClassSession.id)
            .where(Assignment.trainer_id == recipient.trainer_id, Assignment.state.in_(ASSIGNMENT_ACTIVE))
        )
    found = await db.scalars(
        rows.where(ClassSession.published_at.is_not(None), ClassSession.starts_at > now).order_by(
            ClassSession.id
        )
    )
    return list(found)
