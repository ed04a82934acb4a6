"""When to make up for cancelled sessions: a free date for each, and none twice."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from lopso.kernel.clock import at, local
from lopso.kernel.parsing import read_date, read_time
from scheduling.rules.recurrence import Slot, overlap

SEARCHED = 28
"""Days in which a date is looked for."""


@dataclass(frozen=True, slots=True)
class MissedSession:
    """A cancelled session: when it would have been, and who takes part in it.

    `learners`: those with a seat before those who wait.
    """

    id: int
    slot: Slot
    room_id: int | None
    series_id: int | None
    learners: tuple[int, ...]
    helpers: tuple[int, ...]


@dataclass(slots=True)
class Occupied:
    """What is taken: times by room, series, helper and learner; days off."""

    rooms: dict[int, list[Slot]] = field(default_factory=dict[int, list[Slot]])
    series: dict[int, list[Slot]] = field(default_factory=dict[int, list[Slot]])
    helpers: dict[int, list[Slot]] = field(default_factory=dict[int, list[Slot]])
    learners: dict[int, list[Slot]] = field(default_factory=dict[int, list[Slot]])
    days_off: Collection[date] = ()

    def take(self, missed: MissedSession, slot: Slot) -> None:
        """Note that `missed` is made up for at `slot`."""
        if missed.room_id is not None:
            self.rooms.setdefault(missed.room_id, []).append(slot)
        if missed.series_id is not None:
            self.series.setdefault(missed.series_id, []).append(slot)
        for each in missed.helpers:
            self.helpers.setdefault(each, []).append(slot)
        for each in missed.learners:
            self.learners.setdefault(each, []).append(slot)


@dataclass(frozen=True, slots=True)
class MakeUpDate:
    """A date for a missed session, and what speaks against it.

    Attributes:
        room_taken: the room, or the series itself, is taken then: it cannot be.
        helpers: ids of its helpers who are elsewhere or away.
        learners: how many of its learners have a seat elsewhere.
    """

    slot: Slot
    room_taken: bool
    helpers: tuple[int, ...]
    learners: int
    day_off: bool

    @property
    def free(self) -> bool:
        """Whether nothing speaks against it."""
        return not (self.room_taken or self.helpers or self.learners or self.day_off)


def judge(missed: MissedSession, slot: Slot, occupied: Occupied) -> MakeUpDate:
    """What speaks against making up for a session at `slot`."""
    room = occupied.rooms.get(missed.room_id or 0, [])
    series = occupied.series.get(missed.series_id or 0, [])
    return MakeUpDate(
        slot,
        _taken(slot, [*room, *series]),
        tuple(each for each in missed.helpers if _taken(slot, occupied.helpers.get(each, []))),
        sum(_taken(slot, occupied.learners.get(each, [])) for each in missed.learners),
        slot.day in occupied.days_off,
    )


def propose_dates(
    missed: Sequence[MissedSession], occupied: Occupied, *, first_day: date
) -> Mapping[int, MakeUpDate]:
    """A date for each session at its own hour, by session id, within `SEARCHED` days of `first_day`.

    The first on which room, helpers and learners are free and that is no day off; else the one with the
    fewest people elsewhere. Sessions that find no room at all are left out. Dates taken are noted in
    `occupied`, so that no two proposals clash.
    """
    found: dict[int, MakeUpDate] = {}
    for each in sorted(missed, key=lambda each: (each.slot.starts_at, each.id)):
        best = _best(each, occupied, first_day)
        if best is not None:
            found[each.id] = best
            occupied.take(each, best.slot)
    return found


def _best(missed: MissedSession, occupied: Occupied, first_day: date) -> MakeUpDate | None:
    possible: list[MakeUpDate] = []
    for days in range(SEARCHED):
        judged = judge(missed, slot_on(missed, first_day + timedelta(days=days)), occupied)
        if judged.free:
            return judged
        if not judged.room_taken and not judged.day_off:
            possible.append(judged)
    return min(possible, key=lambda each: (len(each.helpers) + each.learners, each.slot), default=None)


def slot_on(missed: MissedSession, day: date) -> Slot:
    """The hours of a missed session on another day."""
    start = at(day, local(missed.slot.starts_at).time())
    return Slot(start, start + (missed.slot.ends_at - missed.slot.starts_at))


def _taken(slot: Slot, slots: Iterable[Slot]) -> bool:
    return any(overlap(slot, each) for each in slots)


@dataclass(frozen=True, slots=True)
class TypedDate:
    """The new day and hour of a session as typed; `slot` is None where they make no sense."""

    day: str
    since: str
    slot: Slot | None


def read_typed_date(missed: MissedSession, day: str, since: str, *, today: date) -> TypedDate:
    """The date as typed; the session keeps its length."""
    read_day, read_hour = read_date(day, today=today), read_time(since)
    if read_day is None or read_hour is None:
        return TypedDate(day, since, None)
    start = at(read_day, read_hour)
    return TypedDate(day, since, Slot(start, start + (missed.slot.ends_at - missed.slot.starts_at)))
