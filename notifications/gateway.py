"""What we need of a provider of text messages, and the three ways in which sending can fail to be sure.

GatewayError
├── GatewayRejected     the provider said no to this text for good; trying again is useless
├── GatewayUnavailable  nothing was sent: too many requests, no connection, credentials refused
└── OutcomeUnknown      the request was written and no clear answer came: it may have been sent
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from notifications.rules.states import Told


@dataclass(frozen=True, slots=True)
class OutgoingText:
    """A text on its way. `reference` is ours and names one row of the ledger; `to` is E.164.

    `useless_after` lets a provider that queues drop it instead of delivering it late.
    """

    reference: UUID
    to: str
    body: str
    useless_after: datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the provider knows of a text it took.

    Attributes:
        provider_id: its name for the text.
        detail: codes and prices as the provider gave them, for the record; no number, no text.
    """

    provider_id: str
    told: Told = "sent"
    error_code: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict[str, Any])


class GatewayError(Exception):
    """Sending did not plainly succeed; see the tree above."""


class GatewayRejected(GatewayError):
    """Refused for good, for the reason `code`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class GatewayUnavailable(GatewayError):
    """Nothing was sent; `retry_after` in seconds, `why` a short code for the log."""

    def __init__(self, why: str, *, retry_after: float) -> None:
        super().__init__(why)
        self.why = why
        self.retry_after = retry_after


class OutcomeUnknown(GatewayError):
    """It may have been sent; only the provider can tell. `why` a short code for the log."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class SmsGateway(Protocol):
    """A provider of text messages."""

    @property
    def name(self) -> str:
        """Kept with each text: who was asked to send it."""
        ...

    async def send(self, text: OutgoingText) -> Receipt:
        """Hand one text over.

        Raises:
            GatewayRejected, GatewayUnavailable, OutcomeUnknown: see there.
        """
        ...

    async def find(self, text: OutgoingText, *, since: datetime) -> Sequence[Receipt]:
        """Texts with this body to this number that the provider took since `since`, newest first.

        Raises:
            GatewayUnavailable: the provider could not be asked, which is no answer.
        """
        ...

    async def close(self) -> None:
        """Give connections back."""
        ...
