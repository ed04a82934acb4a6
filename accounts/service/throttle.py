"""Wrong passwords are counted, and too many of them wait."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from accounts import queries
from accounts.errors import TooManyAttempts
from accounts.models import LoginFailure
from accounts.service.sessions import token_id

WINDOW = timedelta(minutes=15)
ATTEMPTS_PER_NAME = 10
ATTEMPTS_PER_ADDRESS = 30


async def check_attempts(db: AsyncSession, *, identifier: str, address: str, now: datetime) -> None:
    """Throttle guessing by name and address together, so that the owner still gets in from elsewhere.

    Raises:
        TooManyAttempts: too many wrong passwords from this address within the window.
    """
    by_name, by_address = await queries.failures_since(
        db, identifier=token_id(identifier.strip().lower()), address=address, since=now - WINDOW
    )
    if by_name >= ATTEMPTS_PER_NAME or by_address >= ATTEMPTS_PER_ADDRESS:
        raise TooManyAttempts(int(WINDOW.total_seconds()))


async def note_failure(db: AsyncSession, *, identifier: str, address: str, now: datetime) -> None:
    """Count one wrong password, and delete those of this address outside the window."""
    await db.execute(
        delete(LoginFailure).where(LoginFailure.address == address, LoginFailure.at < now - WINDOW)
    )
    db.add(LoginFailure(identifier=token_id(identifier.strip().lower()), address=address, at=now))
