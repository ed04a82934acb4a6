"""What every group of tasks has in common: its columns, its parameters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Text, bindparam, cast, func, literal, null, select
from sqlalchemy.dialects.postgresql import JSONB

from lopso.kernel.db import UtcDateTime
from overview.queries.statements import AnySelect
from scheduling.models import ClassSession
from venues.models import Market, Room, Venue

AHEAD = timedelta(days=14)
"""Sessions further ahead are nobody's task yet."""

BACK = timedelta(days=14)
"""Rolls of sessions longer ago are left to the ward's figures."""

WARD = bindparam("ward_id", type_=Text)
NOW = bindparam("now", type_=UtcDateTime)
READER = bindparam("reader_id", type_=BigInteger)


def parameters(*, ward_id: str | None, reader_id: int | None, now: datetime) -> dict[str, Any]:
    """Values of every parameter of the statements."""
    return {
        "ward_id": ward_id,
        "reader_id": reader_id,
        "now": now,
        "until": now + AHEAD,
        "since": now - BACK,
        "call_until": now + timedelta(days=2),
        "week_ago": now - timedelta(days=7),
    }


def instant(name: str) -> ColumnElement[datetime]:
    """One of the instants of `parameters`."""
    return bindparam(name, type_=UtcDateTime)


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task as it was read. `at`: the sooner, the more urgent; `detail` by its group."""

    group: str
    at: datetime
    session_id: int | None
    subject_id: int | None
    name: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TaskGroup:
    """The most urgent tasks of a group, and how many there are."""

    name: str
    rows: Sequence[TaskRow]
    total: int


def task_columns(
    at: ColumnElement[Any] | Any,
    *,
    session_id: Any = None,
    subject_id: Any = None,
    name: Any,
    detail: Mapping[str, Any] | None = None,
) -> AnySelect:
    """The columns that all groups have."""
    pairs = [part for key, value in (detail or {}).items() for part in (literal(key), value)]
    return select(
        cast(at, UtcDateTime).label("at"),
        cast(null() if session_id is None else session_id, BigInteger).label("session_id"),
        cast(null() if subject_id is None else subject_id, BigInteger).label("subject_id"),
        cast(name, Text).label("name"),
        cast(func.jsonb_build_object(*pairs), JSONB).label("detail"),
    )


def session_columns(*, subject_id: Any = None, detail: Mapping[str, Any] | None = None) -> AnySelect:
    """The columns of a task about a session, with its times and place; join with `with_places`."""
    place = {
        "starts": ClassSession.starts_at,
        "ends": ClassSession.ends_at,
        "words": ClassSession.place,
        "room": Room.name,
        "venue": Venue.name,
        "market": Market.name,
    }
    return task_columns(
        ClassSession.starts_at,
        session_id=ClassSession.id,
        subject_id=subject_id,
        name=ClassSession.title,
        detail={**place, **(detail or {})},
    )


def with_places(rows: AnySelect) -> AnySelect:
    """Joined with what `session_columns` says of the place."""
    return (
        rows.outerjoin(Room, Room.id == ClassSession.room_id)
        .outerjoin(Venue, Venue.id == Room.venue_id)
        .outerjoin(Market, Market.id == ClassSession.market_id)
    )


def is_coming() -> tuple[ColumnElement[bool], ...]:
    """Whether a session of the ward is to come within `AHEAD`, drafts included."""
    return (
        ClassSession.ward_id == WARD,
        ClassSession.starts_at > NOW,
        ClassSession.starts_at < instant("until"),
        ClassSession.cancelled_at.is_(None),
    )
