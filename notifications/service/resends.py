"""Resends: a message planned once more, in a row of its own, to the number its reader has now."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from learners.models import Learner
from lopso.kernel.access import Actor
from lopso.kernel.phone import read_phone
from notifications.models import Message, MessageRecipient
from notifications.queries.policies import policies_for
from notifications.rules import timing
from notifications.rules.delivery_problems import CANCELLATIONS, WRONG_NUMBER, problem_kind
from notifications.service.ledger import notify_workers
from notifications.service.resend_rows import (
    CurrentRecipient,
    Existing,
    Resend,
    add_resends,
    existing_messages,
    merge_resends,
)
from scheduling.models import ClassSession
from trainers.models import Trainer


async def plan_resends(
    db: AsyncSession, where: Collection[ColumnElement[bool]], *, by: Actor, now: datetime
) -> list[int]:
    """Plan the messages of `where` once more, and note them as sent again. Does not commit.

    Left alone are messages that would come too late, messages about a session that has changed since, those
    to a number known to be wrong, and those whose readers one message cannot reach any more. A message that
    is pending or was sent to the same reader is not planned twice; several of one key become one message.

    Returns:
        Ids of the messages that now have a successor.
    """
    wanted = await _wanted(db, where, now)
    if not wanted:
        return []
    existing = await existing_messages(db, [each.key for each in wanted])
    missing = [each for each in wanted if not existing.get(each.key, Existing()).active]
    await add_resends(db, merge_resends(missing), existing, now)
    ids = [each.original.id for each in wanted]
    await db.execute(
        update(Message)
        .where(Message.id.in_(ids))
        .values(resolved_at=now, resolved_by=by.user_id, resolution="sent_again")
        .execution_options(synchronize_session=False)
    )
    await notify_workers(db)
    return ids


def still_relevant(now: datetime) -> list[ColumnElement[bool]]:
    """The condition of messages that are still true, and in time."""
    unchanged_session = select(ClassSession.id).where(
        ClassSession.id == Message.session_id,
        ClassSession.version == Message.session_version,
        ClassSession.cancelled_at.is_not(None) == Message.purpose.in_(CANCELLATIONS),
    )
    return [Message.useless_after > now, or_(Message.session_id.is_(None), unchanged_session.exists())]


async def _wanted(db: AsyncSession, where: Collection[ColumnElement[bool]], now: datetime) -> list[Resend]:
    """Those of the messages that can be planned once more; all are locked, in id order."""
    rows = await _locked(db, where, now)
    if not rows:
        return []
    recipients = await _current_recipients(db, [row.id for row in rows])
    policies = await policies_for(db, {row.ward_id for row in rows})
    found: list[Resend] = []
    for row in rows:
        people = recipients.get(row.id, ())
        phone = _phone_for(row, people)
        window = timing.at_once(policies[row.ward_id], row.useless_after, max(now, row.due_at))
        if phone is not None and window is not None:
            found.append(Resend(row, people, phone, window.due_at))
    return found


async def _locked(
    db: AsyncSession, where: Collection[ColumnElement[bool]], now: datetime
) -> Sequence[Message]:
    rows = await db.scalars(
        select(Message)
        .where(*where, *still_relevant(now))
        .order_by(Message.id)
        .with_for_update(of=Message)
        .execution_options(populate_existing=True)
    )
    return rows.all()


async def _current_recipients(
    db: AsyncSession, message_ids: Collection[int]
) -> dict[int, list[CurrentRecipient]]:
    """By message id whom it names, with the mobile they have now."""
    rows = await db.execute(
        select(
            MessageRecipient.message_id,
            MessageRecipient.learner_id,
            MessageRecipient.trainer_id,
            func.coalesce(Learner.phone, Trainer.phone),
        )
        .outerjoin(Learner, (Learner.id == MessageRecipient.learner_id) & Learner.archived_at.is_(None))
        .outerjoin(Trainer, Trainer.id == MessageRecipient.trainer_id)
        .where(MessageRecipient.message_id.in_(message_ids))
        .order_by(MessageRecipient.id)
    )
    found: dict[int, list[CurrentRecipient]] = {}
    for message_id, learner_id, trainer_id, phone in rows:
        mobile = phone if phone and read_phone(phone).kind == "mobile" else None
        found.setdefault(message_id, []).append(CurrentRecipient(learner_id, trainer_id, mobile))
    return found


def _phone_for(row: Message, people: Sequence[CurrentRecipient]) -> str | None:
    """The old number while somebody of the message has it, or the new one of a single reader."""
    phones = [each.phone for each in people]
    if row.to_phone in phones:
        wrong = problem_kind(row.state, row.state_reason, row.error_code) in WRONG_NUMBER
        return None if row.state != "withdrawn" and wrong else row.to_phone
    return phones[0] if len(phones) == 1 else None
