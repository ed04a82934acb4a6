"""Wrong passwords and codes are counted, and too many of them wait.

An attempt is counted before it is checked and uncounted when it was right, so that a hundred at once are not
all "the first". Who guesses makes only themselves wait:

- a device on which the account was used before is counted by itself, whatever others type elsewhere;
- another device waits after 10 failures for one account from one address; elsewhere the owner still gets in;
- many addresses together wait after 50 failures for one account, and one address after 100 for whatever
  accounts; neither holds for a device or an address from which this account was used before, so that a ward
  behind one address is not locked out by one guest in its network.

docs/domain/accounts.md says the same in words for operators.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.errors import TooManyAttempts
from accounts.models import LoginFailure
from accounts.queries.throttle import RecentFailures, recent_failures
from accounts.rules.clients import Client
from accounts.service.sessions import token_id

WINDOW = timedelta(minutes=15)
ATTEMPTS_PER_NAME = 10
ATTEMPTS_PER_ACCOUNT = 50
ATTEMPTS_PER_ADDRESS = 100

_LOCK = 0x6C6F70  # of pg_advisory_xact_lock: attempts for one account are counted one after another


def attempt_subject(what: str, user_id: int | None, typed: str = "") -> bytes:
    """What failures are counted under: the account, or what was typed where there is none."""
    return token_id(f"{what} {user_id}" if user_id is not None else f"{what} {typed.strip().lower()}")


async def count_attempt(
    db: AsyncSession, subject: bytes, user_id: int | None, client: Client, *, now: datetime
) -> int:
    """Count one attempt as failed until `uncount_attempt` says otherwise; commit before it is checked.

    Raises:
        TooManyAttempts: see above.
    """
    await db.execute(select(func.pg_advisory_xact_lock(_LOCK, int.from_bytes(subject[:3]))))
    recent = await recent_failures(db, subject, user_id, client, since=now - WINDOW)
    if _too_many(recent):
        raise TooManyAttempts(int(WINDOW.total_seconds()))
    attempt = LoginFailure(
        identifier=subject,
        address=client.address,
        device=client.device if recent.known_device else None,
        at=now,
    )
    db.add(attempt)
    await db.flush()
    return attempt.id


def _too_many(recent: RecentFailures) -> bool:
    if recent.known_device:
        return recent.from_device >= ATTEMPTS_PER_NAME
    if recent.from_address >= ATTEMPTS_PER_NAME:
        return True
    if recent.known_address:
        return False
    return recent.of_account >= ATTEMPTS_PER_ACCOUNT or recent.of_address >= ATTEMPTS_PER_ADDRESS


async def uncount_attempt(db: AsyncSession, attempt_id: int) -> None:
    """The attempt was right: it does not count."""
    await db.execute(delete(LoginFailure).where(LoginFailure.id == attempt_id))
