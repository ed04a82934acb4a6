"""The secret address of a helper's calendar: made, replaced, turned off, used."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from scheduling.models import CalendarToken
from trainers.models import Trainer

USE_NOTED_EVERY = timedelta(hours=1)


def token_hash(token: str) -> bytes:
    """What is kept of a secret: its SHA-256."""
    return hashlib.sha256(token.encode()).digest()


async def new_feed(db: AsyncSession, trainer: Trainer, *, by: Actor, now: datetime) -> str:
    """Make a new secret (256 random bits) and let the old one die. Only its hash is kept: show it now."""
    await turn_off_feed(db, trainer, by=by, now=now)
    token = secrets.token_urlsafe(32)
    db.add(CalendarToken(token_hash=token_hash(token), trainer_id=trainer.id, created_at=now))
    await db.flush()
    _note(db, trainer, "calendar_feed.made", by=by, now=now)
    return token


async def turn_off_feed(db: AsyncSession, trainer: Trainer, *, by: Actor, now: datetime) -> None:
    """Let the helper's secret die, if there is one."""
    # Two taps at once meet here one after the other.
    await db.execute(select(Trainer.id).where(Trainer.id == trainer.id).with_for_update(key_share=True))
    ended = await db.execute(
        update(CalendarToken)
        .where(CalendarToken.trainer_id == trainer.id, CalendarToken.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(CalendarToken.trainer_id)
    )
    if ended.all():
        _note(db, trainer, "calendar_feed.ended", by=by, now=now)


async def note_use(db: AsyncSession, token: CalendarToken, content: bytes, *, now: datetime) -> datetime:
    """Remember that a feed was read, and what it said; returns when it last began to say something else.

    Whole seconds, as HTTP dates are, and never the same second for two contents.
    """
    changed_at = token.changed_at
    if token.content_hash != content or changed_at is None:
        second = now.replace(microsecond=0)
        if changed_at is not None:
            second = max(second, changed_at + timedelta(seconds=1))
        token.content_hash, token.changed_at, changed_at = content, second, second
    if token.last_used_at is None or now - token.last_used_at >= USE_NOTED_EVERY:
        token.last_used_at = now
    await db.flush()
    return changed_at


def _note(db: AsyncSession, trainer: Trainer, action: str, *, by: Actor, now: datetime) -> None:
    audit.record(
        db,
        by=by,
        now=now,
        action=action,
        ward_id=trainer.ward_id,
        subject="trainer",
        subject_id=trainer.id,
    )
