"""Who is signed in, and where."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.models import LoginSession, RoleGrant, User
from lopso.kernel.access import Actor, Grant, Role

IDLE = timedelta(days=7)
LONGEST = timedelta(days=30)
STEP_WITHIN = timedelta(minutes=15)
"""How long a log-in may wait for its second step."""


# Built once: at every request, putting it together would cost more than running it.
_SIGNED_IN = (
    select(User.id, User.name, User.language, LoginSession.seen_at, RoleGrant.role, RoleGrant.ward_id)
    .select_from(LoginSession)
    .join(User, User.id == LoginSession.user_id)
    .outerjoin(RoleGrant, and_(RoleGrant.user_id == User.id, RoleGrant.revoked_at.is_(None)))
    .where(
        LoginSession.id == bindparam("session_id"),
        LoginSession.awaits.is_(None),
        LoginSession.seen_at > bindparam("seen_after"),
        LoginSession.created_at > bindparam("created_after"),
        User.disabled_at.is_(None),
    )
    .order_by(RoleGrant.id)
)


async def signed_in(db: AsyncSession, session_id: bytes, now: datetime) -> tuple[Actor, str, datetime] | None:
    """The actor of a log-in session, their language, and when the session was last seen; one statement."""
    values = {"session_id": session_id, "seen_after": now - IDLE, "created_after": now - LONGEST}
    rows = (await db.execute(_SIGNED_IN, values)).all()
    if not rows:
        return None
    first = rows[0]
    grants = tuple(Grant(Role(row.role), row.ward_id) for row in rows if row.role is not None)
    return Actor(first.id, first.name, grants), first.language, first.seen_at


async def awaiting_session(
    db: AsyncSession, session_id: bytes, now: datetime
) -> tuple[LoginSession, User] | None:
    """The log-in that waits for its second step, and whose it is; one statement."""
    row = (
        await db.execute(
            select(LoginSession, User)
            .join(User, User.id == LoginSession.user_id)
            .where(
                LoginSession.id == session_id,
                LoginSession.awaits.is_not(None),
                LoginSession.created_at > now - STEP_WITHIN,
                User.disabled_at.is_(None),
            )
        )
    ).one_or_none()
    return (row[0], row[1]) if row else None


async def sessions_of(db: AsyncSession, user_id: int, now: datetime) -> Sequence[LoginSession]:
    """The log-ins of an account that still open pages, last used first; one statement."""
    return (
        await db.scalars(
            select(LoginSession)
            .where(
                LoginSession.user_id == user_id,
                LoginSession.awaits.is_(None),
                LoginSession.seen_at > now - IDLE,
                LoginSession.created_at > now - LONGEST,
            )
            .order_by(LoginSession.seen_at.desc(), LoginSession.id)
        )
    ).all()
