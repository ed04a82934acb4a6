"""What the pages of wordings need to know about the messages that use them."""

from collections.abc import Collection, Set
from datetime import datetime
from typing import Protocol, runtime_checkable

from sqlalchemy.ext.asyncio import AsyncSession

from wordings.rules.facts import SessionFacts


@runtime_checkable
class WordingUsage(Protocol):
    """How often a wording was sent, and when it will be: answered by the package that plans the messages.

    `lopso.application` hands it to the routes as the dependency `usage`.
    """

    async def sent_last_month(self, db: AsyncSession, code: str, *, now: datetime) -> int:
        """How many messages of the last calendar month used any version of this wording; one statement."""
        ...

    async def reminders_due(
        self,
        db: AsyncSession,
        code: str,
        sessions: Collection[SessionFacts],
        *,
        before: datetime,
        now: datetime,
    ) -> Set[int]:
        """Ids of those sessions whose reminder by this wording is due before `before`; two statements."""
        ...
