"""Which bookings overlap wanted times."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from scheduling.rules.recurrence import Slot


@dataclass(frozen=True, slots=True)
class Booking:
    """A session that holds a room, or a person, for a time (UTC)."""

    session_id: int
    title: str
    starts_at: datetime
    ends_at: datetime


def clashing(wanted: Iterable[Slot], booked: Sequence[Booking]) -> dict[Slot, list[Booking]]:
    """The wanted slots that meet a booking, each with what is there, earliest first.

    Slots are half-open: a class may begin at the minute at which another ends.

    Args:
        booked: of one room; any order, cancelled sessions left out, and never overlapping each other
            (the database sees to that).
    """
    in_order = sorted(booked, key=lambda each: each.starts_at)
    found: dict[Slot, list[Booking]] = {}
    first = 0
    for slot in sorted(wanted):
        while first < len(in_order) and in_order[first].ends_at <= slot.starts_at:
            first += 1
        there: list[Booking] = []
        for booking in in_order[first:]:
            if booking.starts_at >= slot.ends_at:
                break
            there.append(booking)
        if there:
            found[slot] = there
    return found
