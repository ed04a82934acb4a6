"""Plans and changes of sessions: values handed from the forms to the services."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from json import dumps, loads
from typing import Any, TypeVar

from lopso.kernel.clock import at, local
from scheduling.rules.recurrence import Slot, WeeklyRule

T = TypeVar("T")

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
    """What a change does to time, place and seats, to be read by `decode_change` in another room's page."""
    place = change.place
    return dumps(
        {
            "day": change.day and change.day.isoformat(),
            "starts_at": change.starts_at and change.starts_at.isoformat(),
            "minutes": change.minutes,
            "place": place and [place.room_id, place.market_id, place.words],
            "capacity": change.capacity,
        },
        ensure_ascii=False,
    )


def decode_change(written: str) -> SessionChange:
    """The change that `encode_change` wrote.

    Raises:
        ValueError: it wrote nothing of the kind.
    """
    try:
        found = loads(written)
        place = found["place"]
        return SessionChange(
            day=date.fromisoformat(found["day"]) if found["day"] else None,
            starts_at=time.fromisoformat(found["starts_at"]) if found["starts_at"] else None,
            minutes=None if found["minutes"] is None else int(found["minutes"]),
            place=None if place is None else SessionPlace(_id(place[0]), _id(place[1]), str(place[2])),
            capacity=None if found["capacity"] is None else int(found["capacity"]),
        )
    except (KeyError, TypeError, IndexError) as error:
        raise ValueError(written) from error


def _id(written: Any) -> int | None:
    return None if written is None else int(written)


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
