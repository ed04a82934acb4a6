"""What private calendars show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from typing import cast as cast_type

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    Text,
    and_,
    bindparam,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from invitations.models import Invite
from invitations.rules.feeds import (
    FeedKind,
    FeedOwner,
    InviteVersion,
    shown_sequence,
)
from lopso.kernel.db import UtcDateTime
from scheduling.models import Assignment, ClassSession, Enrolment
from scheduling.rules.places import place_name
from venues.models import Market, Room, Venue, Ward

LOOKS_BACK = timedelta(days=90)
LOOKS_AHEAD = timedelta(days=400)
SHOWN = 2000  # more than a ward holds in that time; a runaway import must not make a feed of any size

_TAKEN_BACK = ("withdrawn", "replaced")

SILENT = ("declined", "no_show")
"""Askings that are no appointment of the helper's any more and never need to be taken back."""

Rows = Select[*tuple[Any, ...]]

_NONE = literal_column("''", Text)

Value = SQLColumnExpression[Any] | int | str | None


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One session of a feed. `role` and `state` are a helper's, else empty; `place` may be.

    `sequence` is never lower than what a mail told of the same appointment.
    """

    session_id: int
    sequence: int
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

    @property
    def taken_back(self) -> bool:
        """Whether the session was called off, or its helper taken off it."""
        return self.called_off or self.state in _TAKEN_BACK


async def feed(db: AsyncSession, owner: FeedOwner, *, now: datetime) -> Sequence[FeedEntry]:
    """What a calendar shows: published sessions, 90 days back and 400 ahead, by time; one statement.

    Of several askings of a helper into one session the last counts. One that was taken back stays in the
    list, so that calendars which copied it hear of it.
    """
    values = {"owner": owner.id, "of_ward": owner.ward_id, "of_user": owner.user_id, **bounds(now)}
    rows = await db.execute(_FEEDS[owner.kind], values)
    return [_entry(row) for row in rows if row.state not in SILENT]


async def learner_feed(db: AsyncSession, learner_id: int, *, now: datetime) -> Sequence[FeedEntry]:
    """The published sessions in which a learner has a seat, called off ones too, by time; one statement."""
    rows = await db.execute(_FEEDS["learner"], {"owner": learner_id, **bounds(now)})
    return [_entry(row) for row in rows]


async def entry_for(db: AsyncSession, session_id: int, owner: FeedOwner) -> FeedEntry | None:
    """One published session as it stands in this owner's feed; one statement.

    A helper's has what they were last asked; nothing when they never were. That a learner has a seat is not
    looked after.
    """
    here = (ClassSession.id == session_id, ClassSession.published_at.is_not(None))
    if owner.kind == "trainer":
        statement = (
            _sessions(_told("trainer", owner.id), Assignment.role, Assignment.state)
            .outerjoin(
                Assignment,
                and_(Assignment.session_id == ClassSession.id, Assignment.trainer_id == owner.id),
            )
            .where(*here)
            .order_by(Assignment.id.desc())
            .limit(1)
        )
    else:
        told = _told("learner", owner.id) if owner.kind == "learner" else _told("user", owner.user_id)
        statement = _sessions(told).where(*here)
    row = (await db.execute(_with_places(statement))).one_or_none()
    return _entry(row) if row else None


def _told(kind: str, person_id: Value) -> ColumnElement[bool]:
    """Which appointment is this person's, if mails ever told of it; at most one, by its unique index."""
    columns = {"trainer": Invite.trainer_id, "learner": Invite.learner_id, "user": Invite.user_id}
    return and_(
        Invite.session_id == ClassSession.id,
        *(column == person_id if each == kind else column.is_(None) for each, column in columns.items()),
    )


def _sessions(told: ColumnElement[bool], role: Any = _NONE, state: Any = _NONE) -> Rows:
    """Sessions without their places: those are few, and read once each to find out that nothing changed."""
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
            ClassSession.room_id,
            ClassSession.market_id,
            ClassSession.ward_id,
            role.label("role"),
            state.label("state"),
            Invite.sequence,
            Invite.session_version,
            Invite.state.label("invite_state"),
        )
        .select_from(ClassSession)
        .outerjoin(Invite, told)
    )


