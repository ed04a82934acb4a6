"""Rows of resends: what the ledger holds already, and copies of messages for the numbers of today."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple
from uuid import uuid4

from sqlalchemy import func, insert, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from notifications.models import Message, MessageRecipient, MessageSession
from notifications.rules.states import PENDING_STATES, SENT_STATES

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


class UniqueKey(NamedTuple):
    """What is unique in the ledger, `repeat` aside."""

    purpose: str
    phone: str
    session_id: int | None
    session_version: int
    about: str


class Existing(NamedTuple):
    """What the ledger holds for a key: the highest `repeat`, and whether a message is pending or was sent."""

    last_repeat: int = -1
    active: bool = False


@dataclass(frozen=True, slots=True)
class CurrentRecipient:
    """Whom a message names, with the number they have now."""

    learner_id: int | None
    trainer_id: int | None
    phone: str | None  # a mobile, as it is now


@dataclass(frozen=True, slots=True)
class Resend:
    """A message to be planned once more, for whom, and when."""

    original: Message
    recipients: Sequence[CurrentRecipient]
    phone: str
    due_at: datetime

    @property
    def key(self) -> UniqueKey:
        row = self.original
        return UniqueKey(row.purpose, self.phone, row.session_id, row.session_version, row.about)


def merge_resends(wanted: Iterable[Resend]) -> list[Resend]:
    """One for each key: the newest of `wanted`, for everybody whom those of the key name.

    Texts of one kind to two numbers have the same key once both people can be reached at one number.
    """
    newest: dict[UniqueKey, Resend] = {}
    for each in sorted(wanted, key=lambda resend: resend.original.id):
        earlier = newest.get(each.key)
        recipients = (*(earlier.recipients if earlier else ()), *each.recipients)
        newest[each.key] = replace(each, recipients=tuple(dict.fromkeys(recipients)))
    return list(newest.values())


async def existing_messages(db: AsyncSession, keys: Collection[UniqueKey]) -> dict[UniqueKey, Existing]:
    """What the ledger holds for these keys; one statement."""
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
    return {UniqueKey(*row[:5]): Existing(*row[5:]) for row in rows}


async def add_resends(
    db: AsyncSession,
    wanted: Collection[Resend],
    existing: Mapping[UniqueKey, Existing],
    now: datetime,
) -> None:
    """Add the copies with their recipients and sessions; at most four statements. Does not commit."""
    if not wanted:
        return
    by_reference = {uuid4(): each for each in wanted}
    rows = [
        {name: getattr(each.original, name) for name in _COPIED_COLUMNS}
        | {
            "to_phone": each.phone,
            "repeat": existing.get(each.key, Existing()).last_repeat + 1,
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
