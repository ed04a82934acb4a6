"""The protocol of mail transports, and how sending can fail.

MailError
├── MailRefused         the server refused this mail permanently
├── MailDeferred        the server refused this mail temporarily
├── MailUnavailable     nothing was sent, and no other mail can be sent either
└── MailOutcomeUnknown  the connection was lost while the mail was sent: it may have been accepted
"""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """A mail to send: Message-ID, recipient, and its bytes (7 bit, lines ending in CRLF).

    `id` is that of its row; None for a mail about an account, which has none.
    """

    id: int | None
    message_id: str
    to_address: str
    content: bytes


class MailError(Exception):
    """Sending failed, or its outcome is unknown; see the tree above. `code` is kept with the mail."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class MailRefused(MailError):
    """Refused permanently; another attempt is useless."""


class MailDeferred(MailError):
    """Refused temporarily; to be tried again later."""


class MailUnavailable(MailError):
    """The server cannot be used at all: unreachable, or it refuses us as a sender."""


class MailOutcomeUnknown(MailError):
    """Perhaps accepted. Sending again is safe: the Message-ID is the same."""


class MailConnection(Protocol):
    """An open connection, for one mail after another."""

    async def send(self, mail: OutgoingMail) -> None:
        """Send one mail; returns when the server has accepted it.

        Raises:
            MailRefused, MailDeferred, MailUnavailable, MailOutcomeUnknown: see there.
        """
        ...


class MailTransport(Protocol):
    """A way to send mails."""

    @property
    def name(self) -> str:
        """For the log."""
        ...

    def connection(self) -> AbstractAsyncContextManager[MailConnection]:
        """A new connection; entering it raises MailUnavailable when there can be none."""
        ...
