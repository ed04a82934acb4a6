"""The second factor of an account."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.models import RecoveryCode, SecondFactor


async def second_factor_of(db: AsyncSession, user_id: int, *, lock: bool = False) -> SecondFactor | None:
    """The app of an account, in use or being set up; one statement. `lock`: until the transaction ends."""
    query = select(SecondFactor).where(SecondFactor.user_id == user_id)
    return await db.scalar(query.with_for_update() if lock else query)


async def recovery_codes_left(db: AsyncSession, user_id: int) -> int:
    """How many recovery codes are still good; one statement."""
    unused = select(func.count()).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    return await db.scalar(unused) or 0
