"""The sandbox provider: texts are stored for the page of test phones and sent nowhere."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from gateways.models import SandboxText
from gateways.protocol import OutgoingText, Receipt
from lopso.kernel.clock import Clock

# A repeated send is counted, so that a text that a phone would receive twice is visible.
_KEEP = text("""
    INSERT INTO sandbox_text (reference, to_phone, body, at) VALUES (:reference, :to, :body, :at)
    ON CONFLICT (reference) DO UPDATE SET asked = sandbox_text.asked + 1
    RETURNING id
""")


class SandboxGateway:
    """Stores texts in our database; receipts say "delivered"."""

    name = "sandbox"
    registered_only = False
    has_lookup = True

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    async def send(self, text: OutgoingText) -> Receipt:
        """Store one text."""
        values = {"reference": text.reference, "to": text.to, "body": text.body, "at": self._clock()}
        async with self._engine.begin() as connection:
            kept = await connection.scalar(_KEEP, values)
        return Receipt(str(kept), "delivered")

    async def find(self, text: OutgoingText, *, since: datetime) -> Sequence[Receipt]:
        """The stored text, if any."""
        async with self._engine.connect() as connection:
            kept = await connection.scalar(
                select(SandboxText.id).where(SandboxText.reference == text.reference)
            )
        return [] if kept is None else [Receipt(str(kept), "delivered")]

    async def fetch(self, text: OutgoingText, provider_id: str) -> Receipt | None:
        """Stored texts are delivered."""
        return Receipt(provider_id, "delivered")

    async def check(self) -> None:
        """Nothing to check."""

    async def close(self) -> None:
        """Nothing to close: the engine belongs to the caller."""
