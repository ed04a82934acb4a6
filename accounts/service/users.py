"""Accounts: made, disabled, their language."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from accounts import passwords
from accounts.events import AccessChanged
from accounts.models import User
from accounts.service.sessions import end_sessions
from accounts.service.subjects import account_subject
from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.errors import InvalidInput
from lopso.kernel.events import publish
from lopso.kernel.i18n import gettext as _
from lopso.kernel.phone import read_phone


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
        passwords.check_new(password, about=(name, email or "", phone or ""))
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
    audit.note(db, account_subject(user.id), "user.added", by=by, now=now)
    return user


async def disable_user(db: AsyncSession, user_id: int, *, by: Actor, now: datetime) -> None:
    """Disable an account and end its sessions."""
    await db.execute(
        update(User).where(User.id == user_id, User.disabled_at.is_(None)).values(disabled_at=now)
    )
    await end_sessions(db, user_id)
    audit.note(db, account_subject(user_id), "user.disabled", by=by, now=now)
    await publish(db, AccessChanged(user_id, by, now))


async def set_language(db: AsyncSession, user_id: int, language: str) -> None:
    """Remember the language somebody reads."""
    await db.execute(update(User).where(User.id == user_id).values(language=language))
