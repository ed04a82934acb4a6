"""The protocol of an SMS provider, and the three ways in which sending can fail.

GatewayError
├── GatewayRejected     the provider refused this text for good, with a reason
├── GatewayUnavailable  nothing was sent: too many requests, no connection, credentials refused
└── OutcomeUnknown      the request was written without a clear answer: it may have been sent
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol
from uuid import UUID

ReportedStatus = Literal["sent", "delivered", "undelivered", "failed"]
"""State of a text at the provider: accepted, on the phone, not delivered to the phone, not sent."""

FailureKind = Literal["bad_number", "not_mobile", "opted_out", "unreachable", "blocked", "refused"]
"""Why a text did not arrive, common to all providers; "refused" for any other reason."""


@dataclass(frozen=True, slots=True)
class OutgoingText:
    """A text to send. `reference` is our id of one message; `to` is E.164.

    `useless_after` lets a provider that queues drop it instead of delivering it late. `registered_id` is the
    operators' id of the wording, if registered; `wording` is that wording with placeholders in braces, for
    providers that take the values separately.
    """

    reference: UUID
    to: str
    body: str
    useless_after: datetime
    message_class: str = "service"
    registered_id: str | None = None
    wording: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the provider knows of a text it accepted.

    Attributes:
        provider_id: the provider's id of the text.
        kind: why it did not arrive; None when it did or may.
        certain: whether the receipt belongs to this text beyond doubt; if not, a person decides.
        detail: codes and prices as given by the provider, for the history; no number, no text.
    """

    provider_id: str
    status: ReportedStatus = "sent"
    error_code: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict[str, Any])
    kind: FailureKind | None = None
    certain: bool = True


CREDENTIALS = "credentials"
SENDER = "sender"


def reason(receipt: Receipt) -> str:
    """Why an accepted text did not arrive; empty when it did or still may."""
    return "" if receipt.status in ("sent", "delivered") else receipt.kind or "refused"


class GatewayError(Exception):
    """Sending did not clearly succeed; see the tree above."""


class GatewayRejected(GatewayError):
    """Refused for good, with the provider's `code` and its common `kind`."""

    def __init__(self, code: str, kind: FailureKind = "refused") -> None:
        super().__init__(code)
        self.code = code
        self.kind: FailureKind = kind


class GatewayUnavailable(GatewayError):
    """Nothing was sent; `retry_after` in seconds, `why` a short code shown to staff.

    `why` is `CREDENTIALS` when the provider refuses our credentials and `SENDER` when it refuses the sender
    name: both need a person. `one_text`: the lookup of this text alone failed, not the provider.
    """

    def __init__(self, why: str, *, retry_after: float, one_text: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.retry_after = retry_after
        self.one_text = one_text


class OutcomeUnknown(GatewayError):
    """It may have been sent; only the provider knows. `why`: a short code for the log."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class SmsGateway(Protocol):
    """An SMS provider."""

    @property
    def name(self) -> str:
        """Stored with each text that it sends."""
        ...

    @property
    def registered_only(self) -> bool:
        """Whether it accepts only wordings with a registered id."""
        ...

    @property
    def has_lookup(self) -> bool:
        """Whether `find` works; if not, only delivery reports settle unknown outcomes."""
        ...

    async def check(self) -> None:
        """Check the credentials without sending a text; called when a worker starts.

        Raises:
            GatewayUnavailable: refused (`why` is `CREDENTIALS`), or unreachable.
        """
        ...

    async def send(self, text: OutgoingText) -> Receipt:
        """Send one text.

        Raises:
            GatewayRejected, GatewayUnavailable, OutcomeUnknown: see there.
        """
        ...

    async def find(self, text: OutgoingText, *, since: datetime) -> Sequence[Receipt]:
        """Texts with this body to this number accepted since `since`, newest first.

        Where bodies cannot be compared exactly, also the others to this number, not `certain`.

        Raises:
            GatewayUnavailable: the lookup failed, which is not an answer.
        """
        ...

    async def fetch(self, text: OutgoingText, provider_id: str) -> Receipt | None:
        """The state of a text by `provider_id`; None when the provider has nothing new.

        Raises:
            GatewayUnavailable: the lookup failed, which is not an answer.
        """
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...
