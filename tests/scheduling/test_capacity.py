"""Seats and waiting list."""

import pytest

from scheduling.rules.capacity import SeatAllocation, allocate_seats


@pytest.mark.parametrize(
    ("free", "queue", "expected"),
    [
        (3, 0, SeatAllocation((7, 5, 6), ())),
        (2, 0, SeatAllocation((7, 5), (6,))),
        (0, 4, SeatAllocation((), (7, 5, 6))),
        (2, 1, SeatAllocation((7,), (5, 6))),  # one seat is kept for who waits already
        (1, 3, SeatAllocation((), (7, 5, 6))),
    ],
)
def test_seats_are_allocated_behind_the_queue(free: int, queue: int, expected: SeatAllocation) -> None:
    assert allocate_seats([7, 5, 6], free=free, queue=queue) == expected
