"""When texts are due: quiet hours, dawn, midnight, ends of months, late publishing."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lopso.kernel import clock
from notifications.rules.timing import Policy, Window, at_once, awake, day_before, moved, same_day

POLICY = Policy()


def hue(day: str, hour: str) -> datetime:
    """ "26/11" and "14:00" of 2026 in Huế, in UTC."""
    dd, mm = day.split("/")
    return clock.at(date(2026, int(mm), int(dd)), time.fromisoformat(hour))


LONG_BEFORE = hue("01/11", "09:00")


def test_afternoon_session_is_reminded_on_the_eve_and_two_hours_before() -> None:
    starts_at = hue("26/11", "14:00")

    assert day_before(POLICY, starts_at, LONG_BEFORE) == Window(hue("25/11", "18:00"), hue("25/11", "21:01"))
    assert same_day(POLICY, starts_at, LONG_BEFORE) == Window(hue("26/11", "12:00"), starts_at)


def test_morning_session_is_not_reminded_before_seven() -> None:
    starts_at = hue("26/11", "07:30")

    assert same_day(POLICY, starts_at, LONG_BEFORE) == Window(hue("26/11", "07:00"), starts_at)


def test_market_round_at_dawn_is_reminded_on_the_eve_only() -> None:
    for start in ("04:30", "06:30", "07:00"):
        starts_at = hue("26/11", start)
        assert same_day(POLICY, starts_at, LONG_BEFORE) is None
        assert day_before(POLICY, starts_at, LONG_BEFORE) == Window(
            hue("25/11", "18:00"), hue("25/11", "21:01")
        )


@pytest.mark.parametrize("hours", [2, 7, 10, 23])
def test_too_many_hours_before_mean_the_end_of_quiet_hours(hours: int) -> None:
    starts_at = hue("26/11", "08:00")

    window = same_day(Policy(hours_before=hours), starts_at, LONG_BEFORE)

    assert window == Window(hue("26/11", "07:00"), starts_at)


def test_eve_of_the_first_is_the_last_of_the_month_before() -> None:
    window = day_before(POLICY, hue("01/12", "08:00"), LONG_BEFORE)

    assert window == Window(hue("30/11", "18:00"), hue("30/11", "21:01"))


def test_session_after_midnight_is_reminded_hours_before() -> None:
    starts_at = hue("27/11", "00:30")

    assert day_before(POLICY, starts_at, LONG_BEFORE) == Window(hue("26/11", "18:00"), hue("26/11", "21:01"))
    assert same_day(POLICY, starts_at, LONG_BEFORE) is None


def test_late_session_is_reminded_before_the_quiet_hours() -> None:
    starts_at = hue("26/11", "23:30")

    assert same_day(POLICY, starts_at, LONG_BEFORE) == Window(hue("26/11", "21:00"), starts_at)


def test_overdue_reminder_is_due_at_once_while_of_use() -> None:
    starts_at = hue("26/11", "14:00")
    evening, night, noon = hue("25/11", "20:15"), hue("25/11", "22:00"), hue("26/11", "12:40")

    assert day_before(POLICY, starts_at, evening) == Window(evening, hue("25/11", "21:01"))
    assert day_before(POLICY, starts_at, night) is None
    assert same_day(POLICY, starts_at, night) == Window(hue("26/11", "12:00"), starts_at)
    assert day_before(POLICY, starts_at, noon) is None
    assert same_day(POLICY, starts_at, noon) == Window(noon, starts_at)


def test_nothing_is_planned_after_the_start() -> None:
    starts_at = hue("26/11", "14:00")

    assert same_day(POLICY, starts_at, starts_at) is None
    assert day_before(POLICY, starts_at, starts_at) is None
    assert at_once(POLICY, starts_at, starts_at) is None


def test_each_reminder_can_be_switched_off() -> None:
    silent = Policy(day_before_at=None, hours_before=None)

    assert day_before(silent, hue("26/11", "14:00"), LONG_BEFORE) is None
    assert same_day(silent, hue("26/11", "14:00"), LONG_BEFORE) is None


def test_notice_in_quiet_hours_waits_unless_too_late() -> None:
    night, small_hours = hue("25/11", "22:10"), hue("26/11", "05:00")

    assert at_once(POLICY, hue("26/11", "08:00"), night) == Window(
        hue("26/11", "07:00"), hue("26/11", "08:00")
    )
    assert at_once(POLICY, hue("26/11", "08:00"), small_hours) == Window(
        hue("26/11", "07:00"), hue("26/11", "08:00")
    )
    assert at_once(POLICY, hue("26/11", "06:30"), night) is None


def test_distant_move_is_told_by_reminder_or_before_the_old_day() -> None:
    old, earlier, later = hue("26/11", "14:00"), hue("24/11", "14:00"), hue("30/11", "14:00")

    assert moved(POLICY, old, earlier, announced=False, now=LONG_BEFORE) is None
    assert moved(POLICY, old, later, announced=False, now=LONG_BEFORE) == Window(hue("25/11", "18:00"), later)


def test_near_or_announced_move_is_due_at_once() -> None:
    old, new, now = hue("26/11", "14:00"), hue("30/11", "14:00"), hue("25/11", "09:00")

    assert moved(POLICY, old, new, announced=False, now=now) == Window(now, new)
    assert moved(POLICY, old, new, announced=True, now=LONG_BEFORE) == Window(LONG_BEFORE, new)


def test_last_minute_before_quiet_hours_counts() -> None:
    assert awake(POLICY, hue("26/11", "21:00") + timedelta(seconds=59))
    assert not awake(POLICY, hue("26/11", "21:01"))
    assert awake(POLICY, hue("26/11", "07:00"))
    assert not awake(POLICY, hue("26/11", "07:00") - timedelta(seconds=1))


def whole_minutes(first: int, last: int) -> st.SearchStrategy[time]:
    """Clock times as a form gives them, from `first` to `last` o'clock."""
    return st.builds(time, st.integers(first, last), st.integers(0, 59))


policies = st.builds(
    Policy,
    day_before_at=st.none() | whole_minutes(0, 23),
    hours_before=st.none() | st.integers(1, 23),
    quiet_until=whole_minutes(4, 10),
    quiet_from=whole_minutes(18, 22),
)
instants = st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001  (hypothesis adds the zone)


@given(policies, instants, st.timedeltas(timedelta(hours=-3), timedelta(days=9)))
def test_windows_respect_quiet_hours_and_usefulness(policy: Policy, now: datetime, ahead: timedelta) -> None:
    starts_at = now + ahead
    windows = [
        day_before(policy, starts_at, now),
        same_day(policy, starts_at, now),
        at_once(policy, starts_at, now),
        moved(policy, starts_at + timedelta(days=3), starts_at, announced=False, now=now),
        moved(policy, starts_at - timedelta(days=3), starts_at, announced=False, now=now),
    ]
    for window in filter(None, windows):
        assert now <= window.due_at < window.useless_after <= starts_at
        assert awake(policy, window.due_at)


@given(policies, instants, st.timedeltas(timedelta(hours=-3), timedelta(days=9)))
def test_two_reminders_never_fall_on_one_day(policy: Policy, now: datetime, ahead: timedelta) -> None:
    starts_at = now + ahead
    eve, same = day_before(policy, starts_at, now), same_day(policy, starts_at, now)
    if eve:
        assert clock.local_day(eve.due_at) == clock.local_day(starts_at) - timedelta(days=1)
    if same:
        assert clock.local_day(same.due_at) == clock.local_day(starts_at)
