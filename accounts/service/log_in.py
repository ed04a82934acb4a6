"""Log-in with a password."""

import secrets
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from accounts import passwords, queries
from accounts.errors import WrongLogin
from accounts.models import LoginSession, User
from accounts.service.sessions import log_out, token_id
from accounts.service.subjects import account_subject
from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.phone import read_phone


def read_identifier(text: str) -> tuple[str | None, str | None]:
    """What somebody typed to log in, as (e-mail in lower case, None) or (None, E.164 phone)."""
    text = text.strip()
    if "@" in text:
        return text.lower(), None
    return None, read_phone(text).e164


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
    audit.note(db, account_subject(user.id), "user.logged_in", by=Actor(user.id, user.name), now=now)
    return user, token
