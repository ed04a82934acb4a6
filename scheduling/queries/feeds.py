"""What private calendars show, and how little must be read to know that nothing changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from typing import cast as cast_type

from sqlalchemy import (
    Select,
    SQLColumnExpression,
    Text,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from accounts.models import RoleGrant, User
from learners.models import Learner
from lopso.kernel.access import PERMISSIONS, Permission
from lopso.kernel.db import UtcDateTime
from scheduling.models import Assignment, CalendarToken, ClassSession, Enrolment
from scheduling.queries.place_words import place_name
from scheduling.rules.feeds import FeedKind, FeedOwner
from trainers.models import Trainer
from venues.models import Market, Room, Venue, Ward

LOOKS_BACK = timedelta(days=90)
LOOKS_AHEAD = timedelta(days=400)
SHOWN = 2000  # more than a ward holds in that time; a runaway import must not make a feed of any size

SILENT = ("declined", "no_show")
"""Askings that are no appointment of the helper's any more and never need to be taken back."""

_SEES_CALENDARS = [role for role, may in PERMISSIONS.items() if Permission.SEE_CALENDAR in may]

_held = aliased(Venue)  # the venue whose feed it is; `Venue` is where a session is held

Rows = Select[*tuple[Any, ...]]

_NONE = literal_column("''", Text)

Value = SQLColumnExpression[Any] | int | str | None


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One session of a feed. `role` and `state` are a helper's, else empty; `place` may be."""

    session_id: int
    version: int
    kind: str
    title: str
    starts_at: datetime
    ends_at: datetime
    called_off: bool
    place: str
    ward: str
    ward_phone: str | None
    role: str = ""
    state: str = ""


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


async def standing_feed(db: AsyncSession, token_hash: bytes, *, now: datetime) -> StandingFeed | None:
    """The feed behind a secret; one statement in each case, whatever the number of sessions.

    None for a secret unknown or rotated, and for that of somebody who left, lost the account or the right to
    see that calendar; of an archived learner; of a closed venue.
    """
    row = (await db.execute(_STANDING, {"token_hash": token_hash, **_bounds(now)})).one_or_none()
    if row is None:
        return None
    kind, owner_id = _owner_of(row)
    return StandingFeed(
        owner=FeedOwner(kind, owner_id, row.of_ward, row.user_id),
        token_hash=token_hash,
        name=row.name or "",
        language=row.language,
        fingerprint=row.fingerprint or "",
        content_hash=row.content_hash,
        changed_at=row.changed_at,
        last_used_at=row.last_used_at,
    )


def _owner_of(row: Any) -> tuple[FeedKind, int | str]:
    if row.trainer_id is not None:
        return "trainer", row.trainer_id
    if row.learner_id is not None:
        return "learner", row.learner_id
    return ("ward", row.ward_id) if row.ward_id is not None else ("venue", row.venue_id)


def _standing() -> Rows:
    token = CalendarToken
    of_ward = func.coalesce(token.ward_id, _held.ward_id, Trainer.ward_id, Learner.ward_id)
    may_see = exists().where(
        RoleGrant.user_id == token.user_id,
        RoleGrant.revoked_at.is_(None),
        RoleGrant.role.in_(_SEES_CALENDARS),
        or_(RoleGrant.ward_id.is_(None), RoleGrant.ward_id == of_ward),
    )
    return (
        select(
            token.trainer_id,
            token.learner_id,
            token.ward_id,
            token.venue_id,
            token.user_id,
            token.content_hash,
            token.changed_at,
            token.last_used_at,
            of_ward.label("of_ward"),
            User.language,
            func.coalesce(_held.name, Ward.full_name).label("name"),
            case(
                (token.trainer_id.is_not(None), _fingerprint(_of_helper(token.trainer_id))),
                (token.learner_id.is_not(None), _fingerprint(_of_learner(token.learner_id))),
                (token.ward_id.is_not(None), _fingerprint(_of_ward(token.ward_id))),
                else_=_fingerprint(_of_venue(token.venue_id, _held.ward_id)),
            ).label("fingerprint"),
        )
        .select_from(token)
        .outerjoin(Trainer, Trainer.id == token.trainer_id)
        .outerjoin(Learner, Learner.id == token.learner_id)
        .outerjoin(_held, _held.id == token.venue_id)
        .outerjoin(Ward, Ward.id == token.ward_id)
        .outerjoin(User, User.id == func.coalesce(token.user_id, Trainer.user_id))
        .where(
            token.token_hash == bindparam("token_hash"),
            token.revoked_at.is_(None),
            Trainer.left_at.is_(None),
            Learner.archived_at.is_(None),
            _held.closed_at.is_(None),
            User.disabled_at.is_(None),
            or_(token.user_id.is_(None), may_see),
        )
    )


def _fingerprint(rows: Rows) -> Any:
    """Of the very rows that `feed` gives: what is shown cannot be left out of it."""
    shown = rows.correlate(CalendarToken, _held).subquery("shown")
    text = func.string_agg(cast(shown.table_valued(), Text), "")
    return select(func.md5(text)).correlate(CalendarToken, _held).scalar_subquery()


