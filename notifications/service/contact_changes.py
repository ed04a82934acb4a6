"""A corrected number: what is still of use goes there, what waits for the old one does not. And a name."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from learners.models import Learner
from lopso.kernel.access import Actor
from notifications.models import Message, MessageRecipient
from notifications.queries.sessions import lock_sessions
from notifications.rules.delivery_problems import UNWANTED
from notifications.rules.facts import REMINDERS
from notifications.rules.states import PROBLEM_STATES
from notifications.service.open_messages import OPEN_STATES
from notifications.service.planning.notices import redraft_notices
from notifications.service.planning.phones import REPLANNABLE, replan_phone
from notifications.service.resends import plan_resends
from scheduling.models import ASSIGNMENT_ACTIVE, Assignment, ClassSession, Enrolment
from trainers.models import Trainer


@dataclass(frozen=True, slots=True)
class RecipientRef:
    """A learner or a helper."""

    learner_id: int | None = None
    trainer_id: int | None = None


async def apply_phone_change(
    db: AsyncSession, recipient: RecipientRef, *, old: str | None, new: str | None, by: Actor, now: datetime
) -> None:
    """Bring the ledger into line with a person's corrected number. Does not commit.

    Reminders and askings are planned anew for both numbers. News (a move, a cancellation) that waits for
    the old number, and whatever failed there, goes to the new one, where it speaks of nobody else. A fixed
    number of statements.
    """
    session_ids = await _sessions_of(db, recipient, now)
    await lock_sessions(db, session_ids)  # locked before any text, as plans lock them
    mine = [Message.to_phone == old, Message.resolved_at.is_(None), *_only_for(recipient), _to_follow()]
    if old is not None:
        # News first: whom it asks to stand in is not asked a second time.
        followed = await plan_resends(db, [*mine, Message.purpose.not_in(REMINDERS)], by=by, now=now)
        # The old number may be a stranger's: nothing waits for it any more.
        await db.execute(
            update(Message)
            .where(Message.id.in_(followed), Message.state.in_(OPEN_STATES))
            .values(state="withdrawn", state_reason="phone_changed", lease_until=None, finished_at=now)
            .execution_options(synchronize_session=False)
        )
    for phone in (old, new):
        if phone is not None:
            await replan_phone(db, phone, session_ids, by=by, now=now)
    if old is not None:
        await plan_resends(db, [*mine, Message.purpose.in_(REMINDERS)], by=by, now=now)


async def apply_name_change(db: AsyncSession, recipient: RecipientRef, *, by: Actor, now: datetime) -> None:
    """Have open texts call a person as they are called now. Does not commit."""
    phone = await phone_of(db, recipient)
    if phone is None:
        return
    if recipient.learner_id is not None:
        session_ids = await _sessions_of(db, recipient, now)
        await replan_phone(db, phone, session_ids, by=by, now=now)
    await redraft_notices(db, phone, by=by, now=now)


async def phone_of(db: AsyncSession, recipient: RecipientRef) -> str | None:
    """The number of this person, E.164."""
    if recipient.learner_id is not None:
        return await db.scalar(select(Learner.phone).where(Learner.id == recipient.learner_id))
    return await db.scalar(select(Trainer.phone).where(Trainer.id == recipient.trainer_id))


def _only_for(recipient: RecipientRef) -> list[ColumnElement[bool]]:
    """Texts that speak of this person alone: what a relative reads too stays at the number they share."""
    here = MessageRecipient.message_id == Message.id
    him = (
        MessageRecipient.learner_id == recipient.learner_id
        if recipient.learner_id is not None
        else MessageRecipient.trainer_id == recipient.trainer_id
    )
    others = func.coalesce(him, False).is_(False)
    return [
        Message.id.in_(select(MessageRecipient.message_id).where(him)),
        ~exists().where(here, others),
    ]


def _to_follow() -> ColumnElement[bool]:
    return or_(
        Message.state.in_(OPEN_STATES) & Message.purpose.not_in(REPLANNABLE),
        Message.state.in_(PROBLEM_STATES)
        & (Message.state != "ambiguous")
        & Message.state_reason.not_in(UNWANTED),
    )


async def _sessions_of(db: AsyncSession, recipient: RecipientRef, now: datetime) -> list[int]:
    """Published sessions still to come in which this person has a seat or helps, in id order."""
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
