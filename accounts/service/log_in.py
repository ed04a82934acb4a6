"""Log-in with a password, and its second step."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from accounts import passwords, queries
from accounts.errors import WrongLogin
from accounts.models import User
from accounts.rules.clients import Client
from accounts.service.second_factor import step_after_password
from accounts.service.sessions import Awaits, begin_session, log_out, remember_device
from accounts.service.subjects import account_subject
from lopso.kernel import audit
from lopso.kernel.access import Actor, Role
from lopso.kernel.phone import read_phone


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A log-in with its cookie's value; `awaits`: what is still missing before it opens any page."""

    user: User
    token: str
    awaits: Awaits | None = None


def read_identifier(text: str) -> tuple[str | None, str | None]:
    """What somebody typed to log in, as (e-mail in lower case, None) or (None, E.164 phone)."""
    text = text.strip()
    if "@" in text:
        return text.lower(), None
    return None, read_phone(text).e164


async def account_of(db: AsyncSession, identifier: str) -> User | None:
    """The enabled account that logs in with what was typed; at most one statement."""
    email, phone = read_identifier(identifier)
    return await queries.user_to_log_in(db, email=email, phone=phone)


async def log_in(
    db: AsyncSession,
    *,
    identifier: str,
    password: str,
    old_token: str | None,
    now: datetime,
    client: Client | None = None,
    demanded: Collection[Role] = (),
) -> OpenedSession:
    """Check a password and begin a session with a new random id; the old session ends.

    Args:
        demanded: roles that must have a second factor.

    Raises:
        WrongLogin: no such account, or not its password.
    """
    client = client or Client()
    user = await account_of(db, identifier)
    if not await passwords.matches(user.password_hash if user else None, password) or user is None:
        raise WrongLogin
    await log_out(db, old_token)
    awaits = await step_after_password(db, user.id, demanded)
    token = begin_session(db, user.id, client, awaits=awaits, now=now)
    if awaits is None:
        await finish_log_in(db, user, client, now=now)
    return OpenedSession(user, token, awaits)


async def finish_log_in(db: AsyncSession, user: User, client: Client, *, now: datetime) -> None:
    """What follows once nothing is missing any more."""
    await remember_device(db, user.id, client, now=now)
    audit.note(db, account_subject(user.id), "user.logged_in", by=Actor(user.id, user.name), now=now)


async def open_after_step(
    db: AsyncSession, user: User, *, old_token: str, client: Client, now: datetime
) -> OpenedSession:
    """The second step was right: the waiting session ends, another with a new id opens pages."""
    await log_out(db, old_token)
    token = begin_session(db, user.id, client, now=now)
    await finish_log_in(db, user, client, now=now)
    return OpenedSession(user, token)
