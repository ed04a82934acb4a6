"""Open messages follow a person's corrected number or name."""

from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from notifications.models import Message, MessageRecipient
from notifications.rules.delivery_problems import UNWANTED
from notifications.rules.states import PROBLEM_STATES
from notifications.service.open_messages import OPEN_STATES
from notifications.service.planning.notices import redraft_notices
from notifications.service.planning.phones import REPLANNABLE, replan_phone
from notifications.service.recipients import RecipientRef, phone_of, upcoming_sessions_of
from notifications.service.resends import plan_resends
from wordings.queries.sessions import lock_sessions
from wordings.rules.facts import REMINDERS


async def apply_phone_change(
    db: AsyncSession, recipient: RecipientRef, *, old: str | None, new: str | None, by: Actor, now: datetime
) -> None:
    """Reconcile the ledger with a person's corrected number (E.164). Does not commit.

    Reminders and offers are planned anew for both numbers. Notices (a move, a cancellation) that are open for
    the old number, and whatever failed there, are planned for the new one if they name nobody else. A fixed
    number of statements.
    """
    session_ids = await upcoming_sessions_of(db, recipient, now)
    await lock_sessions(db, session_ids)  # before any message: the order in which plans lock
    own = [Message.to_phone == old, Message.resolved_at.is_(None), *_naming_only(recipient), _follows_phone()]
    if old is not None:
        # Notices first: whom one of them asks to replace somebody gets no other offer.
        moved = await plan_resends(db, [*own, Message.purpose.not_in(REMINDERS)], by=by, now=now)
        # The old number may belong to a stranger: nothing stays open for it.
        await db.execute(
            update(Message)
            .where(Message.id.in_(moved), Message.state.in_(OPEN_STATES))
            .values(state="withdrawn", state_reason="phone_changed", lease_until=None, finished_at=now)
            .execution_options(synchronize_session=False)
        )
    for phone in (old, new):
        if phone is not None:
            await replan_phone(db, phone, session_ids, by=by, now=now)
    if old is not None:
        await plan_resends(db, [*own, Message.purpose.in_(REMINDERS)], by=by, now=now)


async def apply_name_change(db: AsyncSession, recipient: RecipientRef, *, by: Actor, now: datetime) -> None:
    """Rewrite open messages with the name that a person has now. Does not commit."""
    phone = await phone_of(db, recipient)
    if phone is None:
        return
    if recipient.learner_id is not None:
        session_ids = await upcoming_sessions_of(db, recipient, now)
        await replan_phone(db, phone, session_ids, by=by, now=now)
    await redraft_notices(db, phone, by=by, now=now)


def _naming_only(recipient: RecipientRef) -> list[ColumnElement[bool]]:
    """Messages that name this person alone: what a relative reads too stays at the number they share."""
    own = recipient.is_named
    somebody_else = func.coalesce(own, False).is_(False)
    return [
        Message.id.in_(select(MessageRecipient.message_id).where(own)),
        ~exists().where(MessageRecipient.message_id == Message.id, somebody_else),
    ]


def _follows_phone() -> ColumnElement[bool]:
    """Open notices, and what failed at the old number, but for what the person did not want."""
    return or_(
        Message.state.in_(OPEN_STATES) & Message.purpose.not_in(REPLANNABLE),
        Message.state.in_(PROBLEM_STATES)
        & (Message.state != "ambiguous")
        & Message.state_reason.not_in(UNWANTED),
    )
