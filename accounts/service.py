"""Accounts, roles, log-in and log-out."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from accounts import passwords, queries
from accounts.errors import InvitationInvalid, TooManyAttempts, WrongLogin
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
ATTEMPTS_PER_NAME = 10
ATTEMPTS_PER_ADDRESS = 30
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


def _account(user_id: int, ward_id: str | None = None) -> audit.Subject:
    """An account in the audit trail; `ward_id` where the change is about a role in a ward."""
    return audit.Subject("app_user", user_id, ward_id)


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
    """Make an account; without `password` nobody can log in with it until an invitation is accepted.

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
    audit.note(db, _account(user.id), "user.added", by=by, now=now)
    return user


async def grant_role(
    db: AsyncSession, user_id: int, role: Role, ward_id: str | None, *, by: Actor, now: datetime
) -> None:
    """Grant a role in a ward, or city-wide. Granting it twice changes nothing.

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
    audit.note(db, _account(user_id, ward_id), "role.granted", by=by, now=now, role=role)
    await db.flush()
    await publish(db, AccessChanged(user_id, by, now))


async def revoke_role(db: AsyncSession, grant_id: int, *, by: Actor, now: datetime) -> RoleGrant:
    """Revoke a role and end all sessions of the person. Revoking twice changes nothing.

    Raises:
        NotFound: no such grant.
    """
    grant = await db.get(RoleGrant, grant_id, with_for_update=True)
    if grant is None:
        raise NotFound
    if grant.revoked_at is None:
        grant.revoked_at = now
        await end_sessions(db, grant.user_id)
        audit.note(
            db, _account(grant.user_id, grant.ward_id), "role.revoked", by=by, now=now, role=grant.role
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
    audit.note(db, _account(user_id), "user.invited", by=by, now=now)
    return token


async def accept_invitation(db: AsyncSession, token: str, *, password: str, now: datetime) -> User:
    """Set the password of the invited person; the link and older sessions end.

    Raises:
        InvitationInvalid: unknown, used or expired.
        InvalidInput: a weak password; the link stays valid.
    """
    invitation = await queries.valid_invitation(db, token_id(token), now)
    if invitation is None:
        raise InvitationInvalid
    passwords.check_new(password)
    ended = await db.execute(
        update(Invitation)
        .where(Invitation.token_hash == invitation.token_hash, Invitation.ended_at.is_(None))
        .values(ended_at=now)
        .returning(Invitation.user_id)
    )
    if ended.first() is None:
        raise InvitationInvalid
    user = await db.get_one(User, invitation.user_id)
    user.password_hash = await passwords.hash_password(password)
    await end_sessions(db, user.id)
    audit.note(db, _account(user.id), "user.chose_password", by=Actor(user.id, user.name), now=now)
    return user


async def end_sessions(db: AsyncSession, user_id: int) -> None:
    """End all sessions of an account: after a change of role, or when it is disabled."""
    await db.execute(delete(LoginSession).where(LoginSession.user_id == user_id))


async def disable_user(db: AsyncSession, user_id: int, *, by: Actor, now: datetime) -> None:
    """Disable an account and end its sessions."""
    await db.execute(
        update(User).where(User.id == user_id, User.disabled_at.is_(None)).values(disabled_at=now)
    )
    await end_sessions(db, user_id)
    audit.note(db, _account(user_id), "user.disabled", by=by, now=now)
    await publish(db, AccessChanged(user_id, by, now))


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


async def log_in(
    db: AsyncSession, *, identifier: str, password: str, old_token: str | None, now: datetime
) -> tuple[User, str]:
    """Check a password and begin a session with a new random id; the old session ends.

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
    audit.note(db, _account(user.id), "user.logged_in", by=Actor(user.id, user.name), now=now)
    return user, token


async def log_out(db: AsyncSession, token: str | None) -> None:
    """End the session behind a cookie, if there is one."""
    if token:
        await db.execute(delete(LoginSession).where(LoginSession.id == token_id(token)))


async def set_language(db: AsyncSession, user_id: int, language: str) -> None:
    """Remember the language somebody reads."""
    await db.execute(update(User).where(User.id == user_id).values(language=language))
