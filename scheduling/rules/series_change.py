"""What a change of a series makes of each of its meetings, and of its rule."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Literal

from lopso.kernel.clock import at, local, local_day
from scheduling.rules.plan import SessionChange, SessionValues, apply_change
from scheduling.rules.recurrence import Slot, WeeklySlot, overlap, overlapping

ApartChoice = Literal["picked", "follow", "keep"]
"""Whether sessions that were moved by themselves go with their series: those picked, all, or none."""


@dataclass(frozen=True, slots=True)
class SeriesMeeting:
    """A session of a series: what can be changed about it, and where the rule puts it (UTC)."""

    values: SessionValues
    rule_start: datetime

    @property
    def moved_alone(self) -> bool:
        """Whether it was moved away from where the rule puts it."""
        return self.rule_start != self.values.slot.starts_at

    @property
    def clock_time(self) -> time:
        """The hour in Huế at which the rule puts it."""
        return local(self.rule_start).time()

    @property
    def weekday(self) -> int:
        """The weekday in Huế on which the rule puts it; 0 = Monday."""
        return local_day(self.rule_start).weekday()


def days_moved(change: SessionChange, like: SeriesMeeting) -> int:
    """By how many days `change` moves the meetings of its weekday; 0 when it leaves them on their days."""
    return (change.day - local_day(like.rule_start)).days if change.day is not None else 0


def change_meeting(
    meeting: SeriesMeeting, change: SessionChange, *, like: SeriesMeeting, follow: bool
) -> SeriesMeeting:
    """`meeting` after `change`, which was made on the meeting `like` of the same series.

    Another day moves the meetings of the same weekday by as many days; another hour or length is for those
    that the rule puts at the same hour (and, with another day, on the same weekday). Another place is for
    those in the same place.

    Args:
        follow: a meeting that was moved by itself goes where the rule then puts it; else it keeps its time.
    """
    rest = replace(change, day=None, starts_at=None, minutes=None)
    values = apply_change(meeting.values, rest, like=like.values)
    if not _retimed(meeting, change, like):
        return SeriesMeeting(values, meeting.rule_start)
    same_hour = meeting.clock_time == like.clock_time
    hour = change.starts_at if same_hour and change.starts_at is not None else meeting.clock_time
    day = local_day(meeting.rule_start) + timedelta(days=days_moved(change, like))
    start = at(day, hour)
    if meeting.moved_alone and not follow:
        return SeriesMeeting(values, start)
    length = values.slot.ends_at - values.slot.starts_at
    if same_hour and change.minutes is not None:
        length = timedelta(minutes=change.minutes)
    return SeriesMeeting(replace(values, slot=Slot(start, start + length)), start)


def change_slots(
    slots: Iterable[WeeklySlot], change: SessionChange, *, like: SeriesMeeting
) -> tuple[WeeklySlot, ...]:
    """The weekly times of a series after `change`; two that become one are one."""
    minutes: dict[tuple[int, time], int] = {}
    for slot in slots:
        new = _changed_slot(slot, change, like)
        minutes[new.weekday, new.starts_at] = new.duration_minutes
    return tuple(sorted(WeeklySlot(day, start, length) for (day, start), length in minutes.items()))


def meeting_twice(
    slots: Sequence[WeeklySlot], change: SessionChange, *, like: SeriesMeeting
) -> WeeklySlot | None:
    """A weekly time of a series at which another day would make two of its meetings fall together."""
    if days_moved(change, like) % 7 == 0 or overlapping(slots):
        return None
    both = overlapping([_changed_slot(slot, change, like) for slot in slots])
    return both[0] if both else None


def crossing(wanted: Slot, others: Mapping[int, Slot]) -> int | None:
    """The id of a meeting among `others` that takes place during `wanted`."""
    for other_id, slot in others.items():
        if overlap(slot, wanted):
            return other_id
    return None


def _retimed(meeting: SeriesMeeting, change: SessionChange, like: SeriesMeeting) -> bool:
    if days_moved(change, like):
        return meeting.weekday == like.weekday
    return change.retimes and meeting.clock_time == like.clock_time


def _changed_slot(slot: WeeklySlot, change: SessionChange, like: SeriesMeeting) -> WeeklySlot:
    days, same_hour = days_moved(change, like), slot.starts_at == like.clock_time
    touched = slot.weekday == like.weekday if days else same_hour
    if not touched or not change.retimes:
        return slot
    if not same_hour:
        return replace(slot, weekday=(slot.weekday + days) % 7)
    return WeeklySlot(
        (slot.weekday + days) % 7,
        slot.starts_at if change.starts_at is None else change.starts_at,
        slot.duration_minutes if change.minutes is None else change.minutes,
    )
