"""Picks on the board: clashes among themselves, more than are missing."""

from datetime import timedelta

from scheduling.rules.recurrence import Slot
from staffing.rules.picks import Pick, RoleInSession, overlapping_picks, too_many
from tests.factories import NOON

HOUR = timedelta(hours=1)
TIMES = {
    1: Slot(NOON, NOON + 2 * HOUR),
    2: Slot(NOON + HOUR, NOON + 3 * HOUR),
    3: Slot(NOON + 2 * HOUR, NOON + 4 * HOUR),
}


def test_one_person_in_overlapping_sessions_is_found_at_both() -> None:
    first, second = Pick(1, "trainer", 7), Pick(2, "helper", 7)
    somebody_else = Pick(2, "helper", 8)

    assert overlapping_picks([first, second, somebody_else], TIMES) == {first: second, second: first}


def test_sessions_that_touch_do_not_clash() -> None:
    assert overlapping_picks([Pick(1, "trainer", 7), Pick(3, "trainer", 7)], TIMES) == {}


def test_two_roles_of_one_session_clash() -> None:
    both = Pick(1, "trainer", 7), Pick(1, "helper", 7)
    assert set(overlapping_picks(both, TIMES)) == set(both)


def test_pick_of_unknown_session_is_passed_over() -> None:
    assert overlapping_picks([Pick(1, "trainer", 7), Pick(99, "trainer", 7)], TIMES) == {}


def test_more_picks_than_missing_are_counted() -> None:
    picks = [Pick(1, "helper", 7), Pick(1, "helper", 8), Pick(1, "trainer", 9), Pick(2, "helper", 7)]
    missing = {RoleInSession(1, "helper"): 1, RoleInSession(1, "trainer"): 1}
    assert too_many(picks, missing) == {RoleInSession(1, "helper"): 2, RoleInSession(2, "helper"): 1}
