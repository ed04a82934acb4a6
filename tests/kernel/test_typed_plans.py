"""Weekdays, hours and beginnings as the plan sheets of wards write them."""

import contextlib
from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lopso.kernel.parsing import (
    HourSpan,
    NoSuchDay,
    NoSuchHours,
    Period,
    UnclearWeekdays,
    find_hours,
    period_of_titles,
    read_weekdays,
    understand_start,
)

TODAY = date(2026, 12, 1)
WORDS = ("Hai", "Ba", "Tư", "Năm", "Sáu", "Bảy")


@pytest.mark.parametrize(
    ("typed", "weekdays"),
    [
        ("T2, T4", (0, 2)),
        ("Thứ 3 và thứ 5", (1, 3)),
        ("thứ 2-4-6", (0, 2, 4)),
        ("CN", (6,)),
        ("Chủ nhật", (6,)),
        ("thứ 8", (6,)),
        ("T2-T6", (0, 1, 2, 3, 4)),
        ("thứ 2 tới thứ 5", (0, 1, 2, 3)),
        ("Thứ 3\nThứ 5", (1, 3)),
        ("T246", (0, 2, 4)),
        ("T2T4T6", (0, 2, 4)),
        ("thu nam", (3,)),
        ("2, 4", (0, 2)),
        ("T7-CN", (5, 6)),
        ("hằng ngày", (0, 1, 2, 3, 4, 5, 6)),
    ],
)
def test_weekdays_are_read_as_timetables_write_them(typed: str, weekdays: tuple[int, ...]) -> None:
    assert read_weekdays(typed) == weekdays


@pytest.mark.parametrize("typed", ["", "8h30", "T9", "Hội trường", "thứ", "tuần 1", "T2 và mưa", "12"])
def test_what_names_no_weekday_is_none(typed: str) -> None:
    assert read_weekdays(typed) is None


@pytest.mark.parametrize("typed", ["T3-T5", "thứ 2 - thứ 4", "T6 đến T2"])
def test_weekdays_that_may_mean_two_things_are_refused(typed: str) -> None:
    with pytest.raises(UnclearWeekdays, match=typed):
        read_weekdays(typed)


@st.composite
def written_weekdays(draw: st.DrawFn) -> tuple[tuple[int, ...], str]:
    days = sorted(draw(st.sets(st.integers(0, 6), min_size=1, max_size=5)))
    style = draw(st.sampled_from(["T{0}", "Thứ {0}", "thứ {1}", "THỨ {0}", "t.{0}"]))
    names = [
        draw(st.sampled_from(["CN", "Chủ nhật"])) if day == 6 else style.format(day + 2, WORDS[day])
        for day in days
    ]
    return tuple(days), draw(st.sampled_from([", ", " và ", "; ", " & ", "\n", "/", " "])).join(names)


@given(written_weekdays())
def test_any_written_list_of_weekdays_is_read_back(written: tuple[tuple[int, ...], str]) -> None:
    assert read_weekdays(written[1]) == written[0]


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_without_an_error(text: str) -> None:
    for read in (read_weekdays, find_hours, period_of_titles):
        with contextlib.suppress(UnclearWeekdays, NoSuchHours):
            read(text)
    with contextlib.suppress(NoSuchDay):
        understand_start(text, today=TODAY, period=Period())


@pytest.mark.parametrize(
    ("typed", "start", "end"),
    [
        ("8h30 - 10h30", time(8, 30), time(10, 30)),
        ("14h", time(14), None),
        ("08:00-10:00", time(8), time(10)),
        ("8.30-10.30", time(8, 30), time(10, 30)),
        ("8 giờ 30 đến 10 giờ", time(8, 30), time(10)),
        ("8-10h", time(8), time(10)),
        ("2h-4h chiều", time(14), time(16)),
        ("Chiều: 14h - 16h", time(14), time(16)),
        ("tối 7h", time(19), None),
        ("19h30 – 21h00", time(19, 30), time(21)),
        ("08:30:00", time(8, 30), None),
    ],
)
def test_hours_are_read_as_timetables_write_them(typed: str, start: time, end: time | None) -> None:
    assert find_hours(typed)[0] == (HourSpan(start, end),)


