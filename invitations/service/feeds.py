"""The secret address of a feed: create, replace, revoke, record its use."""

import hashlib
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.models import User
from invitations.models import CalendarToken
from invitations.queries.active_feeds import ActiveFeed
from invitations.queries.feed_tokens import active_token, active_token_of, owner_columns
from invitations.rules.feeds import FeedOwner, new_secret
from learners.models import Learner
from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.i18n import Language
from trainers.models import Trainer

USE_RECORDED_EVERY = timedelta(hours=1)


def token_hash(token: str) -> bytes:
    """SHA-256 of a secret, the only form in which it is stored."""
    return hashlib.sha256(token.encode()).digest()


async def create_feed(db: AsyncSession, owner: FeedOwner, *, by: Actor, now: datetime) -> str:
    """Create a secret (256 random bits) and revoke the old one. Only its hash is stored: show it now."""
    await revoke_feed(db, owner, by=by, now=now)
    token = new_secret(owner.kind)
    db.add(CalendarToken(token_hash=token_hash(token), created_at=now, **owner_columns(owner)))
    await db.flush()
    _note(db, owner, "calendar_feed.made", by=by, now=now)
    return token


async def ensure_feed(
    db: AsyncSession, owner: FeedOwner, secret: str, *, language: Language, by: Actor, now: datetime
) -> None:
    """Let `secret` open the owner's feed, in this language; idempotent. Does not commit.

    Any other secret of the owner is revoked.
    """
    held = await active_token(db, owner)
    if held is None or held.token_hash != token_hash(secret):
        await revoke_feed(db, owner, by=by, now=now)
        held = await db.get(CalendarToken, token_hash(secret), populate_existing=True)
        if held is None:
            held = CalendarToken(token_hash=token_hash(secret), created_at=now, **owner_columns(owner))
            db.add(held)
        held.revoked_at = None
        _note(db, owner, "calendar_feed.made", by=by, now=now)
    held.language = language
    await db.flush()


async def revoke_learner_feeds(
    db: AsyncSession, ward_id: str, learner_ids: Collection[int], *, by: Actor, now: datetime
) -> None:
    """Revoke the feeds of these learners of one ward, where there are any; two statements."""
    # Locked in id order, and before the tokens are looked up, as in `revoke_feed`.
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


async def revoke_feed(db: AsyncSession, owner: FeedOwner, *, by: Actor, now: datetime) -> None:
    """Revoke the owner's feed, if there is one."""
    # Two requests at once wait for each other here.
    await db.execute(_owner_row(owner).with_for_update(key_share=True))
    ended = await db.execute(
        update(CalendarToken)
        .where(*active_token_of(owner))
        .values(revoked_at=now)
        .returning(CalendarToken.created_at)
    )
    if ended.all():
        _note(db, owner, "calendar_feed.ended", by=by, now=now)


async def record_use(db: AsyncSession, found: ActiveFeed, content: bytes, *, now: datetime) -> datetime:
    """Record that a feed was read, and its content; returns when the content last changed.

    In whole seconds, as HTTP dates are, and never the same second for two contents. No statement when the
    content is the same and a use was recorded within the hour.
    """
    changes: dict[str, Any] = {}
    changed_at = found.changed_at
    if found.content_hash != content or changed_at is None:
        second = now.replace(microsecond=0)
        if changed_at is not None:
            second = max(second, changed_at + timedelta(seconds=1))
        changes, changed_at = {"content_hash": content, "changed_at": second}, second
    if found.last_used_at is None or now - found.last_used_at >= USE_RECORDED_EVERY:
        changes["last_used_at"] = now
    if changes:
        token = CalendarToken.token_hash == found.token_hash
        await db.execute(update(CalendarToken).where(token).values(changes))
    return changed_at


def _owner_row(owner: FeedOwner) -> Select[Any]:
    if owner.kind == "trainer":
        return select(Trainer.id).where(Trainer.id == owner.id)
    if owner.kind == "learner":
        return select(Learner.id).where(Learner.id == owner.id)
    return select(User.id).where(User.id == owner.user_id)


def _note(db: AsyncSession, owner: FeedOwner, action: str, *, by: Actor, now: datetime) -> None:
    audit.note(db, audit.Subject(owner.kind, owner.id, owner.ward_id), action, by=by, now=now)
