"""The sandbox: texts go to the page of test phones and nowhere else."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from gateways.models import SandboxText
from gateways.protocol import OutgoingText, Receipt
from lopso.kernel.clock import Clock

# Asked again, it keeps one text and counts: what a phone would have received twice must be seen.
_KEEP = text("""
    INSERT INTO sandbox_text (reference, to_phone, body, at) VALUES (:reference, :to, :body, :at)
    ON CONFLICT (reference) DO UPDATE SET asked = sandbox_text.asked + 1
    RETURNING id
""")


class SandboxGateway:
    """Keeps texts in our own database. Its receipts say "delivered": the page shows them at once."""

    name = "sandbox"
    registered_only = False
    can_be_asked = True

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    async def send(self, text: OutgoingText) -> Receipt:
        """Put one text on its test phone."""
        values = {"reference": text.reference, "to": text.to, "body": text.body, "at": self._clock()}
        async with self._engine.begin() as connection:
            kept = await connection.scalar(_KEEP, values)
        return Receipt(str(kept), "delivered")

    async def find(self, text: OutgoingText, *, since: datetime) -> Sequence[Receipt]:
        """Whether this very text is on its phone."""
        async with self._engine.connect() as connection:
            kept = await connection.scalar(
                select(SandboxText.id).where(SandboxText.reference == text.reference)
            )
        return [] if kept is None else [Receipt(str(kept), "delivered")]

    async def fetch(self, text: OutgoingText, provider_id: str) -> Receipt | None:
        """A text on its page has arrived."""
        return Receipt(provider_id, "delivered")

    async def check(self) -> None:
        """Our own database knows us."""

    async def close(self) -> None:
        """Nothing to give back: the engine is its owner's."""
