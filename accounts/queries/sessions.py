"""Who is signed in, and wrong passwords."""

from datetime import datetime, timedelta

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.models import LoginFailure, LoginSession, RoleGrant, User
from lopso.kernel.access import Actor, Grant, Role

IDLE = timedelta(days=7)
LONGEST = timedelta(days=30)


async def signed_in(db: AsyncSession, session_id: bytes, now: datetime) -> tuple[Actor, str, datetime] | None:
    """The actor of a log-in session, their language, and when the session was last seen; one statement."""
    rows = (
        await db.execute(
            select(User.id, User.name, User.language, LoginSession.seen_at, RoleGrant.role, RoleGrant.ward_id)
            .select_from(LoginSession)
            .join(User, User.id == LoginSession.user_id)
            .outerjoin(RoleGrant, and_(RoleGrant.user_id == User.id, RoleGrant.revoked_at.is_(None)))
            .where(
                LoginSession.id == session_id,
                LoginSession.seen_at > now - IDLE,
                LoginSession.created_at > now - LONGEST,
                User.disabled_at.is_(None),
            )
            .order_by(RoleGrant.id)
        )
    ).all()
    if not rows:
        return None
    first = rows[0]
    grants = tuple(Grant(Role(row.role), row.ward_id) for row in rows if row.role is not None)
    return Actor(first.id, first.name, grants), first.language, first.seen_at


async def failures_since(
    db: AsyncSession, *, identifier: bytes, address: str, since: datetime
) -> tuple[int, int]:
    """Wrong passwords since then: (for this identifier from this address, from this address in all)."""
    row = (
        await db.execute(
            select(
                func.count().filter(LoginFailure.identifier == identifier),
                func.count(),
            ).where(LoginFailure.address == address, LoginFailure.at > since)
        )
    ).one()
    return row[0], row[1]
