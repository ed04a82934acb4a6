"""The sandbox: mails are stored for the page of the test mailbox and leave for nowhere."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from invitations.delivery.transport import MailConnection, OutgoingMail
from lopso.kernel.clock import Clock

# A repeated Message-ID is counted, not stored again: a mailbox, too, shows one of such mails.
_STORE = text("""
    INSERT INTO sandbox_mail (message_id, mail_id, to_address, body, at)
    VALUES (:message_id, :mail_id, :to, :body, :at)
    ON CONFLICT (message_id) DO UPDATE SET asked = sandbox_mail.asked + 1
""")


class SandboxMailTransport:
    """Stores mails in our own database."""

    name = "sandbox"

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    @asynccontextmanager
    async def connection(self) -> AsyncGenerator[MailConnection]:
        """Always possible."""
        yield self

    async def send(self, mail: OutgoingMail) -> None:
        """Store one mail."""
        async with self._engine.begin() as connection:
            await connection.execute(
                _STORE,
                {
                    "message_id": mail.message_id,
                    "mail_id": mail.id,
                    "to": mail.to_address,
                    "body": mail.content,
                    "at": self._clock(),
                },
            )
