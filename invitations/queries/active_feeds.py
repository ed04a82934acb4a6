"""The feed that a secret opens, with a fingerprint of its content: one statement."""

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
    MARKET_COLUMNS,
    ROOM_COLUMNS,
    WARD_COLUMNS,
    FeedRows,
    feed_period,
    helper_rows,
    learner_rows,
    venue_rows,
    ward_rows,
)
from invitations.rules.feeds import FeedKind, FeedOwner
from learners.models import Learner
from lopso.kernel.access import PERMISSIONS, Permission
from trainers.models import Trainer
from venues.models import Market, Room, Venue, Ward

_SEES_CALENDARS = [role for role, may in PERMISSIONS.items() if Permission.SEE_CALENDAR in may]

_OwnerVenue = aliased(Venue)  # the feed's owner; `Venue` and `Ward` are where a session is held
_OwnerWard = aliased(Ward)


@dataclass(frozen=True, slots=True)
class ActiveFeed:
    """A feed whose secret is valid.

    Attributes:
        name: of the ward or the venue; empty for a helper's or a learner's.
        language: of the holder's account, or of the token; None when unknown.
        fingerprint: changes whenever `feed` would return other rows.
        content_hash, changed_at, last_used_at: stored at earlier requests.
    """

    owner: FeedOwner
    token_hash: bytes
    name: str
    language: str | None
    fingerprint: str
    content_hash: bytes | None
    changed_at: datetime | None
    last_used_at: datetime | None


async def active_feed(
    db: AsyncSession, kind: FeedKind, token_hash: bytes, *, now: datetime
) -> ActiveFeed | None:
    """The feed of this kind with this secret; one statement in any case, whatever the number of sessions.

    None for an unknown or revoked secret, for one of a holder who left, whose account was disabled or who
    lost the permission to see that calendar, of an archived learner, and of a closed venue.
    """
    connection = await db.connection()  # rows, no ORM objects: this runs thousands of times an hour
    values = {"token_hash": token_hash, **feed_period(now)}
    row = (await connection.execute(_ACTIVE[kind], values)).one_or_none()
    if row is None:
        return None
    return ActiveFeed(
        owner=FeedOwner(kind, row.owner, row.owner_ward, row.user_id),
        token_hash=token_hash,
        name=row.name or "",
        language=row.language,
        fingerprint=row.fingerprint or "",
        content_hash=row.content_hash,
        changed_at=row.changed_at,
        last_used_at=row.last_used_at,
    )


def fingerprint(rows: FeedRows) -> Any:
    """Scalar subquery: a hash of all rows that a feed is made of, those of sessions and of their places.

    It covers everything that is shown, since both use the same columns.
    """
    shown = rows.correlate(CalendarToken, _OwnerVenue).subquery("shown")
    seen = select(
        _row_hash(shown),
        *(
            func.array_agg(shown.c[each].distinct()).label(each)
            for each in ("room_id", "market_id", "ward_id")
        ),
    ).subquery("seen")
    rooms = select(Room.id, *ROOM_COLUMNS).join(Venue, Venue.id == Room.venue_id)
    places = (
        rooms.where(Room.id == any_(seen.c.room_id)),
        select(Market.id, *MARKET_COLUMNS).where(Market.id == any_(seen.c.market_id)),
        select(Ward.id, *WARD_COLUMNS).where(Ward.id == any_(seen.c.ward_id)),
    )
    hashes = [select(_row_hash(each.correlate(seen).subquery("place"))).scalar_subquery() for each in places]
    whole = sum(hashes, start=seen.c.hash)
    return select(cast(whole, Text)).correlate(CalendarToken, _OwnerVenue).scalar_subquery()


def _row_hash(rows: Subquery) -> ColumnElement[Any]:
    """Sum of the 64-bit hashes of whole rows, independent of their order.

    PostgreSQL hashes rows so for its own hash joins; it takes a third of the time of text and MD5.
    """
    hashed = func.hash_record_extended(rows.table_valued(), literal_column("0"))
    return func.coalesce(func.sum(hashed), literal_column("0")).label("hash")


def _columns(owner: Any, owner_ward: Any, name: Any, rows: FeedRows) -> Sequence[Any]:
    return (
        owner.label("owner"),
        owner_ward.label("owner_ward"),
        name.label("name"),
        CalendarToken.user_id,
        CalendarToken.content_hash,
        CalendarToken.changed_at,
        CalendarToken.last_used_at,
        func.coalesce(User.language, CalendarToken.language).label("language"),
        fingerprint(rows).label("fingerprint"),
    )


_CURRENT = (CalendarToken.token_hash == bindparam("token_hash"), CalendarToken.revoked_at.is_(None))


def _sees_calendar(ward_id: Any) -> ColumnElement[bool]:
    """Condition: the token's user may still see the calendar of that ward."""
    return (
        select(RoleGrant.id)
        .where(
            RoleGrant.user_id == CalendarToken.user_id,
            RoleGrant.revoked_at.is_(None),
            RoleGrant.role.in_(_SEES_CALENDARS),
            or_(RoleGrant.ward_id.is_(None), RoleGrant.ward_id == ward_id),
        )
        .exists()
    )


def _of_trainer() -> FeedRows:
    token = CalendarToken
    return (
        select(*_columns(token.trainer_id, Trainer.ward_id, null(), helper_rows(token.trainer_id)))
        .select_from(token)
        .join(Trainer, Trainer.id == token.trainer_id)
        .outerjoin(User, User.id == Trainer.user_id)
        .where(*_CURRENT, Trainer.left_at.is_(None), User.disabled_at.is_(None))
    )


def _of_learner() -> FeedRows:
    token = CalendarToken
    return (
        select(*_columns(token.learner_id, Learner.ward_id, null(), learner_rows(token.learner_id)))
        .select_from(token)
        .join(Learner, Learner.id == token.learner_id)
        .outerjoin(User, User.id == token.user_id)  # always NULL: a learner has no account
        .where(*_CURRENT, Learner.archived_at.is_(None))
    )


def _of_ward() -> FeedRows:
    token = CalendarToken
    return (
        select(
            *_columns(
                token.ward_id, token.ward_id, _OwnerWard.full_name, ward_rows(token.ward_id, token.user_id)
            )
        )
        .select_from(token)
        .join(_OwnerWard, _OwnerWard.id == token.ward_id)
        .join(User, User.id == token.user_id)
        .where(*_CURRENT, User.disabled_at.is_(None), _sees_calendar(token.ward_id))
    )


def _of_venue() -> FeedRows:
    token, venue = CalendarToken, _OwnerVenue
    rows = venue_rows(token.venue_id, venue.ward_id, token.user_id)
    return (
        select(*_columns(token.venue_id, venue.ward_id, venue.name, rows))
        .select_from(token)
        .join(venue, venue.id == token.venue_id)
        .join(User, User.id == token.user_id)
        .where(
            *_CURRENT, venue.closed_at.is_(None), User.disabled_at.is_(None), _sees_calendar(venue.ward_id)
        )
    )


# One statement for each kind (the prefix of the secret tells it): a common one would be planned with the
# tables of all. Built once: building them takes longer than running them.
_ACTIVE: dict[FeedKind, FeedRows] = {
    "trainer": _of_trainer(),
    "learner": _of_learner(),
    "ward": _of_ward(),
    "venue": _of_venue(),
}
