"""Log-in sessions: their tokens, and how they end."""

import hashlib
from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.models import LoginSession

SEEN_EVERY = timedelta(minutes=5)


def token_id(token: str) -> bytes:
    """What is kept of a session cookie: its SHA-256."""
    return hashlib.sha256(token.encode()).digest()


async def end_sessions(db: AsyncSession, user_id: int) -> None:
    """End all sessions of an account: after a change of role, or when it is disabled."""
    await db.execute(delete(LoginSession).where(LoginSession.user_id == user_id))


async def log_out(db: AsyncSession, token: str | None) -> None:
    """End the session behind a cookie, if there is one."""
    if token:
        await db.execute(delete(LoginSession).where(LoginSession.id == token_id(token)))
