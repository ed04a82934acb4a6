"""The sessions that calendar feeds show."""

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
MAX_ENTRIES = 2000  # more than a ward holds in that time; a runaway import must not make a feed of any size

_CANCELLED_STATES = ("withdrawn", "replaced")

HIDDEN_STATES = ("declined", "no_show")
"""States of assignments that no feed shows and that need no cancellation."""

FeedRows = Select[*tuple[Any, ...]]

_NONE = literal_column("''", Text)

Value = SQLColumnExpression[Any] | int | str | None


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One session of a feed. `role` and `state` are a helper's, else empty; `place` may be empty.

    `sequence` is never lower than what a mail has sent of the same appointment.
    """

    session_id: int
    sequence: int
    kind: str
    title: str
    starts_at: datetime
    ends_at: datetime
    session_cancelled: bool
    place: str
    ward: str
    ward_phone: str | None
    role: str = ""
    state: str = ""

    @property
    def is_cancelled(self) -> bool:
        """Whether the session was cancelled, or its helper withdrawn or replaced."""
        return self.session_cancelled or self.state in _CANCELLED_STATES


async def feed(db: AsyncSession, owner: FeedOwner, *, now: datetime) -> Sequence[FeedEntry]:
    """The published sessions of an owner, 90 days back and 400 ahead, by time; one statement.

    Of several assignments of a helper to one session the last counts. A withdrawn one stays in the list as
    cancelled, for calendars that have copied it.
    """
    values = {"owner": owner.id, "of_ward": owner.ward_id, "of_user": owner.user_id, **feed_period(now)}
    rows = await db.execute(_FEEDS[owner.kind], values)
    return [_entry(row) for row in rows if row.state not in HIDDEN_STATES]


async def entry_for(db: AsyncSession, session_id: int, owner: FeedOwner) -> FeedEntry | None:
    """One published session as it stands in this owner's feed; one statement.

    A helper's entry has their last assignment, if any. Whether a learner has a seat is not checked.
    """
    here = (ClassSession.id == session_id, ClassSession.published_at.is_not(None))
    if owner.kind == "trainer":
        statement = (
            _session_rows(_invite_of("trainer", owner.id), Assignment.role, Assignment.state)
            .outerjoin(
                Assignment,
                and_(Assignment.session_id == ClassSession.id, Assignment.trainer_id == owner.id),
            )
            .where(*here)
            .order_by(Assignment.id.desc())
            .limit(1)
        )
    else:
        invite = (
            _invite_of("learner", owner.id) if owner.kind == "learner" else _invite_of("user", owner.user_id)
        )
        statement = _session_rows(invite).where(*here)
    row = (await db.execute(_with_places(statement))).one_or_none()
    return _entry(row) if row else None


def _invite_of(kind: str, person_id: Value) -> ColumnElement[bool]:
    """Join condition: the invite of this person into the session; at most one, by its unique index."""
    columns = {"trainer": Invite.trainer_id, "learner": Invite.learner_id, "user": Invite.user_id}
    return and_(
        Invite.session_id == ClassSession.id,
        *(column == person_id if each == kind else column.is_(None) for each, column in columns.items()),
    )


def _session_rows(invite: ColumnElement[bool], role: Any = _NONE, state: Any = _NONE) -> FeedRows:
    """Sessions without their places: those are few, and the fingerprint reads each once."""
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
        .outerjoin(Invite, invite)
    )


ROOM_COLUMNS = (
    Room.name.label("room"),
    Venue.name.label("venue"),
    Venue.address,
    Venue.landmark,
)
MARKET_COLUMNS = (Market.name.label("market"),)
WARD_COLUMNS = (Ward.full_name.label("ward"), Ward.phone)


def _with_places(rows: FeedRows) -> FeedRows:
    return (
        rows.add_columns(*ROOM_COLUMNS, *MARKET_COLUMNS, *WARD_COLUMNS)
        .join(Ward, Ward.id == ClassSession.ward_id)
        .outerjoin(Room, Room.id == ClassSession.room_id)
        .outerjoin(Venue, Venue.id == Room.venue_id)
        .outerjoin(Market, Market.id == ClassSession.market_id)
    )


def _in_feed_period(starts_at: Any) -> tuple[SQLColumnExpression[bool], ...]:
    return (
        starts_at > bindparam("since", type_=UtcDateTime),
        starts_at < bindparam("until", type_=UtcDateTime),
        ClassSession.published_at.is_not(None),
    )


def feed_period(now: datetime) -> dict[str, Any]:
    """Parameters `since` and `until` of the period that every feed covers."""
    return {"since": now - LOOKS_BACK, "until": now + LOOKS_AHEAD}


def helper_rows(trainer_id: Value) -> FeedRows:
    """Sessions of a helper, one row for each assignment."""
    return (
        _session_rows(_invite_of("trainer", trainer_id), Assignment.role, Assignment.state)
        .join(Assignment, Assignment.session_id == ClassSession.id)
        .where(Assignment.trainer_id == trainer_id, *_in_feed_period(Assignment.starts_at))
    )


def learner_rows(learner_id: Value) -> FeedRows:
    """Sessions in which a learner has a seat."""
    return (
        _session_rows(_invite_of("learner", learner_id))
        .join(Enrolment, Enrolment.session_id == ClassSession.id)
        .where(
            Enrolment.learner_id == learner_id,
            Enrolment.state == "enrolled",
            *_in_feed_period(ClassSession.starts_at),
        )
    )


def ward_rows(ward_id: Value, user_id: Value) -> FeedRows:
    """Sessions of a ward, for one staff member."""
    return _session_rows(_invite_of("user", user_id)).where(
        ClassSession.ward_id == ward_id, *_in_feed_period(ClassSession.starts_at)
    )


def venue_rows(venue_id: Value, ward_id: Value, user_id: Value) -> FeedRows:
    """Sessions in one venue, for one staff member."""
    rooms = select(Room.id).where(Room.venue_id == venue_id).correlate_except(Room)
    return ward_rows(ward_id, user_id).where(ClassSession.room_id.in_(rooms))


def _by_time(rows: FeedRows) -> FeedRows:
    """Earliest first: the limit cuts off the sessions furthest ahead."""
    return _with_places(rows).order_by(ClassSession.starts_at, ClassSession.id).limit(MAX_ENTRIES)


def _entry(row: Any) -> FeedEntry:
    name = place_name(words=row.place, room=row.room, venue=row.venue, market=row.market)
    session_cancelled, state = row.cancelled_at is not None, row.state or ""
    planned = (
        InviteVersion(row.sequence, row.session_version, row.invite_state == "invited")
        if row.invite_state
        else None
    )
    return FeedEntry(
        session_id=row.id,
        sequence=shown_sequence(
            row.version, planned, holds=not session_cancelled and state not in _CANCELLED_STATES
        ),
        kind=row.kind,
        title=row.title,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        session_cancelled=session_cancelled,
        place=", ".join(part for part in (name, row.address, row.landmark) if part),
        ward=row.ward,
        ward_phone=row.phone,
        role=row.role or "",
        state=state,
    )


_OWNER = cast_type("Any", bindparam("owner"))
_OF_WARD = cast_type("Any", bindparam("of_ward"))
_OF_USER = cast_type("Any", bindparam("of_user"))

# Built once: building them takes longer than running them.
_FEEDS: dict[FeedKind, FeedRows] = {
    "trainer": _with_places(helper_rows(_OWNER))
    .ext(distinct_on(Assignment.starts_at, Assignment.session_id))
    .order_by(Assignment.starts_at, Assignment.session_id, Assignment.id.desc())
    .limit(MAX_ENTRIES),
    "learner": _by_time(learner_rows(_OWNER)),
    "ward": _by_time(ward_rows(_OWNER, _OF_USER)),
    "venue": _by_time(venue_rows(_OWNER, _OF_WARD, _OF_USER)),
}
