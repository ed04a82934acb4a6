"""The secret address of a calendar: made, replaced, turned off, used."""

import hashlib
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.models import User
from invitations.models import CalendarToken
from invitations.queries.feed_tokens import standing, standing_token, token_columns
from invitations.queries.standing_feeds import StandingFeed
from invitations.rules.feeds import FeedOwner, new_secret
from learners.models import Learner
from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.i18n import Language
from trainers.models import Trainer

USE_NOTED_EVERY = timedelta(hours=1)


def token_hash(token: str) -> bytes:
    """What is kept of a secret: its SHA-256."""
    return hashlib.sha256(token.encode()).digest()


async def new_feed(db: AsyncSession, owner: FeedOwner, *, by: Actor, now: datetime) -> str:
    """Make a new secret (256 random bits) and let the old one die. Only its hash is kept: show it now."""
    await turn_off_feed(db, owner, by=by, now=now)
    token = new_secret(owner.kind)
    db.add(CalendarToken(token_hash=token_hash(token), created_at=now, **token_columns(owner)))
    await db.flush()
    _note(db, owner, "calendar_feed.made", by=by, now=now)
    return token


async def keep_feed(
    db: AsyncSession, owner: FeedOwner, secret: str, *, language: Language, by: Actor, now: datetime
) -> None:
    """Let `secret` open the owner's feed, in this language; asked again, it lives on. Does not commit.

    Another secret of the owner ends.
    """
    held = await standing_token(db, owner)
    if held is None or held.token_hash != token_hash(secret):
        await turn_off_feed(db, owner, by=by, now=now)
        held = await db.get(CalendarToken, token_hash(secret), populate_existing=True)
        if held is None:
            held = CalendarToken(token_hash=token_hash(secret), created_at=now, **token_columns(owner))
            db.add(held)
        held.revoked_at = None
        _note(db, owner, "calendar_feed.made", by=by, now=now)
    held.language = language
    await db.flush()


async def turn_off_learners_feeds(
    db: AsyncSession, ward_id: str, learner_ids: Collection[int], *, by: Actor, now: datetime
) -> None:
    """Let the secrets of these learners of one ward die, where there are any; two statements."""
    # Locked in one order, and before the secrets are looked for: as `turn_off_feed`.
    holders = select(Learner.id).where(Learner.id.in_(learner_ids)).order_by(Learner.id)
    await db.execute(holders.with_for_update(key_share=True))
    ended = await db.scalars(
        update(CalendarToken)
        .where(CalendarToken.learner_id.in_(learner_ids), CalendarToken.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(CalendarToken.learner_id)
    )
    for learner_id in sorted(each for each in ended.all() if each is not None):
        _note(db, FeedOwner("learner", learner_id, ward_id), "calendar_feed.ended", by=by, now=now)


async def turn_off_feed(db: AsyncSession, owner: FeedOwner, *, by: Actor, now: datetime) -> None:
    """Let the owner's secret die, if there is one."""
    # Two taps at once meet here one after the other.
    await db.execute(_holder(owner).with_for_update(key_share=True))
    ended = await db.execute(
        update(CalendarToken)
        .where(*standing(owner))
        .values(revoked_at=now)
        .returning(CalendarToken.created_at)
    )
    if ended.all():
        _note(db, owner, "calendar_feed.ended", by=by, now=now)


async def note_use(db: AsyncSession, found: StandingFeed, content: bytes, *, now: datetime) -> datetime:
    """Remember that a feed was read, and what it said; returns when it last began to say something else.

    Whole seconds, as HTTP dates are, and never the same second for two contents. No statement when the text
    is the same and the last use was noted within the hour.
    """
    noted: dict[str, Any] = {}
    changed_at = found.changed_at
    if found.content_hash != content or changed_at is None:
        second = now.replace(microsecond=0)
        if changed_at is not None:
            second = max(second, changed_at + timedelta(seconds=1))
        noted, changed_at = {"content_hash": content, "changed_at": second}, second
    if found.last_used_at is None or now - found.last_used_at >= USE_NOTED_EVERY:
        noted["last_used_at"] = now
    if noted:
        mine = CalendarToken.token_hash == found.token_hash
        await db.execute(update(CalendarToken).where(mine).values(noted))
    return changed_at


def _holder(owner: FeedOwner) -> Select[Any]:
    if owner.kind == "trainer":
        return select(Trainer.id).where(Trainer.id == owner.id)
    if owner.kind == "learner":
        return select(Learner.id).where(Learner.id == owner.id)
    return select(User.id).where(User.id == owner.user_id)


def _note(db: AsyncSession, owner: FeedOwner, action: str, *, by: Actor, now: datetime) -> None:
    audit.record(
        db, by=by, now=now, action=action, ward_id=owner.ward_id, subject=owner.kind, subject_id=owner.id
    )
