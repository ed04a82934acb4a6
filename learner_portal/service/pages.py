"""The pages behind learners' cards: create, renew, revoke; their feed and reading preferences."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from invitations.rules.feeds import FeedOwner, derived_secret
from invitations.service.feeds import ensure_feed, revoke_learner_feeds
from learner_portal.models import LearnerPage
from learner_portal.rules.page_tokens import page_token, token_hash
from learners.models import Learner
from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.errors import NotFound
from lopso.kernel.i18n import Language

USE_RECORDED_EVERY = timedelta(hours=1)


async def issue_cards(
    db: AsyncSession,
    learners: Sequence[Learner],
    *,
    secret: str,
    about: audit.Subject,
    by: Actor,
    now: datetime,
) -> Mapping[int, str]:
    """The tokens for these learners' cards, all of one ward. Does not commit; a fixed number of statements.

    An existing page keeps its token, so that cards printed before stay valid; a missing page is created. A
    revoked page is opened again with a new token. A new token revokes the learner's feed.

    Args:
        about: the learner, session or ward that the audit entry names.

    Returns:
        Token by learner id.
    """
    if not learners:
        return {}
    ward_id = learners[0].ward_id
    ids = sorted(learner.id for learner in learners)
    await _create_missing(db, ward_id, ids, secret=secret, by=by, now=now)
    tokens: dict[int, str] = {}
    replaced: list[int] = []
    for row in await _locked(db, ids):
        token = page_token(secret, row.learner_id, row.generation)
        # After a change of LOPSO_SECRET tokens differ: the one printed now must open the page.
        if row.revoked_at is not None or row.token_hash != token_hash(token):
            token = _next_generation(row, secret, by=by, now=now)
            replaced.append(row.learner_id)
        row.printed_at = now
        tokens[row.learner_id] = token
    await db.flush()
    if replaced:
        await revoke_learner_feeds(db, ward_id, replaced, by=by, now=now)
    audit.note(db, about, "learner_card.printed", by=by, now=now, learners=ids)
    return tokens


async def _create_missing(
    db: AsyncSession, ward_id: str, learner_ids: Sequence[int], *, secret: str, by: Actor, now: datetime
) -> None:
    rows = [
        {
            "learner_id": learner_id,
            "ward_id": ward_id,
            "token_hash": token_hash(page_token(secret, learner_id, 1)),
            "made_at": now,
            "made_by": by.user_id,
        }
        for learner_id in learner_ids
    ]
    await db.execute(insert(LearnerPage).values(rows).on_conflict_do_nothing(index_elements=["learner_id"]))


async def renew_page(
    db: AsyncSession, ward_id: str, learner_id: int, *, secret: str, by: Actor, now: datetime
) -> None:
    """Give a page a new token: cards printed before become invalid. Does not commit.

    The learner's feed is revoked too, since a finder of the card may know its address.

    Raises:
        NotFound: this learner has no page.
    """
    row = await _page(db, ward_id, learner_id)
    _next_generation(row, secret, by=by, now=now)
    row.printed_at = None
    await revoke_learner_feeds(db, ward_id, [learner_id], by=by, now=now)
    await db.flush()
    _note(db, row, "learner_page.renewed", by=by, now=now)


async def revoke_page(db: AsyncSession, ward_id: str, learner_id: int, *, by: Actor, now: datetime) -> None:
    """Revoke a page and its feed; the next card will have another token. Does not commit. Idempotent.

    Raises:
        NotFound: this learner has no page.
    """
    row = await _page(db, ward_id, learner_id)
    if row.revoked_at is None:
        row.revoked_at, row.revoked_by = now, by.user_id
        await revoke_learner_feeds(db, ward_id, [learner_id], by=by, now=now)
        await db.flush()
        _note(db, row, "learner_page.turned_off", by=by, now=now)


async def ensure_page_feed(
    db: AsyncSession, row: LearnerPage, token: str, *, language: Language, by: Actor, now: datetime
) -> str:
    """The secret of the feed that belongs to this card, the same each time. Does not commit.

    It is derived from the card's token: everybody in the family who asks for it gets the same, and it becomes
    invalid with the card.

    Args:
        token: of the card.
        language: of the feed from now on.
    """
    secret = derived_secret("learner", token)
    owner = FeedOwner("learner", row.learner_id, row.ward_id)
    await ensure_feed(db, owner, secret, language=language, by=by, now=now)
    return secret


def record_use(row: LearnerPage, *, now: datetime) -> None:
    """Record that a page was opened, at most once an hour. Does not commit."""
    if row.last_used_at is None or now - row.last_used_at >= USE_RECORDED_EVERY:
        row.last_used_at = now


def save_reading_preferences(
    db: AsyncSession, row: LearnerPage, *, language: Language, large_text: bool, by: Actor, now: datetime
) -> None:
    """Store language and size of letters of the page. Does not commit."""
    if (row.language, row.large_text) == (language, large_text):
        return
    row.language, row.large_text = language, large_text
    _note(db, row, "learner_page.reading_chosen", by=by, now=now)


async def _page(db: AsyncSession, ward_id: str, learner_id: int) -> LearnerPage:
    rows = [row for row in await _locked(db, [learner_id]) if row.ward_id == ward_id]
    if not rows:
        raise NotFound
    return rows[0]


async def _locked(db: AsyncSession, learner_ids: Collection[int]) -> Sequence[LearnerPage]:
    # In id order, so that two requests for the same learners cannot deadlock.
    rows = await db.scalars(
        select(LearnerPage)
        .where(LearnerPage.learner_id.in_(learner_ids))
        .order_by(LearnerPage.learner_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return rows.all()


def _next_generation(row: LearnerPage, secret: str, *, by: Actor, now: datetime) -> str:
    row.generation += 1
    token = page_token(secret, row.learner_id, row.generation)
    row.token_hash, row.made_at, row.made_by = token_hash(token), now, by.user_id
    row.last_used_at = row.revoked_at = row.revoked_by = None
    return token


def _note(db: AsyncSession, row: LearnerPage, action: str, *, by: Actor, now: datetime) -> None:
    audit.note(db, audit.Subject("learner", row.learner_id, row.ward_id), action, by=by, now=now)
