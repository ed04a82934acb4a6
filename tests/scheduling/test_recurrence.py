"""From a weekly rule to dates."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lopso.kernel.clock import local
from scheduling.rules.recurrence import (
    LONGEST_SERIES,
    MOST_MEETINGS,
    DayOff,
    WeeklyRule,
    WeeklySlot,
    dates_of_rule,
    overlapping,
    weekly_slot,
)

CULTURE_DAY = {date(2026, 11, 24): DayOff("Ngày Văn hóa Việt Nam", tentative=False)}
MONDAY_AND_WEDNESDAY_MORNING = (WeeklySlot(0, time(8, 30), 90), WeeklySlot(2, time(8, 30), 90))
TUESDAY_AFTERNOON = WeeklySlot(1, time(14), 120)

days = st.dates(date(2025, 1, 1), date(2032, 12, 31))
slots = st.lists(
    st.builds(
        WeeklySlot,
        st.integers(0, 6),
        st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45])),
        st.integers(15, 720),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda slot: (slot.weekday, slot.starts_at),
).map(tuple)
sets_of_days = st.frozensets(days, max_size=60).map(lambda found: {day: DayOff("lễ", False) for day in found})


def words(rule: WeeklyRule, **options: bool) -> list[str]:
    found = dates_of_rule(rule, CULTURE_DAY, skip_days_off=options.get("skip", False))
    return [
        f"{local(each.slot.starts_at):%a %d/%m %H:%M}-{local(each.slot.ends_at):%H:%M}"
        + (" skipped" if each.skipped else f" {each.day_off.name}" if each.day_off else "")
        for each in found.meetings
    ]


def test_several_weekly_slots_give_ordered_dates() -> None:
    rule = WeeklyRule(
        (TUESDAY_AFTERNOON, *MONDAY_AND_WEDNESDAY_MORNING), date(2026, 11, 17), date(2026, 11, 25), None
    )

    assert words(rule) == [
        "Tue 17/11 14:00-16:00",
        "Wed 18/11 08:30-10:00",
        "Mon 23/11 08:30-10:00",
        "Tue 24/11 14:00-16:00 Ngày Văn hóa Việt Nam",
        "Wed 25/11 08:30-10:00",
    ]


def test_skipped_holiday_is_shown_and_not_counted() -> None:
    rule = WeeklyRule((TUESDAY_AFTERNOON,), date(2026, 11, 17), None, 3)

    assert words(rule, skip=True) == [
        "Tue 17/11 14:00-16:00",
        "Tue 24/11 14:00-16:00 skipped",
        "Tue 01/12 14:00-16:00",
        "Tue 08/12 14:00-16:00",
    ]
    assert len(words(rule)) == 3


def test_series_crosses_month_and_year() -> None:
    rule = WeeklyRule((WeeklySlot(3, time(19), 60),), date(2026, 12, 24), None, 3)

    assert words(rule) == ["Thu 24/12 19:00-20:00", "Thu 31/12 19:00-20:00", "Thu 07/01 19:00-20:00"]


def test_dates_are_utc_seven_hours_before_hue() -> None:
    rule = WeeklyRule((WeeklySlot(0, time(5), 60),), date(2026, 11, 23), None, 1)

    [meeting] = dates_of_rule(rule, {}, skip_days_off=True).planned

    assert meeting.slot.starts_at == datetime(2026, 11, 22, 22, tzinfo=UTC)
    assert meeting.slot.day == date(2026, 11, 23)


def test_range_without_the_weekday_is_empty() -> None:
    rule = WeeklyRule((TUESDAY_AFTERNOON,), date(2026, 11, 25), date(2026, 11, 30), None)

    assert dates_of_rule(rule, {}, skip_days_off=False).meetings == ()


@pytest.mark.parametrize(("ends_on", "meetings"), [(None, None), (date(2026, 12, 1), 3)])
def test_rule_with_two_ends_or_none_is_refused(ends_on: date | None, meetings: int | None) -> None:
    with pytest.raises(ValueError, match="one of the two"):
        WeeklyRule((TUESDAY_AFTERNOON,), date(2026, 11, 25), ends_on, meetings)


def test_overlong_rule_is_cut_short() -> None:
    daily = tuple(WeeklySlot(weekday, time(8), 60) for weekday in range(7))
    long = dates_of_rule(
        WeeklyRule(daily, date(2026, 1, 1), date(2027, 12, 1), None), {}, skip_days_off=False
    )
    far = dates_of_rule(
        WeeklyRule((TUESDAY_AFTERNOON,), date(2026, 1, 1), date(2099, 1, 1), None), {}, skip_days_off=False
    )

    assert (len(long.meetings), long.cut_short) == (MOST_MEETINGS, True)
    assert far.cut_short
    assert far.meetings[-1].slot.day <= date(2026, 1, 1) + LONGEST_SERIES


def test_rule_of_most_meetings_is_not_cut() -> None:
    rule = WeeklyRule(
        tuple(WeeklySlot(day, time(8), 60) for day in range(7)), date(2026, 1, 1), None, MOST_MEETINGS
    )

    found = dates_of_rule(rule, {}, skip_days_off=False)

    assert (len(found.planned), found.cut_short) == (MOST_MEETINGS, False)


@given(slots, days, st.integers(0, 120), sets_of_days, st.booleans())
def test_dates_lie_within_the_range(
    wanted: tuple[WeeklySlot, ...], start: date, length: int, off: dict[date, DayOff], skip: bool
) -> None:
    end = start + timedelta(days=length)

    found = dates_of_rule(WeeklyRule(wanted, start, end, None), off, skip_days_off=skip)

    assert all(start <= each.slot.day <= end for each in found.meetings)
    assert [each.slot.starts_at for each in found.meetings] == sorted(
        {each.slot.starts_at for each in found.meetings}
    )
    assert all(weekly_slot(each.slot.starts_at, each.slot.ends_at) in wanted for each in found.meetings)
    assert all(each.skipped == (skip and each.slot.day in off) for each in found.meetings)
    # None is missing either: every day of the range has the slots of its weekday.
    expected = sum(
        slot.weekday == (start + timedelta(days=n)).weekday() for n in range(length + 1) for slot in wanted
    )
    assert found.cut_short or len(found.meetings) == expected


@given(slots, days, st.integers(1, MOST_MEETINGS), sets_of_days, st.booleans())
def test_number_of_meetings_is_exact(
    wanted: tuple[WeeklySlot, ...], start: date, number: int, off: dict[date, DayOff], skip: bool
) -> None:
    found = dates_of_rule(WeeklyRule(wanted, start, None, number), off, skip_days_off=skip)

    assert len(found.planned) == number or found.cut_short
    assert found.cut_short == (
        found.meetings[-1].slot.day > start + LONGEST_SERIES - timedelta(days=7)
        and len(found.planned) < number
    )
    assert not found.meetings[-1].skipped or found.cut_short


@given(slots)
def test_overlap_equals_shared_minute_in_two_weeks(
    wanted: tuple[WeeklySlot, ...],
) -> None:
    taken: dict[int, int] = {}
    clash = False
    for number, slot in enumerate(wanted):
        start = (slot.weekday * 24 + slot.starts_at.hour) * 60 + slot.starts_at.minute
        for minute in range(start, start + slot.duration_minutes):
            clash |= taken.setdefault(minute % (7 * 1440), number) != number

    assert (overlapping(wanted) is not None) == clash
