"""Seats and waiting list."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SeatAllocation:
    """Learners who get a seat, and those who wait, each in the order given."""

    seated: tuple[int, ...]
    waiting: tuple[int, ...]


def allocate_seats(wanted: Sequence[int], *, free: int, queue: int) -> SeatAllocation:
    """Share `free` seats among `wanted`, first come first served; the rest wait.

    Those already waiting come first (`queue` of them): as many seats are kept for them.
    """
    open_seats = max(0, free - queue)
    return SeatAllocation(tuple(wanted[:open_seats]), tuple(wanted[open_seats:]))
