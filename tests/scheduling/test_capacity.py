"""Who gets a seat and who waits."""

import pytest

from scheduling.rules.capacity import Seating, seat


@pytest.mark.parametrize(
    ("free", "queue", "expected"),
    [
        (3, 0, Seating((7, 5, 6), ())),
        (2, 0, Seating((7, 5), (6,))),
        (0, 4, Seating((), (7, 5, 6))),
        (2, 1, Seating((7,), (5, 6))),  # one seat is kept for who waits already
        (1, 3, Seating((), (7, 5, 6))),
    ],
)
def test_first_come_first_served_nobody_passes_the_queue(free: int, queue: int, expected: Seating) -> None:
    assert seat([7, 5, 6], free=free, queue=queue) == expected
