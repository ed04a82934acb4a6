"""Resends: a message planned once more, in a row of its own, to the number its reader has now."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import uuid4

from sqlalchemy import ColumnElement, func, insert, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from learners.models import Learner
from lopso.kernel.access import Actor
from lopso.kernel.phone import read_phone
from notifications.models import Message, MessageRecipient, MessageSession
from notifications.queries.policies import policies_for
from notifications.rules import timing
from notifications.rules.delivery_problems import CANCELLATIONS, WRONG_NUMBER, problem_kind
from notifications.rules.states import PENDING_STATES, SENT_STATES
from notifications.service.ledger import notify_workers
from scheduling.models import ClassSession
from trainers.models import Trainer

_COPIED_COLUMNS = (
    "ward_id",
    "session_id",
    "session_version",
    "about",
    "purpose",
    "message_class",
    "channel",
    "template_id",
    "body",
    "body_accented",
    "encoding",
    "segments",
    "useless_after",
    "urgent",
    "moved_from",
)


class _UniqueKey(NamedTuple):
    """What is unique in the ledger, `repeat` aside."""

    purpose: str
    phone: str
    session_id: int | None
    session_version: int
    about: str


class _Existing(NamedTuple):
    """What the ledger holds for a key: the highest `repeat`, and whether a message is pending or was sent."""

    last_repeat: int = -1
    active: bool = False


@dataclass(frozen=True, slots=True)
class _CurrentRecipient:
    learner_id: int | None
    trainer_id: int | None
    phone: str | None  # a mobile, as it is now


@dataclass(frozen=True, slots=True)
class _Resend:
    """A message to be planned once more, for whom, and when."""

    original: Message
    recipients: Sequence[_CurrentRecipient]
    phone: str
    due_at: datetime

    @property
    def key(self) -> _UniqueKey:
        row = self.original
        return _UniqueKey(row.purpose, self.phone, row.session_id, row.session_version, row.about)


async def plan_resends(
    db: AsyncSession, where: Collection[ColumnElement[bool]], *, by: Actor, now: datetime
) -> list[int]:
    """Plan the messages of `where` once more, and note them as sent again. Does not commit.

    Left alone are messages that would come too late, messages about a session that has changed since, those
    to a number known to be wrong, and those whose readers one message cannot reach any more. A message that
    is pending or was sent to the same reader is not planned twice.

    Returns:
        Ids of the messages that now have a successor.
    """
    wanted = await _wanted(db, where, now)
    if not wanted:
        return []
    existing = await _existing(db, [each.key for each in wanted])
    await _add(db, [each for each in wanted if not existing.get(each.key, _Existing()).active], existing, now)
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


async def _wanted(db: AsyncSession, where: Collection[ColumnElement[bool]], now: datetime) -> list[_Resend]:
    """Those of the messages that can be planned once more; all are locked, in id order."""
    rows = await _locked(db, where, now)
    if not rows:
        return []
    recipients = await _current_recipients(db, [row.id for row in rows])
    policies = await policies_for(db, {row.ward_id for row in rows})
    found: list[_Resend] = []
    for row in rows:
        people = recipients.get(row.id, ())
        phone = _phone_for(row, people)
        window = timing.at_once(policies[row.ward_id], row.useless_after, max(now, row.due_at))
        if phone is not None and window is not None:
            found.append(_Resend(row, people, phone, window.due_at))
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
) -> dict[int, list[_CurrentRecipient]]:
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
    found: dict[int, list[_CurrentRecipient]] = {}
    for message_id, learner_id, trainer_id, phone in rows:
        mobile = phone if phone and read_phone(phone).kind == "mobile" else None
        found.setdefault(message_id, []).append(_CurrentRecipient(learner_id, trainer_id, mobile))
    return found


def _phone_for(row: Message, people: Sequence[_CurrentRecipient]) -> str | None:
    """The old number while somebody of the message has it, or the new one of a single reader."""
    phones = [each.phone for each in people]
    if row.to_phone in phones:
        wrong = problem_kind(row.state, row.state_reason, row.error_code) in WRONG_NUMBER
        return None if row.state != "withdrawn" and wrong else row.to_phone
    return phones[0] if len(phones) == 1 else None


async def _existing(db: AsyncSession, keys: Collection[_UniqueKey]) -> dict[_UniqueKey, _Existing]:
    columns = (
        Message.purpose,
        Message.to_phone,
        Message.session_id,
        Message.session_version,
        Message.about,
    )
    active = func.bool_or(Message.state.in_((*PENDING_STATES, *SENT_STATES)))
    rows = await db.execute(
        select(*columns, func.max(Message.repeat), active)
        .where(
            Message.to_phone.in_({key.phone for key in keys}),
            tuple_(Message.purpose, Message.session_version, Message.about).in_(
                {(key.purpose, key.session_version, key.about) for key in keys}
            ),
            Message.state.not_in(("withdrawn", "suppressed")),
        )
        .group_by(*columns)
    )
    return {_UniqueKey(*row[:5]): _Existing(*row[5:]) for row in rows}


async def _add(
    db: AsyncSession,
    wanted: Collection[_Resend],
    existing: Mapping[_UniqueKey, _Existing],
    now: datetime,
) -> None:
    if not wanted:
        return
    by_reference = {uuid4(): each for each in wanted}
    rows = [
        {name: getattr(each.original, name) for name in _COPIED_COLUMNS}
        | {
            "to_phone": each.phone,
            "repeat": existing.get(each.key, _Existing()).last_repeat + 1,
            "due_at": each.due_at,
            "reference": reference,
            "created_at": now,
            # Withdrawn while it was held, and put back, by mistake or not: it stays held.
            "held_at": each.original.held_at if each.original.state == "withdrawn" else None,
            "held_by": each.original.held_by if each.original.state == "withdrawn" else None,
        }
        for reference, each in by_reference.items()
    ]
    added = await db.execute(insert(Message).returning(Message.id, Message.reference), rows)
    new_ids = {message_id: by_reference[reference] for message_id, reference in added}
    await _copy_other_sessions(db, {each.original.id: new_id for new_id, each in new_ids.items()})
    await db.execute(
        insert(MessageRecipient),
        [
            {"message_id": new_id, "learner_id": one.learner_id, "trainer_id": one.trainer_id}
            for new_id, each in new_ids.items()
            for one in each.recipients
        ],
    )


async def _copy_other_sessions(db: AsyncSession, copy_of: Mapping[int, int]) -> None:
    """Give copies the other sessions of their originals; `copy_of`: original's id → copy's id."""
    others = (await db.scalars(select(MessageSession).where(MessageSession.message_id.in_(copy_of)))).all()
    if others:
        await db.execute(
            insert(MessageSession),
            [
                {
                    "message_id": copy_of[each.message_id],
                    "session_id": each.session_id,
                    "session_version": each.session_version,
                    "moved_from": each.moved_from,
                }
                for each in others
            ],
        )
