"""Overlapping bookings."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from scheduling.rules.clashes import Booking, clashing
from scheduling.rules.recurrence import Slot

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def slot(start: int, end: int) -> Slot:
    return Slot(NOON + timedelta(minutes=start), NOON + timedelta(minutes=end))


def booking(session_id: int, start: int, end: int) -> Booking:
    wanted = slot(start, end)
    return Booking(session_id, f"Lớp {session_id}", wanted.starts_at, wanted.ends_at)


def test_adjoining_bookings_do_not_clash() -> None:
    assert clashing([slot(0, 60)], [booking(1, -60, 0), booking(2, 60, 120)]) == {}


def test_clashing_bookings_are_listed_earliest_first() -> None:
    long, free, late = slot(0, 120), slot(200, 260), slot(300, 310)
    booked = [booking(3, 290, 400), booking(2, 90, 150), booking(1, -30, 30)]

    assert clashing([late, free, long], booked) == {long: [booked[2], booked[1]], late: [booked[0]]}


@given(
    st.lists(st.tuples(st.integers(0, 500), st.integers(1, 60)), max_size=20),
    st.lists(st.tuples(st.integers(0, 20), st.integers(1, 25)), max_size=20, unique_by=lambda pair: pair[0]),
)
def test_clashes_equal_pairwise_comparison(
    wanted: list[tuple[int, int]], there: list[tuple[int, int]]
) -> None:
    slots = [slot(start, start + length) for start, length in wanted]
    booked = [booking(n, at * 25, at * 25 + length) for n, (at, length) in enumerate(there)]

    expected = {
        each: met
        for each in slots
        if (
            met := sorted(
                (b for b in booked if b.starts_at < each.ends_at and each.starts_at < b.ends_at),
                key=lambda b: b.starts_at,
            )
        )
    }
    assert clashing(slots, booked) == expected
