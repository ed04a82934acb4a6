"""Plans and changes of sessions: values handed from the forms to the services."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Annotated, TypeVar

import msgspec

from lopso.kernel.clock import at, local
from lopso.kernel.parsing import LARGEST_ID, YEARS, has_unreadable
from scheduling.rules.recurrence import Slot, WeeklyRule

T = TypeVar("T")
RowNumber = Annotated[int, msgspec.Meta(ge=1, le=LARGEST_ID)]

SEATS_BY_DEFAULT = 25
PEOPLE_PER_HELPER = 5


@dataclass(frozen=True, slots=True)
class SessionPlace:
    """A room, or a market with the aisle in words, or only words."""

    room_id: int | None = None
    market_id: int | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class SessionTemplate:
    """What every session of a plan has in common."""

    kind: str
    title: str
    course_id: int | None
    place: SessionPlace
    capacity: int
    need_trainers: int
    need_helpers: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class SeriesPlan:
    """A weekly series before it becomes sessions."""

    details: SessionTemplate
    rule: WeeklyRule
    skips_holidays: bool


@dataclass(frozen=True, slots=True)
class SessionValues:
    """What can be changed about a session; two of them compared say what changes."""

    slot: Slot
    place: SessionPlace
    title: str
    capacity: int
    need_trainers: int
    need_helpers: int
    note: str

    def moves_from(self, before: "SessionValues") -> bool:
        """Whether people have to hear of it: another time or another place."""
        return (self.slot, self.place) != (before.slot, before.place)


@dataclass(frozen=True, slots=True)
class SessionChange:
    """What is to be different; None leaves a thing as it is. `starts_at` is wall-clock time in Huế."""

    day: date | None = None
    starts_at: time | None = None
    minutes: int | None = None
    place: SessionPlace | None = None
    title: str | None = None
    capacity: int | None = None
    need_trainers: int | None = None
    need_helpers: int | None = None
    note: str | None = None

    @property
    def retimes(self) -> bool:
        """Whether it touches the time."""
        return self.day is not None or self.starts_at is not None or self.minutes is not None


class WrittenChange(msgspec.Struct, frozen=True, kw_only=True):
    """What of a change stands in the address of a preview; `place` is room, market, words."""

    day: date | None
    starts_at: Annotated[time, msgspec.Meta(tz=False)] | None
    minutes: Annotated[int, msgspec.Meta(ge=1, le=24 * 60)] | None
    place: tuple[RowNumber | None, RowNumber | None, Annotated[str, msgspec.Meta(max_length=500)]] | None
    capacity: Annotated[int, msgspec.Meta(ge=0, le=100_000)] | None


def difference(before: SessionValues, after: SessionValues) -> SessionChange:
    """The change that turns `before` into `after`."""
    old, new = before.slot, after.slot
    return SessionChange(
        day=_if_other(new.day, old.day),
        starts_at=_if_other(_clock_time(new), _clock_time(old)),
        minutes=_if_other(_minutes(new), _minutes(old)),
        place=_if_other(after.place, before.place),
        title=_if_other(after.title, before.title),
        capacity=_if_other(after.capacity, before.capacity),
        need_trainers=_if_other(after.need_trainers, before.need_trainers),
        need_helpers=_if_other(after.need_helpers, before.need_helpers),
        note=_if_other(after.note, before.note),
    )


def encode_change(change: SessionChange) -> str:
    """What a change does to time, place and seats, to be read by `decode_change` on another page."""
    place = change.place
    written = WrittenChange(
        day=change.day,
        starts_at=change.starts_at,
        minutes=change.minutes,
        place=place and (place.room_id, place.market_id, place.words),
        capacity=change.capacity,
    )
    return msgspec.json.encode(written).decode()


def decode_change(written: str) -> SessionChange:
    """The change that `encode_change` wrote.

    Raises:
        ValueError: it wrote nothing of the kind.
    """
    found = msgspec.json.decode(written, type=WrittenChange)
    words = found.place[2] if found.place else ""
    if has_unreadable(words) or (found.day and found.day.year not in YEARS):
        raise ValueError(written)
    return SessionChange(
        day=found.day,
        starts_at=found.starts_at,
        minutes=found.minutes,
        place=SessionPlace(*found.place) if found.place else None,
        capacity=found.capacity,
    )


def apply_change(
    session: SessionValues, change: SessionChange, *, like: SessionValues | None = None
) -> SessionValues:
    """`session` with `change` applied.

    Args:
        like: the session on which the change was made, when `session` is another of its series. Time and
            place then change only where they were the same: a meeting that begins at another hour, or
            was moved to another room by itself, keeps what it has.
    """
    slot = session.slot
    if change.retimes and (like is None or _clock_time(like.slot) == _clock_time(slot)):
        start = at(change.day or slot.day, change.starts_at or _clock_time(slot))
        slot = Slot(start, start + timedelta(minutes=change.minutes or _minutes(slot)))
    place = session.place
    if change.place is not None and (like is None or like.place == place):
        place = change.place
    return SessionValues(
        slot=slot,
        place=place,
        title=_either(change.title, session.title),
        capacity=_either(change.capacity, session.capacity),
        need_trainers=_either(change.need_trainers, session.need_trainers),
        need_helpers=_either(change.need_helpers, session.need_helpers),
        note=_either(change.note, session.note),
    )


def usual_capacity(seats: int | None) -> int:
    """As many as a class usually takes, and no more than the room has seats."""
    return min(seats, SEATS_BY_DEFAULT) if seats else SEATS_BY_DEFAULT


def usual_helpers(capacity: int) -> int:
    """About one helper for five people."""
    return -(-capacity // PEOPLE_PER_HELPER)


def _clock_time(slot: Slot) -> time:
    return local(slot.starts_at).time()


def _minutes(slot: Slot) -> int:
    return int((slot.ends_at - slot.starts_at).total_seconds()) // 60


def _either(new: T | None, old: T) -> T:
    return old if new is None else new


def _if_other(new: T, old: T) -> T | None:
    return None if new == old else new
