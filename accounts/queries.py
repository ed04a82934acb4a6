"""Queries on accounts and sessions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.models import Invitation, LoginFailure, LoginSession, RoleGrant, User
from lopso.kernel.access import Actor, Grant, Role
from lopso.kernel.paging import PAGE_SIZE, Page, offset
from lopso.kernel.phone import read_phone

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


async def user_to_log_in(db: AsyncSession, *, email: str | None, phone: str | None) -> User | None:
    """The enabled account with this e-mail (lower case) or phone (E.164)."""
    ways: list[ColumnElement[bool]] = []
    if email is not None:
        ways.append(User.email == email)
    if phone is not None:
        ways.append(User.phone == phone)
    if not ways:
        return None
    return await db.scalar(select(User).where(or_(*ways), User.disabled_at.is_(None)))


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


async def valid_invitation(db: AsyncSession, token_hash: bytes, now: datetime) -> Invitation | None:
    """The invitation behind a link, unless it was used, replaced or has expired."""
    return await db.scalar(
        select(Invitation)
        .join(User, User.id == Invitation.user_id)
        .where(
            Invitation.token_hash == token_hash,
            Invitation.ended_at.is_(None),
            Invitation.expires_at > now,
            User.disabled_at.is_(None),
        )
    )


@dataclass(frozen=True, slots=True)
class Account:
    """A row of the list of accounts: the person and the roles they hold now."""

    user: User
    grants: Sequence[RoleGrant]


async def accounts_page(db: AsyncSession, *, search: str, number: int) -> Page[Account]:
    """Accounts whose name, e-mail or phone contains `search`, by name; three statements."""
    wanted = true()
    if search.strip():
        pattern = "%" + search.strip().replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%"
        digits = read_phone(search).e164
        wanted = or_(User.name.ilike(pattern), User.email.ilike(pattern), User.phone == (digits or ""))
    total = await db.scalar(select(func.count()).select_from(User).where(wanted)) or 0
    users = (
        await db.scalars(
            select(User).where(wanted).order_by(User.name, User.id).limit(PAGE_SIZE).offset(offset(number))
        )
    ).all()
    grants = (
        await db.scalars(
            select(RoleGrant)
            .where(RoleGrant.user_id.in_([user.id for user in users]), RoleGrant.revoked_at.is_(None))
            .order_by(RoleGrant.id)
        )
    ).all()
    rows = [Account(user, [grant for grant in grants if grant.user_id == user.id]) for user in users]
    return Page(rows, number, total)
