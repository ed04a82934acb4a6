"""How times, dates, ranges, durations and numbers are written, each style in its place."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from lopso.kernel import formatting
from lopso.kernel.i18n import Language, speak

NOW = datetime(2026, 11, 25, 5, tzinfo=UTC)
MORNING = datetime(2026, 11, 26, 1, 30, tzinfo=UTC)  # 8h30 on a Thursday in Huế
AFTERNOON = datetime(2026, 11, 26, 7, tzinfo=UTC)  # 14h00
LATE = datetime(2026, 11, 26, 18, tzinfo=UTC)  # 1h00 of the next day


@pytest.fixture(autouse=True)
def _vietnamese_after() -> Iterator[None]:
    yield
    speak("vi")


def test_clock_times_are_in_hue() -> None:
    assert formatting.hour(MORNING) == "08h30"
    assert formatting.hour(time(17, 5)) == "17h05"


def test_ranges_of_hours_are_written_in_one_way() -> None:
    assert formatting.hours(MORNING, AFTERNOON) == "08h30 – 14h00"
    assert formatting.hours(time(17, 30), time(21)) == "17h30 – 21h00"


@pytest.mark.parametrize(
    ("hour", "part"), [(0, "sáng"), (11, "sáng"), (12, "chiều"), (17, "chiều"), (18, "tối")]
)
def test_the_day_has_three_parts(hour: int, part: str) -> None:
    assert formatting.part_of_day(datetime(2026, 11, 26, hour, tzinfo=UTC) - timedelta(hours=7)) == part


def test_days_of_an_instant_are_those_of_hue() -> None:
    assert formatting.weekday(LATE) == "thứ Sáu"
    assert formatting.day(LATE) == "27/11"
    assert formatting.full_date(LATE) == "27/11/2026"
    assert formatting.month(datetime(2026, 11, 30, 18, tzinfo=UTC)) == "12/2026"
    assert formatting.date_parts(date(2026, 3, 5)) == {"d": "05", "m": "03", "y": "2026"}


def test_days_and_hours_together() -> None:
    assert formatting.weekday_and_date(MORNING) == "thứ Năm 26/11/2026"
    assert formatting.when(AFTERNOON) == "14h00 thứ Năm 26/11"
    assert formatting.day_and_hours(MORNING, AFTERNOON) == "thứ Năm 26/11, 08h30 – 14h00"
    assert formatting.day_and_hour_in_file_name(AFTERNOON) == "26-11-14h00"
    assert formatting.instant(AFTERNOON) == "2026-11-26T07:00Z"


def test_names_of_the_week_stand_alone_in_both_lengths() -> None:
    assert formatting.weekday_names() == [
        "Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật",
    ]  # fmt: skip
    assert formatting.short_weekday_names() == ["T2", "T3", "T4", "T5", "T6", "T7", "CN"]


@pytest.mark.parametrize(
    ("language", "day", "alone", "inside"),
    [
        ("vi", 25, "Hôm nay", "hôm nay"),
        ("vi", 26, "Ngày mai", "ngày mai"),
        ("vi", 24, "Hôm qua", "hôm qua"),
        ("vi", 27, "Thứ Sáu 27/11", "thứ Sáu 27/11"),
        ("en", 25, "Today", "today"),
        ("en", 26, "Tomorrow", "tomorrow"),
        ("en", 24, "Yesterday", "yesterday"),
    ],
)
def test_near_day_is_capitalised_at_the_beginning_only(
    language: Language, day: int, alone: str, inside: str
) -> None:
    speak(language)

    assert formatting.day_in_words(date(2026, 11, day), NOW) == alone
    assert formatting.day_inside(date(2026, 11, day), NOW) == inside


def test_days_open_at_either_end() -> None:
    first, last = date(2026, 7, 1), date(2026, 8, 31)

    assert formatting.days(first, last) == "01/07 – 31/08/2026"
    assert formatting.days(first, None) == "từ 01/07/2026"
    assert formatting.days(None, last) == "đến 31/08/2026"
    assert formatting.days(None, None) == ""


def test_week_names_across_months_and_years() -> None:
    today = date(2026, 11, 23)

    def named(monday: date) -> str:
        return formatting.week(monday, monday + timedelta(days=6), today=today)

    assert named(date(2026, 11, 23)) == "Tuần 23/11 – 29/11"
    assert named(date(2026, 11, 30)) == "Tuần 30/11 – 06/12"
    assert named(date(2026, 12, 28)) == "Tuần 28/12/2026 – 03/01/2027"
    assert named(date(2027, 3, 1)) == "Tuần 01/03/2027 – 07/03/2027"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (90, "1 giờ 30 phút"),
        (120, "2 giờ"),
        (45, "45 phút"),
        (timedelta(hours=1, minutes=30), "1 giờ 30 phút"),
        (0, "0 phút"),
    ],
)
def test_durations_are_hours_and_minutes(value: int | timedelta, words: str) -> None:
    assert formatting.duration(value) == words


def test_texts_stay_vietnamese_for_an_english_reader() -> None:
    speak("en")

    assert formatting.weekday(MORNING) == "Thursday"
    assert formatting.vietnamese_weekday(3) == "thứ Năm"
    assert formatting.vietnamese_day(LATE) == "thứ Sáu 27/11"


@pytest.mark.parametrize("number", range(7))
def test_vietnamese_weekdays_are_those_of_a_vietnamese_page(number: int) -> None:
    assert formatting.vietnamese_weekday(number) == formatting.weekday(date(2026, 11, 23 + number))


def test_numbers_and_money_have_dots_between_thousands() -> None:
    assert formatting.number(999) == "999"
    assert formatting.number(1234567) == "1.234.567"
    assert formatting.money(Decimal("32300.4")) == "32.300 đồng"
    assert formatting.money(0) == "0 đồng"
