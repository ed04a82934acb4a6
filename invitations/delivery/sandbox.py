"""The sandbox: mails go to the page of the test mailbox and nowhere else."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from invitations.delivery.transport import MailConnection, OutgoingMail
from lopso.kernel.clock import Clock

# Asked again, it keeps one mail and counts, as a mailbox shows one of those with the same Message-ID.
_KEEP = text("""
    INSERT INTO sandbox_mail (message_id, mail_id, to_address, body, at)
    VALUES (:message_id, :mail_id, :to, :body, :at)
    ON CONFLICT (message_id) DO UPDATE SET asked = sandbox_mail.asked + 1
""")


class SandboxMailbox:
    """Keeps mails in our own database."""

    name = "sandbox"

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    @asynccontextmanager
    async def connection(self) -> AsyncGenerator[MailConnection]:
        """Always possible."""
        yield self

    async def send(self, mail: OutgoingMail) -> None:
        """Put one mail into the test mailbox."""
        async with self._engine.begin() as connection:
            await connection.execute(
                _KEEP,
                {
                    "message_id": mail.message_id,
                    "mail_id": mail.id,
                    "to": mail.to_address,
                    "body": mail.content,
                    "at": self._clock(),
                },
            )