def test_hours_beside_weekdays_are_found_and_the_rest_kept() -> None:
    spans, rest = find_hours("Sáng thứ 3: 8h30 - 10h30")
    assert spans == (HourSpan(time(8, 30), time(10, 30)),)
    assert rest == "sang thu 3:"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("25h", "Không có giờ “25h” trong ngày."),
        ("10h - 8h", "Giờ kết thúc 08h00 không sau giờ bắt đầu 10h00."),
    ],
)
def test_hours_that_no_day_has_are_refused_with_a_sentence(typed: str, said: str) -> None:
    with pytest.raises(NoSuchHours) as refusal:
        find_hours(typed)
    assert str(refusal.value) == said


@given(st.integers(6, 20), st.sampled_from([0, 15, 30, 45]), st.integers(15, 180), st.sampled_from("hg:."))
def test_any_written_span_of_hours_is_read_back(hour: int, minute: int, minutes: int, sign: str) -> None:
    end = hour * 60 + minute + minutes
    typed = f"{hour}{sign}{minute:02} - {end // 60}{sign}{end % 60:02}"
    assert find_hours(typed)[0] == (HourSpan(time(hour, minute), time(end // 60, end % 60)),)


SCHOOL_YEAR = period_of_titles("KẾ HOẠCH NĂM HỌC 2026-2027")


@pytest.mark.parametrize(
    ("typed", "first", "last"),
    [
        ("tuần 1 tháng 12", date(2026, 12, 1), None),
        ("tuần 2 - T1/2027", date(2027, 1, 8), None),
        ("tuần cuối tháng 12", date(2026, 12, 25), None),
        ("giữa tháng 3", date(2027, 3, 11), None),
        ("11/1/2027", date(2027, 1, 11), None),
        ("5/3", date(2027, 3, 5), None),
        ("từ 7/12 đến 30/1", date(2026, 12, 7), date(2027, 1, 30)),
        ("7 - 30/12", date(2026, 12, 7), date(2026, 12, 30)),
    ],
)
def test_beginnings_are_read_in_the_school_year_of_the_title(
    typed: str, first: date, last: date | None
) -> None:
    found = understand_start(typed, today=TODAY, period=SCHOOL_YEAR)
    assert (found.first, found.last, found.guessed_year) == (first, last, False)


def test_year_that_nobody_names_is_the_nearest_and_said_to_be_guessed() -> None:
    found = understand_start("tuần 1 tháng 3", today=TODAY, period=Period())
    assert (found.first, found.guessed_year) == (date(2027, 3, 1), True)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("31/2/2027", "Ngày 31/02/2027 không có: tháng 2 năm 2027 có 28 ngày."),
        ("tuần 6 tháng 12", "Tháng 12 không có tuần 6."),
        ("tuần 1", "Xin ghi tuần này của tháng nào, ví dụ “tuần 1 tháng 12”."),
        ("30/12/2026 - 7/12/2026", "Ngày kết thúc phải sau ngày bắt đầu."),
    ],
)
def test_beginning_that_is_not_in_the_calendar_is_refused(typed: str, said: str) -> None:
    with pytest.raises(NoSuchDay) as refusal:
        understand_start(typed, today=TODAY, period=Period())
    assert str(refusal.value) == said


@given(
    st.dates(date(2026, 1, 1), date(2028, 12, 31)),
    st.sampled_from(["{0}/{1}/{2}", "{0}-{1}-{2}", "{0}.{1}.{2}"]),
)
def test_any_written_day_with_its_year_is_that_day(day: date, form: str) -> None:
    typed = form.format(day.day, day.month, day.year)
    assert understand_start(typed, today=TODAY, period=Period()).first == day


@given(st.dates(TODAY - timedelta(days=20), TODAY + timedelta(days=300)))
def test_day_without_year_is_the_nearest_to_come(day: date) -> None:
    assert understand_start(f"{day.day}/{day.month}", today=TODAY, period=Period()).first == day


@pytest.mark.parametrize(
    ("title", "period"),
    [
        ("Tháng 12", Period(12, ())),
        ("T01-2027", Period(1, (2027,))),
        ("12-2026", Period(12, (2026,))),
        ("KẾ HOẠCH MỞ LỚP THÁNG 12 NĂM 2026", Period(12, (2026,))),
        ("Năm học 2026 - 2027", Period(None, (2026, 2027))),
        ("Ke hoach", Period()),
    ],
)
def test_titles_tell_month_and_year(title: str, period: Period) -> None:
    assert period_of_titles(title) == period
