"""Open codes for a new password."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.models import ResetCode


async def open_reset_code(db: AsyncSession, user_id: int | None, now: datetime) -> ResetCode | None:
    """The code that was made for this account and is still good; locked; one statement."""
    return await db.scalar(
        select(ResetCode)
        .where(ResetCode.user_id == user_id, ResetCode.ended_at.is_(None), ResetCode.expires_at > now)
        .with_for_update()
    )
