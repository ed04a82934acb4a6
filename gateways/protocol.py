"""What we need of a provider of text messages, and the three ways in which sending can fail to be sure.

GatewayError
├── GatewayRejected     the provider said no to this text for good, for a reason of some kind
├── GatewayUnavailable  nothing was sent: too many requests, no connection, credentials refused
└── OutcomeUnknown      the request was written and no clear answer came: it may have been sent
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol
from uuid import UUID

ReportedStatus = Literal["sent", "delivered", "undelivered", "failed"]
"""What a provider says of a text: it has it, the phone has it, the phone did not get it, it was not sent."""

Kind = Literal["bad_number", "not_mobile", "opted_out", "unreachable", "blocked", "refused"]
"""Why a text did not arrive, in words that every provider's codes come down to; "refused" for any other."""


@dataclass(frozen=True, slots=True)
class OutgoingText:
    """A text on its way. `reference` is ours and names one row of the ledger; `to` is E.164.

    `useless_after` lets a provider that queues drop it instead of delivering it late. `registered_id` names
    the wording as the operators have it, where it is registered; `wording` is that wording, its places in
    braces, for a provider that wants the values apart.
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
    """What the provider knows of a text it took.

    Attributes:
        provider_id: its name for the text.
        kind: why it did not arrive, where it did not.
        certain: whether it is that very text, beyond doubt; if not, only a person can tell.
        detail: codes and prices as the provider gave them, for the record; no number, no text.
    """

    provider_id: str
    status: ReportedStatus = "sent"
    error_code: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict[str, Any])
    kind: Kind | None = None
    certain: bool = True


CREDENTIALS = "credentials"
SENDER = "sender"


def reason(receipt: Receipt) -> str:
    """Why a text that the provider took did not arrive; empty for one that did, or may yet."""
    return "" if receipt.status in ("sent", "delivered") else receipt.kind or "refused"


class GatewayError(Exception):
    """Sending did not plainly succeed; see the tree above."""


class GatewayRejected(GatewayError):
    """Refused for good, for the provider's reason `code`, which comes down to `kind`."""

    def __init__(self, code: str, kind: Kind = "refused") -> None:
        super().__init__(code)
        self.code = code
        self.kind: Kind = kind


class GatewayUnavailable(GatewayError):
    """Nothing was sent; `retry_after` in seconds, `why` a short code that staff may see.

    `why` is `CREDENTIALS` where the provider does not know us, `SENDER` where it does not take the name that
    texts come from: then a person must look. `one_text`: a question about this one text had no answer, which
    says nothing of others.
    """

    def __init__(self, why: str, *, retry_after: float, one_text: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.retry_after = retry_after
        self.one_text = one_text


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

    @property
    def registered_only(self) -> bool:
        """Whether it takes only wordings that carry a registered id."""
        ...

    @property
    def can_be_asked(self) -> bool:
        """Whether `find` answers; if not, only reports tell what became of an unknown outcome."""
        ...

    async def check(self) -> None:
        """Ask, without sending anything, whether the provider knows us; called when a worker starts.

        Raises:
            GatewayUnavailable: it does not (`why` is `CREDENTIALS`), or it cannot be reached.
        """
        ...

    async def send(self, text: OutgoingText) -> Receipt:
        """Hand one text over.

        Raises:
            GatewayRejected, GatewayUnavailable, OutcomeUnknown: see there.
        """
        ...

    async def find(self, text: OutgoingText, *, since: datetime) -> Sequence[Receipt]:
        """Texts with this body to this number that the provider took since `since`, newest first.

        Where bodies cannot be compared to the letter, the others to this number too, not `certain`.

        Raises:
            GatewayUnavailable: the provider could not be asked, which is no answer.
        """
        ...

    async def fetch(self, text: OutgoingText, provider_id: str) -> Receipt | None:
        """What became of a text that the provider took under the name `provider_id`; None: it has no news.

        Raises:
            GatewayUnavailable: the provider could not be asked, which is no answer.
        """
        ...

    async def close(self) -> None:
        """Give connections back."""
        ...
