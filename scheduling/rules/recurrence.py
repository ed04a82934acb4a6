"""From a weekly rule to dates: wall-clock time in Huế in, instants in UTC out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Protocol

from lopso.kernel.clock import at, local, local_day

MOST_MEETINGS = 200
LONGEST_SERIES = timedelta(days=730)
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, order=True)
class WeeklySlot:
    """A weekly time: wall-clock in Huế, weekday 0 = Monday."""

    weekday: int
    starts_at: time
    duration_minutes: int


@dataclass(frozen=True, slots=True)
class WeeklyRule:
    """Slots from a day on, until a day (included) or for a number of meetings: exactly one of the two."""

    slots: tuple[WeeklySlot, ...]
    starts_on: date
    ends_on: date | None
    meetings: int | None

    def __post_init__(self) -> None:
        if (self.ends_on is None) == (self.meetings is None):
            raise ValueError("a rule ends on a day or after a number of meetings, one of the two")


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """A time on the clock of the world: half-open, ``[starts_at, ends_at)``, in UTC."""

    starts_at: datetime
    ends_at: datetime

    @property
    def day(self) -> date:
        """The day in Huế on which it begins."""
        return local_day(self.starts_at)


class TimeSpan(Protocol):
    """Anything that takes from one instant to another; half-open, in UTC."""

    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...


def overlap(one: TimeSpan, other: TimeSpan) -> bool:
    """Whether the two share some time."""
    return one.starts_at < other.ends_at and other.starts_at < one.ends_at


@dataclass(frozen=True, slots=True)
class DayOff:
    """A holiday; `tentative` is computed but not yet decided."""

    name: str
    tentative: bool


@dataclass(frozen=True, slots=True)
class Meeting:
    """One date of a rule. A `skipped` one is shown, with the day off that is why, but not planned."""

    slot: Slot
    day_off: DayOff | None
    skipped: bool


@dataclass(frozen=True, slots=True)
class SeriesDates:
    """What a rule gives. `cut_short` when the limits below ended it before the rule did."""

    meetings: tuple[Meeting, ...]
    cut_short: bool

    @property
    def planned(self) -> tuple[Meeting, ...]:
        """The meetings that are not skipped."""
        return tuple(each for each in self.meetings if not each.skipped)


def dates_of_rule(rule: WeeklyRule, days_off: Mapping[date, DayOff], *, skip_days_off: bool) -> SeriesDates:
    """Every date of `rule`, earliest first.

    Days off are marked; with `skip_days_off` they are also passed over and do not count as meetings.
    A rule gives at most `MOST_MEETINGS` within `LONGEST_SERIES` of its first day.

    Source: docs/domain/scheduling.md, "A series".
    """
    meetings: list[Meeting] = []
    wanted = min(rule.meetings or MOST_MEETINGS, MOST_MEETINGS)
    planned = 0
    for slot in _occurrences(rule):
        if planned == wanted:
            return SeriesDates(tuple(meetings), cut_short=rule.meetings != wanted)
        day_off = days_off.get(slot.day)
        skipped = skip_days_off and day_off is not None
        planned += not skipped
        meetings.append(Meeting(slot, day_off, skipped))
    last_day = rule.ends_on or date.max
    too_far = last_day > rule.starts_on + LONGEST_SERIES
    return SeriesDates(tuple(meetings), cut_short=too_far and planned != rule.meetings)


def overlapping(slots: Sequence[WeeklySlot]) -> tuple[WeeklySlot, WeeklySlot] | None:
    """Two slots of one week that share a moment, if there are any; Sunday night runs into Monday."""
    minutes_a_week = 7 * 24 * 60
    placed = sorted((_minute(slot), slot) for slot in slots)
    for (start, slot), (following, other) in zip(placed, [*placed[1:], *placed[:1]], strict=True):
        gap = following - start if following > start else following + minutes_a_week - start
        if slot is not other and (following == start or gap < slot.duration_minutes):
            return slot, other
    return None


def span_of(slots: Iterable[Slot]) -> tuple[datetime, datetime]:
    """From the earliest start to the latest end of some slots; at least one."""
    some = list(slots)
    return min(each.starts_at for each in some), max(each.ends_at for each in some)


def weekly_slot(starts_at: datetime, ends_at: datetime) -> WeeklySlot:
    """The weekly slot in which a meeting lies."""
    start = local(starts_at)
    return WeeklySlot(start.weekday(), start.time(), int((ends_at - starts_at).total_seconds()) // 60)


def _occurrences(rule: WeeklyRule) -> Iterator[Slot]:
    if not rule.slots:
        return
    last = rule.starts_on + LONGEST_SERIES
    if rule.ends_on is not None:
        last = min(last, rule.ends_on)
    monday = rule.starts_on - timedelta(days=rule.starts_on.weekday())
    slots = sorted(rule.slots)
    while monday <= last:
        for slot in slots:
            day = monday + timedelta(days=slot.weekday)
            if rule.starts_on <= day <= last:
                start = at(day, slot.starts_at)
                yield Slot(start, start + timedelta(minutes=slot.duration_minutes))
        monday += WEEK


def _minute(slot: WeeklySlot) -> int:
    return (slot.weekday * 24 + slot.starts_at.hour) * 60 + slot.starts_at.minute
