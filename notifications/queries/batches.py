"""Messages about one session in batches: those of one purpose that are sent together."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from notifications.models import Message
from notifications.queries.message_conditions import COSTLY, NOT_REPLACED, SHOWN_STATE


@dataclass(frozen=True, slots=True)
class SessionBatch:
    """Messages of one purpose about one session: when they are sent, their states, one as an example."""

    purpose: str
    due_at: datetime
    by_state: dict[str, int]
    segments: int
    sample: str

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.by_state.values())


async def session_batches(db: AsyncSession, session_id: int) -> list[SessionBatch]:
    """Messages about one session by purpose and time, earliest first; one statement."""
    rows = await db.execute(
        select(
            Message.purpose,
            Message.session_version,
            SHOWN_STATE,
            func.min(Message.due_at),
            func.count(),
            func.sum(Message.segments),
            func.min(Message.body_accented),
        )
        .where(Message.session_id == session_id, NOT_REPLACED)
        .group_by(Message.purpose, Message.session_version, SHOWN_STATE)
        .order_by(func.min(Message.due_at), Message.purpose, Message.session_version)
    )
    found: dict[tuple[str, int], SessionBatch] = {}
    for purpose, version, state, due_at, number, segments, sample in rows:
        known = found.get((purpose, version))
        found[purpose, version] = SessionBatch(
            purpose,
            shown_hour(known.due_at, known.by_state, due_at, state) if known else due_at,
            {**(known.by_state if known else {}), state: number},
            (known.segments if known else 0) + (int(segments) if state in COSTLY else 0),
            # The hour of a withdrawn message counts only where no other is left.
            known.sample if known and state == "withdrawn" else sample,
        )
    return list(found.values())


def shown_hour(known: datetime, states: Collection[str], due_at: datetime, state: str) -> datetime:
    """The earliest hour of messages that were not withdrawn, with one state more.

    Args:
        known: the hour so far, of the messages in `states`.
    """
    if state == "withdrawn":
        return known
    return due_at if set(states) == {"withdrawn"} else min(known, due_at)
