"""Attempts to send a text, and their outcomes."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from gateways.protocol import OutgoingText


@dataclass(frozen=True, slots=True)
class SendAttempt:
    """One attempt to send one text.

    Attributes:
        number: the attempt's number, from 1; each is recorded under its own.
        provider: the only one that knows the outcome of this attempt.
        never_seen: number of earlier attempts that the provider had never seen.
    """

    id: int
    number: int
    provider: str
    tried_at: datetime
    text: OutgoingText
    never_seen: int = 0


@dataclass(frozen=True, slots=True)
class SendOutcome:
    """The outcome of an attempt, to be recorded.

    Attributes:
        state: "planned" releases the text, to be sent at `due_at` or to expire.
        detail: codes only, stored in the message's history.
    """

    attempt: SendAttempt
    state: str
    reason: str = ""
    provider_id: str | None = None
    error_code: str | None = None
    due_at: datetime | None = None
    detail: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class ReconcileWindow:
    """Age limits of attempts to look up, and the pause between lookups of one attempt."""

    youngest: timedelta
    oldest: timedelta
    pause: timedelta


def attempt_of(row: Row[Any], never_seen: int = 0) -> SendAttempt:
    """The attempt in a row of `message` with its `registered_id` and `wording`."""
    going = OutgoingText(
        row.reference,
        row.to_phone,
        row.body,
        row.useless_after,
        row.message_class,
        row.registered_id,
        row.wording,
    )
    return SendAttempt(row.id, row.attempts, row.provider, row.tried_at, going, never_seen)
