"""A new password, however it came to be chosen."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from accounts import passwords
from accounts.models import Invitation, ResetCode, User
from accounts.service.sessions import end_sessions
from accounts.service.subjects import account_subject
from lopso.kernel import audit
from lopso.kernel.access import Actor


async def set_password(
    db: AsyncSession,
    user: User,
    password: str,
    *,
    session_id: bytes | None = None,
    by: Actor,
    now: datetime,
    how: str,
) -> None:
    """Set a new password; sessions end but `session_id`, open links and codes end.

    Args:
        how: for the audit trail: "changed_password".

    Raises:
        InvalidInput: a weak password.
    """
    passwords.check_new(password, about=(user.name, user.email or "", user.phone or ""))
    user.password_hash = await passwords.hash_password(password)
    await end_sessions(db, user.id, but=session_id)
    await end_ways_to_reset(db, user.id, now=now)
    audit.note(db, account_subject(user.id), f"user.{how}", by=by, now=now)


async def end_ways_to_reset(db: AsyncSession, user_id: int, *, now: datetime) -> None:
    """End the links and codes with which a password could be chosen."""
    for table in (Invitation, ResetCode):
        await db.execute(
            update(table).where(table.user_id == user_id, table.ended_at.is_(None)).values(ended_at=now)
        )