OF_ROOM = (
    Room.name.label("room"),
    Venue.name.label("venue"),
    Venue.address,
    Venue.landmark,
)
OF_MARKET = (Market.name.label("market"),)
OF_WARD = (Ward.full_name.label("ward"), Ward.phone)


def _with_places(rows: Rows) -> Rows:
    return (
        rows.add_columns(*OF_ROOM, *OF_MARKET, *OF_WARD)
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


def bounds(now: datetime) -> dict[str, Any]:
    """Values for the time that every feed covers."""
    return {"since": now - LOOKS_BACK, "until": now + LOOKS_AHEAD}


def of_helper(trainer_id: Value) -> Rows:
    """What a helper was asked into, every asking a row."""
    return (
        _sessions(_told("trainer", trainer_id), Assignment.role, Assignment.state)
        .join(Assignment, Assignment.session_id == ClassSession.id)
        .where(Assignment.trainer_id == trainer_id, *_in_time(Assignment.starts_at))
    )


def of_learner(learner_id: Value) -> Rows:
    """Where a learner has a seat."""
    return (
        _sessions(_told("learner", learner_id))
        .join(Enrolment, Enrolment.session_id == ClassSession.id)
        .where(
            Enrolment.learner_id == learner_id,
            Enrolment.state == "enrolled",
            *_in_time(ClassSession.starts_at),
        )
    )


def of_ward(ward_id: Value, user_id: Value) -> Rows:
    """What a ward holds, for one of its officers."""
    return _sessions(_told("user", user_id)).where(
        ClassSession.ward_id == ward_id, *_in_time(ClassSession.starts_at)
    )


def of_venue(venue_id: Value, ward_id: Value, user_id: Value) -> Rows:
    """What is held in one venue, for one of the ward's officers."""
    rooms = select(Room.id).where(Room.venue_id == venue_id).correlate_except(Room)
    return of_ward(ward_id, user_id).where(ClassSession.room_id.in_(rooms))


def _by_time(rows: Rows) -> Rows:
    """Earliest first: what the limit cuts off is what lies furthest ahead."""
    return _with_places(rows).order_by(ClassSession.starts_at, ClassSession.id).limit(SHOWN)


def _entry(row: Any) -> FeedEntry:
    name = place_name(words=row.place, room=row.room, venue=row.venue, market=row.market)
    called_off, state = row.cancelled_at is not None, row.state or ""
    planned = (
        InviteVersion(row.sequence, row.session_version, row.invite_state == "invited")
        if row.invite_state
        else None
    )
    return FeedEntry(
        session_id=row.id,
        sequence=shown_sequence(row.version, planned, holds=not called_off and state not in _TAKEN_BACK),
        kind=row.kind,
        title=row.title,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        called_off=called_off,
        place=", ".join(part for part in (name, row.address, row.landmark) if part),
        ward=row.ward,
        ward_phone=row.phone,
        role=row.role or "",
        state=state,
    )


_OWNER = cast_type("Any", bindparam("owner"))
_OF_WARD = cast_type("Any", bindparam("of_ward"))
_OF_USER = cast_type("Any", bindparam("of_user"))

# Made once: putting them together takes longer than running them.
_FEEDS: dict[FeedKind, Rows] = {
    "trainer": _with_places(of_helper(_OWNER))
    .ext(distinct_on(Assignment.starts_at, Assignment.session_id))
    .order_by(Assignment.starts_at, Assignment.session_id, Assignment.id.desc())
    .limit(SHOWN),
    "learner": _by_time(of_learner(_OWNER)),
    "ward": _by_time(of_ward(_OWNER, _OF_USER)),
    "venue": _by_time(of_venue(_OWNER, _OF_WARD, _OF_USER)),
}
