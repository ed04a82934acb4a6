"""A text planned once more: the same words, in a row of its own, to the number its reader has now."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
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

_CARRIED_OVER = (
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

_Place = tuple[str, str, int | None, int, str]
"""Purpose, phone, session, its version, subject: what makes a text one text, repeats aside."""


@dataclass(frozen=True, slots=True)
class _Reader:
    learner_id: int | None
    trainer_id: int | None
    phone: str | None  # a mobile, as it is now


async def plan_resends(
    db: AsyncSession, where: Collection[ColumnElement[bool]], *, by: Actor, now: datetime
) -> list[int]:
    """Plan the texts of `where` once more, and note them as sent again. Does not commit.

    Left alone are texts that would come too late, texts about a session that has changed since, those to a
    number known to be wrong, and those whose readers one text cannot reach any more. A text that already
    stands for the same reader is not planned twice.

    Returns:
        Ids of the texts that now have a successor.
    """
    rows = await _locked(db, where, now)
    if not rows:
        return []
    readers = await _readers(db, [row.id for row in rows])
    policies = await policies_for(db, {row.ward_id for row in rows})
    wanted: dict[int, tuple[Message, str, datetime]] = {}
    for row in rows:
        phone = _number(row, readers.get(row.id, ()))
        window = timing.at_once(policies[row.ward_id], row.useless_after, max(now, row.due_at))
        if phone is not None and window is not None:
            wanted[row.id] = (row, phone, window.due_at)
    taken = await _taken(db, [_place(row, phone) for row, phone, _due in wanted.values()])
    fresh = {
        message_id: each
        for message_id, each in wanted.items()
        if not taken.get(_place(each[0], each[1]), (0, False))[1]
    }
    await _add(db, fresh, readers, {place: last for place, (last, _stands) in taken.items()}, now)
    if wanted:
        await db.execute(
            update(Message)
            .where(Message.id.in_(wanted))
            .values(resolved_at=now, resolved_by=by.user_id, resolution="sent_again")
            .execution_options(synchronize_session=False)
        )
        await notify_workers(db)
    return list(wanted)


def still_relevant(now: datetime) -> list[ColumnElement[bool]]:
    """Texts that still say something true, and in time."""
    as_it_stands = select(ClassSession.id).where(
        ClassSession.id == Message.session_id,
        ClassSession.version == Message.session_version,
        ClassSession.cancelled_at.is_not(None) == Message.purpose.in_(CANCELLATIONS),
    )
    return [Message.useless_after > now, or_(Message.session_id.is_(None), as_it_stands.exists())]


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


async def _readers(db: AsyncSession, message_ids: Collection[int]) -> dict[int, list[_Reader]]:
    """Whom each text is for, with the mobile they have now."""
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
    found: dict[int, list[_Reader]] = {}
    for message_id, learner_id, trainer_id, phone in rows:
        mobile = phone if phone and read_phone(phone).kind == "mobile" else None
        found.setdefault(message_id, []).append(_Reader(learner_id, trainer_id, mobile))
    return found


def _number(row: Message, readers: Sequence[_Reader]) -> str | None:
    """The old number while somebody of the text has it, or the new one of a single reader."""
    phones = [reader.phone for reader in readers]
    if row.to_phone in phones:
        dead = problem_kind(row.state, row.state_reason, row.error_code) in WRONG_NUMBER
        return None if row.state != "withdrawn" and dead else row.to_phone
    return phones[0] if len(phones) == 1 else None


def _place(row: Message, phone: str) -> _Place:
    return row.purpose, phone, row.session_id, row.session_version, row.about


async def _taken(db: AsyncSession, places: Collection[_Place]) -> dict[_Place, tuple[int, bool]]:
    """For each place in the ledger its last repeat, and whether a text stands there that goes or went."""
    if not places:
        return {}
    columns = (
        Message.purpose,
        Message.to_phone,
        Message.session_id,
        Message.session_version,
        Message.about,
    )
    rows = await db.execute(
        select(
            *columns,
            func.max(Message.repeat),
            func.bool_or(Message.state.in_((*PENDING_STATES, *SENT_STATES))),
        )
        .where(
            Message.to_phone.in_({place[1] for place in places}),
            tuple_(Message.purpose, Message.session_version, Message.about).in_(
                {(place[0], place[3], place[4]) for place in places}
            ),
            Message.state.not_in(("withdrawn", "suppressed")),
        )
        .group_by(*columns)
    )
    return {
        (purpose, phone, session_id, version, about): (last, stands)
        for purpose, phone, session_id, version, about, last, stands in rows
    }


async def _add(
    db: AsyncSession,
    wanted: Mapping[int, tuple[Message, str, datetime]],
    readers: Mapping[int, Sequence[_Reader]],
    last: Mapping[_Place, int],
    now: datetime,
) -> None:
    if not wanted:
        return
    before = {uuid4(): message_id for message_id in wanted}
    rows: list[dict[str, Any]] = []
    for reference, message_id in before.items():
        row, phone, due_at = wanted[message_id]
        repeat = last.get(_place(row, phone), -1) + 1
        rows.append(
            {name: getattr(row, name) for name in _CARRIED_OVER}
            | {
                "to_phone": phone,
                "repeat": repeat,
                "due_at": due_at,
                "reference": reference,
                "created_at": now,
                # Taken out while somebody held it back, put back by mistake or not: it is held still.
                "held_at": row.held_at if row.state == "withdrawn" else None,
                "held_by": row.held_by if row.state == "withdrawn" else None,
            }
        )
    added = (await db.execute(insert(Message).returning(Message.id, Message.reference), rows)).all()
    copy_of = {before[reference]: new_id for new_id, reference in added}
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
    await db.execute(
        insert(MessageRecipient),
        [
            {"message_id": new_id, "learner_id": reader.learner_id, "trainer_id": reader.trainer_id}
            for new_id, reference in added
            for reader in readers[before[reference]]
        ],
    )
