"""Accounts: the one to log in, the list of all."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.models import RoleGrant, SecondFactor, User
from lopso.kernel.paging import PAGE_SIZE, Page, offset
from lopso.kernel.phone import read_phone


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


@dataclass(frozen=True, slots=True)
class Account:
    """A row of the list of accounts: person, roles held now, whether they use a second factor."""

    user: User
    grants: Sequence[RoleGrant]
    second_factor: bool


async def accounts_page(db: AsyncSession, *, search: str, number: int) -> Page[Account]:
    """Accounts whose name, e-mail or phone contains `search`, by given name; three statements."""
    wanted = true()
    if search.strip():
        pattern = "%" + search.strip().replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%"
        digits = read_phone(search).e164
        wanted = or_(User.name.ilike(pattern), User.email.ilike(pattern), User.phone == (digits or ""))
    total = await db.scalar(select(func.count()).select_from(User).where(wanted)) or 0
    found = (
        await db.execute(
            select(User, SecondFactor.confirmed_at.is_not(None))
            .outerjoin(SecondFactor, SecondFactor.user_id == User.id)
            .where(wanted)
            .order_by(User.sort_key, User.id)
            .limit(PAGE_SIZE)
            .offset(offset(number))
        )
    ).all()
    grants = (
        await db.scalars(
            select(RoleGrant)
            .where(RoleGrant.user_id.in_([user.id for user, _uses in found]), RoleGrant.revoked_at.is_(None))
            .order_by(RoleGrant.id)
        )
    ).all()
    rows = [
        Account(user, [grant for grant in grants if grant.user_id == user.id], uses) for user, uses in found
    ]
    return Page(rows, number, total)
