"""The messages of a preview: read from the ledger inside a savepoint, grouped as pages show them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from notifications.models import Message
from notifications.queries.message_conditions import about_sessions
from notifications.rules.reach import ChangeReach


@dataclass(frozen=True, slots=True)
class MessagePreview:
    """Messages of one wording that are due at one time; `sample` is the accented body of one of them."""

    purpose: str
    due_at: datetime
    count: int
    segments: int
    sample: str


@dataclass(frozen=True, slots=True)
class ChangePreview:
    """What would be sent, or `refusal`: a sentence that says why the change is not possible.

    `reach`: who hears of it by text; None for a change of seats, whose page names the people. `invites`: how
    many appointments in people's calendars are brought up to date by mail.
    """

    messages: Sequence[MessagePreview] = ()
    refusal: str = ""
    reach: ChangeReach | None = None
    invites: int = 0

    @property
    def count(self) -> int:
        return sum(each.count for each in self.messages)

    @property
    def segments(self) -> int:
        return sum(each.segments for each in self.messages)


class PlannedMessage(NamedTuple):
    """A planned message; the first three fields tell whether it was planned before the change, unchanged."""

    id: int
    body: str
    due_at: datetime
    purpose: str
    template_id: int
    segments: int

    @property
    def group(self) -> tuple[datetime, str, int]:
        """What messages that are shown as one have in common."""
        return self.due_at, self.purpose, self.template_id


async def planned_notices(
    db: AsyncSession, session_ids: Collection[int], purposes: Collection[str]
) -> Sequence[PlannedMessage]:
    """Planned messages of these purposes about these sessions, in sending order."""
    rows = await db.execute(
        select(
            Message.id,
            Message.body_accented,
            Message.due_at,
            Message.purpose,
            Message.template_id,
            Message.segments,
        )
        .where(about_sessions(session_ids), Message.purpose.in_(purposes), Message.state == "planned")
        .order_by(Message.due_at, Message.purpose.desc(), Message.template_id, Message.body_accented)
    )
    return [PlannedMessage(*row) for row in rows]


def grouped_messages(messages: Iterable[PlannedMessage]) -> Sequence[MessagePreview]:
    """Messages, those of a group one after the other, as pages show them."""
    found: list[MessagePreview] = []
    for (due_at, purpose, _wording), alike in groupby(messages, key=lambda message: message.group):
        several = list(alike)
        segments = sum(message.segments for message in several)
        found.append(MessagePreview(purpose, due_at, len(several), segments, several[0].body))
    return found
