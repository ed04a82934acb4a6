"""Reading answers to consents."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from learners.models import Consent


async def consents_of(db: AsyncSession, learner_id: int) -> dict[str, bool]:
    """Answers to every purpose ever asked: True is in force, False was refused or withdrawn."""
    rows = await db.execute(
        select(Consent.purpose, func.bool_or(Consent.withdrawn_at.is_(None)))
        .where(Consent.learner_id == learner_id)
        .group_by(Consent.purpose)
    )
    return {row[0]: row[1] for row in rows}
