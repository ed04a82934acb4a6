"""What copying a series asks about its learners."""

from collections.abc import Collection
from typing import Protocol, runtime_checkable

from sqlalchemy.ext.asyncio import AsyncSession


@runtime_checkable
class SkillGaps(Protocol):
    """Who still lacks skills: answered by the package that signs them off.

    `lopso.application` hands it to the routes as the dependency `skill_gaps`.
    """

    async def lacking(
        self, db: AsyncSession, learner_ids: Collection[int], course_id: int | None
    ) -> Collection[int]:
        """Those of them who lack a skill of the course; all where it teaches none. One statement."""
        ...
