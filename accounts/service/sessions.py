"""Log-in sessions: begun with a new random id, listed, ended."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.models import KnownDevice, LoginSession
from accounts.rules.clients import Client, device_words, rough_address
from accounts.service.subjects import account_subject
from lopso.kernel import audit
from lopso.kernel.access import Actor

SEEN_EVERY = timedelta(minutes=5)

Awaits = Literal["code", "set_up"]
"""What a log-in still needs after the password."""


def token_id(token: str) -> bytes:
    """What is kept of a session cookie: its SHA-256."""
    return hashlib.sha256(token.encode()).digest()


def begin_session(
    db: AsyncSession, user_id: int, client: Client, *, awaits: Awaits | None = None, now: datetime
) -> str:
    """Begin a session; the cookie's value (256 random bits), of which only a hash is kept."""
    token = secrets.token_urlsafe(32)
    db.add(
        LoginSession(
            id=token_id(token),
            user_id=user_id,
            created_at=now,
            seen_at=now,
            device=device_words(client.user_agent),
            address=rough_address(client.address),
            awaits=awaits,
        )
    )
    return token


async def remember_device(db: AsyncSession, user_id: int, client: Client, *, now: datetime) -> None:
    """Remember that this account is used on this device and from this address."""
    if client.device is None:
        return
    row = insert(KnownDevice).values(
        device=client.device, user_id=user_id, address=client.address, seen_at=now
    )
    await db.execute(
        row.on_conflict_do_update(
            index_elements=["device", "user_id"],
            set_={"address": row.excluded.address, "seen_at": row.excluded.seen_at},
        )
    )


async def end_sessions(db: AsyncSession, user_id: int, *, but: bytes | None = None) -> None:
    """End all sessions of an account, perhaps `but` this one: after a change of role or password, say."""
    ended = delete(LoginSession).where(LoginSession.user_id == user_id)
    await db.execute(ended if but is None else ended.where(LoginSession.id != but))


async def end_all_sessions(db: AsyncSession, user_id: int, *, by: Actor, now: datetime) -> None:
    """End all sessions of somebody else, as the administrator asks."""
    await end_sessions(db, user_id)
    audit.note(db, account_subject(user_id), "user.logged_out_everywhere", by=by, now=now)


async def end_chosen_sessions(
    db: AsyncSession, user_id: int, chosen: Collection[str] | None, *, but: bytes, by: Actor, now: datetime
) -> int:
    """End sessions of one's own, by `session_name`; None: all. The one in use, `but`, stays.

    Returns:
        How many have ended.
    """
    wanted = delete(LoginSession).where(LoginSession.user_id == user_id, LoginSession.id != but)
    if chosen is not None:
        ids = [session_id for text in chosen if (session_id := _session_id(text)) is not None]
        wanted = wanted.where(LoginSession.id.in_(ids))
    ended = len((await db.execute(wanted.returning(LoginSession.id))).all())
    if ended:
        audit.note(db, account_subject(user_id), "user.ended_sessions", by=by, now=now, count=ended)
    return ended


def session_name(session: LoginSession) -> str:
    """A session in a form: its id in hexadecimal, from which nobody can make the cookie."""
    return session.id.hex()


def _session_id(text: str) -> bytes | None:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return None


async def log_out(db: AsyncSession, token: str | None) -> None:
    """End the session behind a cookie, if there is one."""
    if token:
        await db.execute(delete(LoginSession).where(LoginSession.id == token_id(token)))
