"""Whether a secret opens a feed, and how little must be read to know that nothing in it changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Subquery,
    Text,
    any_,
    bindparam,
    cast,
    func,
    literal_column,
    null,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from accounts.models import RoleGrant, User
from invitations.models import CalendarToken
from invitations.queries.feeds import (
    OF_MARKET,
    OF_ROOM,
    OF_WARD,
    Rows,
    bounds,
    of_helper,
    of_learner,
    of_venue,
    of_ward,
)
from invitations.rules.feeds import FeedKind, FeedOwner
from learners.models import Learner
from lopso.kernel.access import PERMISSIONS, Permission
from trainers.models import Trainer
from venues.models import Market, Room, Venue, Ward

_SEES_CALENDARS = [role for role, may in PERMISSIONS.items() if Permission.SEE_CALENDAR in may]

_HeldVenue = aliased(Venue)  # whose feed it is; `Venue` and `Ward` are where a session is held
_HeldWard = aliased(Ward)


@dataclass(frozen=True, slots=True)
class StandingFeed:
    """A feed behind a secret that still opens it.

    Attributes:
        name: of the ward or the venue; empty for people's own.
        language: of whoever reads it.
        fingerprint: another whenever `feed` would give other rows.
        content_hash, changed_at, last_used_at: what was noted at earlier readings.
    """

    owner: FeedOwner
    token_hash: bytes
    name: str
    language: str | None
    fingerprint: str
    content_hash: bytes | None
    changed_at: datetime | None
    last_used_at: datetime | None


async def standing_feed(
    db: AsyncSession, kind: FeedKind, token_hash: bytes, *, now: datetime
) -> StandingFeed | None:
    """The feed of this kind behind a secret; one statement in each case, whatever the number of sessions.

    None for a secret unknown or rotated, and for that of somebody who left, lost the account or the right to
    see that calendar; of an archived learner; of a closed venue.
    """
    connection = await db.connection()  # rows, no objects: this is asked thousands of times an hour
    values = {"token_hash": token_hash, **bounds(now)}
    row = (await connection.execute(_STANDING[kind], values)).one_or_none()
    if row is None:
        return None
    return StandingFeed(
        owner=FeedOwner(kind, row.owner, row.of_ward, row.user_id),
        token_hash=token_hash,
        name=row.name or "",
        language=row.language,
        fingerprint=row.fingerprint or "",
        content_hash=row.content_hash,
        changed_at=row.changed_at,
        last_used_at=row.last_used_at,
    )


def fingerprint(rows: Rows) -> Any:
    """Of all that a feed is made of: the rows of its sessions, whole, and those of their places.

    A scalar subquery. What is shown cannot be left out of it: both take the same columns.
    """
    shown = rows.correlate(CalendarToken, _HeldVenue).subquery("shown")
    seen = select(
        _summed(shown),
        *(
            func.array_agg(shown.c[each].distinct()).label(each)
            for each in ("room_id", "market_id", "ward_id")
        ),
    ).subquery("seen")
    rooms = select(Room.id, *OF_ROOM).join(Venue, Venue.id == Room.venue_id)
    places = (
        rooms.where(Room.id == any_(seen.c.room_id)),
        select(Market.id, *OF_MARKET).where(Market.id == any_(seen.c.market_id)),
        select(Ward.id, *OF_WARD).where(Ward.id == any_(seen.c.ward_id)),
    )
    hashes = [select(_summed(each.correlate(seen).subquery("place"))).scalar_subquery() for each in places]
    whole = sum(hashes, start=seen.c.hash)
    return select(cast(whole, Text)).correlate(CalendarToken, _HeldVenue).scalar_subquery()


def _summed(rows: Subquery) -> ColumnElement[Any]:
    """Of whole rows, in whatever order; 64 bits each, as PostgreSQL hashes rows for its own joins: a third of
    the time of text and MD5.
    """
    hashed = func.hash_record_extended(rows.table_valued(), literal_column("0"))
    return func.coalesce(func.sum(hashed), literal_column("0")).label("hash")


def _columns(owner: Any, of_ward: Any, name: Any, rows: Rows) -> Sequence[Any]:
    return (
        owner.label("owner"),
        of_ward.label("of_ward"),
        name.label("name"),
        CalendarToken.user_id,
        CalendarToken.content_hash,
        CalendarToken.changed_at,
        CalendarToken.last_used_at,
        func.coalesce(User.language, CalendarToken.language).label("language"),
        fingerprint(rows).label("fingerprint"),
    )


_LIVE = (CalendarToken.token_hash == bindparam("token_hash"), CalendarToken.revoked_at.is_(None))


def _sees(of_ward: Any) -> ColumnElement[bool]:
    """Whether the officer may still see that ward's calendar."""
    return (
        select(RoleGrant.id)
        .where(
            RoleGrant.user_id == CalendarToken.user_id,
            RoleGrant.revoked_at.is_(None),
            RoleGrant.role.in_(_SEES_CALENDARS),
            or_(RoleGrant.ward_id.is_(None), RoleGrant.ward_id == of_ward),
        )
        .exists()
    )


def _of_trainer() -> Rows:
    token = CalendarToken
    return (
        select(*_columns(token.trainer_id, Trainer.ward_id, null(), of_helper(token.trainer_id)))
        .select_from(token)
        .join(Trainer, Trainer.id == token.trainer_id)
        .outerjoin(User, User.id == Trainer.user_id)
        .where(*_LIVE, Trainer.left_at.is_(None), User.disabled_at.is_(None))
    )


def _of_learner() -> Rows:
    token = CalendarToken
    return (
        select(*_columns(token.learner_id, Learner.ward_id, null(), of_learner(token.learner_id)))
        .select_from(token)
        .join(Learner, Learner.id == token.learner_id)
        .outerjoin(User, User.id == token.user_id)  # none: a learner has no account
        .where(*_LIVE, Learner.archived_at.is_(None))
    )


def _of_ward() -> Rows:
    token = CalendarToken
    return (
        select(
            *_columns(
                token.ward_id, token.ward_id, _HeldWard.full_name, of_ward(token.ward_id, token.user_id)
            )
        )
        .select_from(token)
        .join(_HeldWard, _HeldWard.id == token.ward_id)
        .join(User, User.id == token.user_id)
        .where(*_LIVE, User.disabled_at.is_(None), _sees(token.ward_id))
    )


def _of_venue() -> Rows:
    token, venue = CalendarToken, _HeldVenue
    rows = of_venue(token.venue_id, venue.ward_id, token.user_id)
    return (
        select(*_columns(token.venue_id, venue.ward_id, venue.name, rows))
        .select_from(token)
        .join(venue, venue.id == token.venue_id)
        .join(User, User.id == token.user_id)
        .where(*_LIVE, venue.closed_at.is_(None), User.disabled_at.is_(None), _sees(venue.ward_id))
    )


# One for each kind, told apart by the secret's first letter: one for all would have to be planned with all
# their tables. Made once: putting them together takes longer than running them.
_STANDING: dict[FeedKind, Rows] = {
    "trainer": _of_trainer(),
    "learner": _of_learner(),
    "ward": _of_ward(),
    "venue": _of_venue(),
}
