"""Making accounts, granting roles, logging in and out."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from accounts import passwords, queries
from accounts.errors import DeadInvitation, TooManyTries, WrongLogin
from accounts.events import AccessChanged
from accounts.models import Invitation, LoginFailure, LoginSession, RoleGrant, User
from lopso.kernel import audit
from lopso.kernel.access import Actor, Role
from lopso.kernel.errors import InvalidInput, NotFound
from lopso.kernel.events import publish
from lopso.kernel.i18n import gettext as _
from lopso.kernel.phone import read_phone
from venues.models import Ward

WINDOW = timedelta(minutes=15)
TRIES_PER_NAME = 10
TRIES_PER_ADDRESS = 30
INVITATION_LASTS = timedelta(days=7)
SEEN_EVERY = timedelta(minutes=5)


def token_id(token: str) -> bytes:
    """What is kept of a session cookie: its SHA-256."""
    return hashlib.sha256(token.encode()).digest()


def read_identifier(text: str) -> tuple[str | None, str | None]:
    """What somebody typed to log in, as (e-mail in lower case, None) or (None, E.164 phone)."""
    text = text.strip()
    if "@" in text:
        return text.lower(), None
    return None, read_phone(text).e164


async def add_user(
    db: AsyncSession,
    *,
    name: str,
    password: str | None,
    email: str | None = None,
    phone: str | None = None,
    language: str = "vi",
    by: Actor,
    now: datetime,
) -> User:
    """Make an account; without `password` it sleeps until an invitation is used.

    Raises:
        InvalidInput: no way to reach the person, a taken e-mail or phone, or a weak password.
    """
    if password is not None:
        passwords.check_new(password)
    name = " ".join(name.split())
    email = email.strip().lower() if email else None
    e164 = read_phone(phone).e164 if phone else None
    if not name:
        raise InvalidInput({"name": _("Xin ghi họ tên.")})
    if phone and e164 is None:
        raise InvalidInput({"phone": _("Số điện thoại này chưa đúng.")})
    if email is None and e164 is None:
        raise InvalidInput({"email": _("Cần e-mail hoặc số điện thoại để đăng nhập.")})
    user = User(
        name=name,
        email=email,
        phone=e164,
        password_hash=await passwords.hash_password(password) if password is not None else None,
        language=language,
        created_at=now,
    )
    try:
        async with db.begin_nested():
            db.add(user)
    except IntegrityError as error:
        raise InvalidInput({"email": _("E-mail hoặc số điện thoại này đã có tài khoản.")}) from error
    audit.record(
        db, by=by, now=now, action="user.added", ward_id=None, subject="app_user", subject_id=user.id
    )
    return user


async def grant_role(
    db: AsyncSession, user_id: int, role: Role, ward_id: str | None, *, by: Actor, now: datetime
) -> None:
    """Entrust a role in a ward, or city-wide. Granting it twice changes nothing.

    Raises:
        NotFound: no such ward.
        InvalidInput: the city's administrator is not of one ward.
    """
    if role is Role.CITY_ADMIN and ward_id is not None:
        raise InvalidInput({"ward": _("Quản trị thành phố không thuộc riêng một phường, xã.")})
    if ward_id is not None and await db.get(Ward, ward_id) is None:
        raise NotFound(_("Không có phường, xã mang mã %(code)s.", code=ward_id))
    held = await db.scalar(
        select(RoleGrant.id).where(
            RoleGrant.user_id == user_id,
            RoleGrant.role == role,
            RoleGrant.ward_id.is_not_distinct_from(ward_id),
            RoleGrant.revoked_at.is_(None),
        )
    )
    if held is not None:
        return
    db.add(RoleGrant(user_id=user_id, role=role, ward_id=ward_id, granted_at=now, granted_by=by.user_id))
    await end_sessions(db, user_id)
    audit.record(
        db,
        by=by,
        now=now,
        action="role.granted",
        ward_id=ward_id,
        subject="app_user",
        subject_id=user_id,
        facts={"role": role},
    )
    await db.flush()
    await publish(db, AccessChanged(user_id, by, now))


async def revoke_role(db: AsyncSession, grant_id: int, *, by: Actor, now: datetime) -> RoleGrant:
    """Take a role back and log the person out everywhere. Revoking twice changes nothing.

    Raises:
        NotFound: no such grant.
    """
    grant = await db.get(RoleGrant, grant_id, with_for_update=True)
    if grant is None:
        raise NotFound
    if grant.revoked_at is None:
        grant.revoked_at = now
        await end_sessions(db, grant.user_id)
        audit.record(
            db,
            by=by,
            now=now,
            action="role.revoked",
            ward_id=grant.ward_id,
            subject="app_user",
            subject_id=grant.user_id,
            facts={"role": grant.role},
        )
        await db.flush()
        await publish(db, AccessChanged(grant.user_id, by, now))
    return grant


async def invite(db: AsyncSession, user_id: int, *, by: Actor, now: datetime) -> str:
    """Make a link's token (256 random bits) with which the person chooses a password; older ones end.

    Only its hash is kept: the token can be shown this once.
    """
    await db.execute(
        update(Invitation)
        .where(Invitation.user_id == user_id, Invitation.ended_at.is_(None))
        .values(ended_at=now)
    )
    token = secrets.token_urlsafe(32)
    db.add(
        Invitation(
            token_hash=token_id(token),
            user_id=user_id,
            created_at=now,
            created_by=by.user_id,
            expires_at=now + INVITATION_LASTS,
        )
    )
    audit.record(
        db, by=by, now=now, action="user.invited", ward_id=None, subject="app_user", subject_id=user_id
    )
    return token


async def accept_invitation(db: AsyncSession, token: str, *, password: str, now: datetime) -> User:
    """Set the password of the invited person; the link is spent, older log-ins end.

    Raises:
        DeadInvitation: unknown, used or expired.
        InvalidInput: a weak password; the link stays good.
    """
    invitation = await queries.standing_invitation(db, token_id(token), now)
    if invitation is None:
        raise DeadInvitation
    passwords.check_new(password)
    spent = await db.execute(
        update(Invitation)
        .where(Invitation.token_hash == invitation.token_hash, Invitation.ended_at.is_(None))
        .values(ended_at=now)
        .returning(Invitation.user_id)
    )
    if spent.first() is None:
        raise DeadInvitation
    user = await db.get_one(User, invitation.user_id)
    user.password_hash = await passwords.hash_password(password)
    await end_sessions(db, user.id)
    audit.record(
        db,
        by=Actor(user.id, user.name),
        now=now,
        action="user.chose_password",
        ward_id=None,
        subject="app_user",
        subject_id=user.id,
    )
    return user


async def end_sessions(db: AsyncSession, user_id: int) -> None:
    """Log somebody out everywhere: after a change of role, or when disabled."""
    await db.execute(delete(LoginSession).where(LoginSession.user_id == user_id))


async def disable_user(db: AsyncSession, user_id: int, *, by: Actor, now: datetime) -> None:
    """Close an account and end its sessions."""
    await db.execute(
        update(User).where(User.id == user_id, User.disabled_at.is_(None)).values(disabled_at=now)
    )
    await end_sessions(db, user_id)
    audit.record(
        db, by=by, now=now, action="user.disabled", ward_id=None, subject="app_user", subject_id=user_id
    )
    await publish(db, AccessChanged(user_id, by, now))


async def check_tries(db: AsyncSession, *, identifier: str, address: str, now: datetime) -> None:
    """Slow down guessing, without locking the owner out elsewhere.

    Raises:
        TooManyTries: too many wrong passwords from this address within the window.
    """
    by_name, by_address = await queries.failures_since(
        db, identifier=token_id(identifier.strip().lower()), address=address, since=now - WINDOW
    )
    if by_name >= TRIES_PER_NAME or by_address >= TRIES_PER_ADDRESS:
        raise TooManyTries(int(WINDOW.total_seconds()))


async def note_failure(db: AsyncSession, *, identifier: str, address: str, now: datetime) -> None:
    """Remember one wrong password, and forget those that no longer count."""
    await db.execute(
        delete(LoginFailure).where(LoginFailure.address == address, LoginFailure.at < now - WINDOW)
    )
    db.add(LoginFailure(identifier=token_id(identifier.strip().lower()), address=address, at=now))


async def log_in(
    db: AsyncSession, *, identifier: str, password: str, old_token: str | None, now: datetime
) -> tuple[User, str]:
    """Check a password and begin a session with a new random id; the old one dies.

    Returns:
        The account and the cookie's value (256 random bits), of which only a hash is kept.

    Raises:
        WrongLogin: no such account, or not its password.
    """
    email, phone = read_identifier(identifier)
    user = await queries.user_to_log_in(db, email=email, phone=phone)
    if not await passwords.matches(user.password_hash if user else None, password) or user is None:
        raise WrongLogin
    await log_out(db, old_token)
    token = secrets.token_urlsafe(32)
    db.add(LoginSession(id=token_id(token), user_id=user.id, created_at=now, seen_at=now))
    audit.record(
        db,
        by=Actor(user.id, user.name),
        now=now,
        action="user.logged_in",
        ward_id=None,
        subject="app_user",
        subject_id=user.id,
    )
    return user, token


async def log_out(db: AsyncSession, token: str | None) -> None:
    """End the session behind a cookie, if there is one."""
    if token:
        await db.execute(delete(LoginSession).where(LoginSession.id == token_id(token)))


async def set_language(db: AsyncSession, user_id: int, language: str) -> None:
    """Remember the language somebody reads."""
    await db.execute(update(User).where(User.id == user_id).values(language=language))