async def feed(db: AsyncSession, owner: FeedOwner, *, now: datetime) -> Sequence[FeedEntry]:
    """What a calendar shows: published sessions, 90 days back and 400 ahead, by time; one statement.

    Of several askings of a helper into one session the last counts. One that was taken back stays in the
    list, so that calendars which copied it hear of it.
    """
    values = {"owner": owner.id, "of_ward": owner.ward_id, **_bounds(now)}
    rows = await db.execute(_FEEDS[owner.kind], values)
    return [_entry(row) for row in rows if row.state not in SILENT]


async def learner_feed(db: AsyncSession, learner_id: int, *, now: datetime) -> Sequence[FeedEntry]:
    """The published sessions in which a learner has a seat, called off ones too, by time; one statement."""
    rows = await db.execute(_FEEDS["learner"], {"owner": learner_id, **_bounds(now)})
    return [_entry(row) for row in rows]


async def entry_for(db: AsyncSession, session_id: int, trainer_id: int | None) -> FeedEntry | None:
    """One published session as it stands in a feed, with what `trainer_id` was last asked; one statement."""
    statement = (
        _sessions(Assignment.role, Assignment.state)
        .outerjoin(
            Assignment,
            and_(Assignment.session_id == ClassSession.id, Assignment.trainer_id == trainer_id),
        )
        .where(ClassSession.id == session_id, ClassSession.published_at.is_not(None))
        .order_by(Assignment.id.desc())
        .limit(1)
    )
    row = (await db.execute(statement)).one_or_none()
    return _entry(row) if row else None


def _sessions(role: Any = _NONE, state: Any = _NONE) -> Rows:
    return (
        select(
            ClassSession.id,
            ClassSession.version,
            ClassSession.kind,
            ClassSession.title,
            ClassSession.starts_at,
            ClassSession.ends_at,
            ClassSession.cancelled_at,
            ClassSession.place,
            Room.name.label("room"),
            Venue.name.label("venue"),
            Venue.address,
            Venue.landmark,
            Market.name.label("market"),
            Ward.full_name.label("ward"),
            Ward.phone,
            role.label("role"),
            state.label("state"),
        )
        .select_from(ClassSession)
        .join(Ward, Ward.id == ClassSession.ward_id)
        .outerjoin(Room, Room.id == ClassSession.room_id)
        .outerjoin(Venue, Venue.id == Room.venue_id)
        .outerjoin(Market, Market.id == ClassSession.market_id)
    )


def _in_time(starts_at: Any) -> tuple[SQLColumnExpression[bool], ...]:
    return (
        starts_at > bindparam("since", type_=UtcDateTime),
        starts_at < bindparam("until", type_=UtcDateTime),
        ClassSession.published_at.is_not(None),
    )


def _bounds(now: datetime) -> dict[str, Any]:
    return {"since": now - LOOKS_BACK, "until": now + LOOKS_AHEAD}


# By time: what a limit cuts off is what lies furthest ahead.
_BY_TIME = (ClassSession.starts_at, ClassSession.id)


def _of_helper(trainer_id: Value) -> Rows:
    return (
        _sessions(Assignment.role, Assignment.state)
        .ext(distinct_on(Assignment.starts_at, Assignment.session_id))
        .join(Assignment, Assignment.session_id == ClassSession.id)
        .where(Assignment.trainer_id == trainer_id, *_in_time(Assignment.starts_at))
        .order_by(Assignment.starts_at, Assignment.session_id, Assignment.id.desc())
        .limit(SHOWN)
    )


def _of_learner(learner_id: Value) -> Rows:
    return (
        _sessions()
        .join(Enrolment, Enrolment.session_id == ClassSession.id)
        .where(
            Enrolment.learner_id == learner_id,
            Enrolment.state == "enrolled",
            *_in_time(ClassSession.starts_at),
        )
        .order_by(*_BY_TIME)
        .limit(SHOWN)
    )


def _of_ward(ward_id: Value) -> Rows:
    return (
        _sessions()
        .where(ClassSession.ward_id == ward_id, *_in_time(ClassSession.starts_at))
        .order_by(*_BY_TIME)
        .limit(SHOWN)
    )


def _of_venue(venue_id: Value, ward_id: Value) -> Rows:
    return _of_ward(ward_id).where(Room.venue_id == venue_id)


def _entry(row: Any) -> FeedEntry:
    name = place_name(words=row.place, room=row.room, venue=row.venue, market=row.market)
    return FeedEntry(
        session_id=row.id,
        version=row.version,
        kind=row.kind,
        title=row.title,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        called_off=row.cancelled_at is not None,
        place=", ".join(part for part in (name, row.address, row.landmark) if part),
        ward=row.ward,
        ward_phone=row.phone,
        role=row.role or "",
        state=row.state or "",
    )


_OWNER = cast_type("Any", bindparam("owner"))

# Made once: putting them together takes longer than running them.
_FEEDS: dict[FeedKind, Rows] = {
    "trainer": _of_helper(_OWNER),
    "learner": _of_learner(_OWNER),
    "ward": _of_ward(_OWNER),
    "venue": _of_venue(_OWNER, cast_type("Any", bindparam("of_ward"))),
}
_STANDING = _standing()
