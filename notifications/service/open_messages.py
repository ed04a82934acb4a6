"""Open messages: planned or claimed, not yet on their way, so that they may still be changed or withdrawn."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.db import one_of
from notifications.models import Message, MessageRecipient, MessageSession
from notifications.queries.message_conditions import about_sessions
from notifications.rules.drafts import Draft, MessageKey, OtherSession
from wordings.rules.facts import PersonKey, Purpose

OPEN_STATES = ("planned", "claimed")


@dataclass(frozen=True, slots=True)
class OpenMessage:
    """An open message as it is in the ledger.

    Attributes:
        people: whom it names.
        other_sessions: the sessions it speaks of besides the one it belongs to.
    """

    id: int
    key: MessageKey
    session_version: int
    body: str
    due_at: datetime
    useless_after: datetime
    moved_from: datetime | None
    people: frozenset[PersonKey]
    other_sessions: frozenset[OtherSession] = frozenset()

    @property
    def session_id(self) -> int:
        """The session it belongs to; only for messages about a session."""
        return int(self.key.subject)

    @property
    def session_versions(self) -> dict[int, int]:
        """Session id → the version of which it speaks."""
        others = {each.session_id: each.session_version for each in self.other_sessions}
        return {self.session_id: self.session_version, **others}

    @property
    def old_starts(self) -> dict[int, datetime]:
        """Session id → the start its reader expects, of the sessions that a move notice speaks of."""
        starts = {self.session_id: self.moved_from}
        starts |= {each.session_id: each.moved_from for each in self.other_sessions}
        return {session_id: start for session_id, start in starts.items() if start is not None}

    def equals(self, draft: Draft) -> bool:
        """Whether it already is what `draft` asks for."""
        return (
            self.session_version == draft.session_version
            and self.body == draft.text.plain
            and (self.due_at, self.useless_after) == (draft.window.due_at, draft.window.useless_after)
            and self.moved_from == draft.moved_from
            and self.people == draft.people
            and self.other_sessions == frozenset(draft.other_sessions)
        )


async def open_messages(
    db: AsyncSession, session_ids: Collection[int], purposes: Collection[Purpose]
) -> list[OpenMessage]:
    """The open messages that speak of these sessions, locked, in id order; three statements."""
    return await _open(db, about_sessions(session_ids), Message.purpose.in_(purposes))


async def open_messages_about(db: AsyncSession, subjects: Collection[str]) -> list[OpenMessage]:
    """The open messages about these subjects, locked, in id order; three statements."""
    return await _open(db, Message.about.in_(subjects))


async def _open(db: AsyncSession, *where: ColumnElement[bool]) -> list[OpenMessage]:
    rows = (
        await db.execute(
            select(
                Message.id,
                Message.session_id,
                Message.about,
                Message.purpose,
                Message.to_phone,
                Message.session_version,
                Message.body,
                Message.due_at,
                Message.useless_after,
                Message.moved_from,
            )
            .where(Message.state.in_(OPEN_STATES), *where)
            .order_by(Message.id)
            .with_for_update()
        )
    ).all()
    if not rows:
        return []
    ids = [row.id for row in rows]
    people, others = await _people_of(db, ids), await _other_sessions_of(db, ids)
    return [
        OpenMessage(
            row.id,
            MessageKey(row.about or row.session_id, cast("Purpose", row.purpose), row.to_phone),
            row.session_version,
            row.body,
            row.due_at,
            row.useless_after,
            row.moved_from,
            frozenset(people[row.id]),
            frozenset(others[row.id]),
        )
        for row in rows
    ]


async def _people_of(db: AsyncSession, message_ids: Collection[int]) -> dict[int, set[PersonKey]]:
    found: dict[int, set[PersonKey]] = {message_id: set() for message_id in message_ids}
    rows = await db.execute(
        select(MessageRecipient.message_id, MessageRecipient.learner_id, MessageRecipient.trainer_id).where(
            one_of(MessageRecipient.message_id, message_ids)
        )
    )
    for message_id, learner_id, trainer_id in rows:
        found[message_id].add((learner_id, trainer_id))
    return found


async def _other_sessions_of(db: AsyncSession, message_ids: Collection[int]) -> dict[int, set[OtherSession]]:
    found: dict[int, set[OtherSession]] = {message_id: set() for message_id in message_ids}
    for each in await db.scalars(
        select(MessageSession).where(one_of(MessageSession.message_id, message_ids))
    ):
        found[each.message_id].add(OtherSession(each.session_id, each.session_version, each.moved_from))
    return found
