"""What we need of a way to hand mails over, and the ways in which that can fail.

MailError
├── MailRefused      the server said no to this mail for good
├── MailDeferred     the server said "later" to this mail
├── MailUnavailable  nothing was handed over, and no other mail would be either
└── MailUnsure       the mail was on its way when the connection was lost: it may have been taken
"""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """A mail on its way: its row in the ledger, its Message-ID, where to, and its bytes (7 bit, CRLF)."""

    id: int
    message_id: str
    to_address: str
    content: bytes


class MailError(Exception):
    """Handing over did not plainly succeed; see the tree above. `code` is kept with the mail."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class MailRefused(MailError):
    """Refused for good."""


class MailDeferred(MailError):
    """To be tried again later."""


class MailUnavailable(MailError):
    """The server cannot be used at all: not there, or it does not take us for a sender."""


class MailUnsure(MailError):
    """Perhaps taken. Handing over again is safe: the Message-ID is the same."""


class MailConnection(Protocol):
    """A conversation with the server, for one mail after another."""

    async def send(self, mail: OutgoingMail) -> None:
        """Hand one mail over; returns when the server has taken it.

        Raises:
            MailRefused, MailDeferred, MailUnavailable, MailUnsure: see there.
        """
        ...


class Mailbox(Protocol):
    """Where mails are handed over."""

    @property
    def name(self) -> str:
        """For the log."""
        ...

    def connection(self) -> AbstractAsyncContextManager[MailConnection]:
        """A conversation; entering it raises MailUnavailable when there can be none."""
        ...
