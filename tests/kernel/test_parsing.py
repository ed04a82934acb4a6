"""Values as people type them."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lopso.kernel import formatting
from lopso.kernel.lunar import lunar_words
from lopso.kernel.mail_address import read_address
from lopso.kernel.parsing import (
    YEARS,
    NoSuchDay,
    has_unreadable,
    one_line,
    read_date,
    read_id,
    read_instant,
    read_money,
    read_time,
    read_uuid,
    read_whole_number,
    several_lines,
    understand_date,
    without_unreadable,
)

HOSTILE = [
    "",
    " ",
    "\0",
    "1e999",
    "-1",
    "9" * 5000,
    "\ud800",
    "٣" * 400,
    "0x10",
    "NaN",
    "1,2",
    "½",
    "²",
]


@pytest.mark.parametrize(
    ("text", "hour", "minute"),
    [
        ("8h30", 8, 30),
        ("8:30", 8, 30),
        ("08:30", 8, 30),
        ("8.30", 8, 30),
        ("8g30", 8, 30),
        ("18h", 18, 0),
        ("18:00", 18, 0),
        ("18:00:00", 18, 0),
        ("14 giờ", 14, 0),
        ("14 giờ 5 phút", 14, 5),
        ("14H30", 14, 30),
        ("0h", 0, 0),
        ("9", 9, 0),
        ("8h30p", 8, 30),
        ("１８h３０", 18, 30),
        ("14g30", 14, 30),
        ("8 giờ 30 sáng", 8, 30),
        ("8 gio 30 sang", 8, 30),
        ("8h30 tối", 20, 30),
        ("20h tối", 20, 0),
        ("8 rưỡi", 8, 30),
        ("8 giờ rưỡi tối", 20, 30),
        ("9 giờ kém 15", 8, 45),
        ("2 giờ chiều", 14, 0),
        ("12 giờ trưa", 12, 0),
        ("1 giờ trưa", 13, 0),
        ("12 giờ đêm", 0, 0),
        ("08:30 SA", 8, 30),
        ("02:30 CH", 14, 30),
    ],
)
def test_times_of_day_in_any_usual_writing(text: str, hour: int, minute: int) -> None:
    assert read_time(text) == time(hour, minute)


@pytest.mark.parametrize(
    "text", ["٠٧:٠٠", "24h", "8h60", "giờ", "8h30 sáng mai", "18:00:30", "123h", "13h sáng", "9h tám"]
)
def test_a_time_that_makes_no_sense_is_none(text: str) -> None:
    assert read_time(text) is None


@pytest.mark.parametrize("text", ["2026-11-26", "26/11/2026", "26.11.2026", "26-11-2026", " 26/11/2026 "])
def test_days_in_both_writings(text: str) -> None:
    assert read_date(text) == date(2026, 11, 26)


@pytest.mark.parametrize("text", ["31/2/2026", "26/11", "26/11/0202", "26/11/9999", "mai"])
def test_a_day_that_makes_no_sense_is_none(text: str) -> None:
    assert read_date(text) is None


MONDAY = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("5-1-27", date(2027, 1, 5)),
        ("5/1", date(2027, 1, 5)),
        ("28/11", date(2026, 11, 28)),
        ("15/6", date(2027, 6, 15)),
        ("05.01.2027", date(2027, 1, 5)),
        ("ngày 5 tháng 1 năm 2027", date(2027, 1, 5)),
        ("mùng 5 tháng 1", date(2027, 1, 5)),
        ("5 tháng mười hai", date(2026, 12, 5)),
        ("hôm nay", MONDAY),
        ("tối nay", MONDAY),
        ("mai", date(2026, 12, 1)),
        ("sáng mai", date(2026, 12, 1)),
        ("Ngày mai", date(2026, 12, 1)),
        ("mốt", date(2026, 12, 2)),
        ("ngày kia", date(2026, 12, 2)),
        ("hôm qua", date(2026, 11, 29)),
        ("2 tuần nữa", date(2026, 12, 14)),
        ("thứ Ba", date(2026, 12, 1)),
        ("thu ba", date(2026, 12, 1)),
        ("thứ Hai", MONDAY),
        ("thứ Hai tới", date(2026, 12, 7)),
        ("thứ Ba tuần sau", date(2026, 12, 8)),
        ("T3 tuần sau", date(2026, 12, 8)),
        ("thứ Sáu tuần trước", date(2026, 11, 27)),
        ("thứ Sáu sau", date(2026, 12, 4)),
        ("chủ nhật", date(2026, 12, 6)),
        ("CN", date(2026, 12, 6)),
        ("T3, 5/1/27", date(2027, 1, 5)),
        ("thứ Tư 25/11", date(2026, 11, 25)),
        ("thứ Năm 26/11/2026", date(2026, 11, 26)),
        ("thứ Sáu 4/9", date(2026, 9, 4)),  # long ago, but the weekday says so
        ("mùng 5 tháng Giêng", date(2027, 2, 10)),
        ("28 tháng Chạp", date(2027, 2, 4)),
        ("5/1 âm lịch", date(2027, 2, 10)),
        ("5/1 (ÂL)", date(2027, 2, 10)),
        ("mùng 1 Tết", date(2027, 2, 6)),
        ("29 Tết", date(2027, 2, 5)),
        ("rằm tháng 8", date(2027, 9, 15)),
    ],
)
def test_days_in_words_as_people_write_them(text: str, day: date) -> None:
    assert read_date(text, today=MONDAY) == day


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("31/02/2027", "Ngày 31/02/2027 không có: tháng 2 năm 2027 có 28 ngày."),
        ("2027-02-31", "Ngày 31/02/2027 không có: tháng 2 năm 2027 có 28 ngày."),
        ("31/11", "Ngày 31/11/2027 không có: tháng 11 năm 2027 có 30 ngày."),
        ("29/2", "Ngày 29/02/2027 không có: tháng 2 năm 2027 có 28 ngày."),
        ("12/26/2026", "Không có tháng 26. Xin ghi ngày trước, tháng sau."),
        ("26/11/0202", "Năm phải từ 2000 đến 2100."),
        ("thứ Hai 05/01/2027", "Ngày 05/01/2027 là thứ Ba, xin xem lại thứ hoặc ngày."),
        ("30 Tết", "Âm lịch năm 2026 không có ngày 30 tháng 12."),
        ("mùng 1 tháng 6 nhuận", "Âm lịch năm 2027 không có ngày 1 tháng 6 nhuận."),
        ("một", ""),
        ("tuần sau", ""),
        ("Trần Thị Mai", ""),
    ],
)
def test_a_day_that_is_not_there_is_refused_with_its_reason(text: str, sentence: str) -> None:
    with pytest.raises(NoSuchDay) as refusal:
        understand_date(text, today=MONDAY)
    assert str(refusal.value) == sentence


@given(st.dates(date(2000, 1, 1), date(2100, 12, 31)))
def test_days_are_read_as_the_product_writes_them(day: date) -> None:
    for text in (day.isoformat(), formatting.full_date(day), formatting.weekday_and_date(day)):
        assert read_date(text) == day


@given(st.dates(date(2003, 1, 1), date(2098, 12, 31)), st.integers(-59, 300))
def test_days_without_a_year_are_read_as_written(today: date, away: int) -> None:
    day = today + timedelta(days=away)
    noon = datetime(today.year, today.month, today.day, 5, tzinfo=UTC)
    written = [formatting.day(day), formatting.day_in_words(day, noon), formatting.day_inside(day, noon)]
    assert [read_date(text, today=today) for text in written] == [day] * 3


@given(st.dates(date(2003, 1, 1), date(2098, 12, 31)), st.integers(-59, 280))
def test_lunar_days_are_read_as_written(today: date, away: int) -> None:
    day = today + timedelta(days=away)
    assert read_date(f"{lunar_words(day)} âm lịch", today=today) == day


@given(st.times())
def test_times_are_read_as_the_product_writes_them(value: time) -> None:
    minute = value.replace(second=0, microsecond=0)
    written = [formatting.hour(minute), minute.isoformat("minutes")]
    assert [read_time(text) for text in written] == [minute] * 2


_WORDS = [
    *("thứ", "t", "ba", "tư", "năm", "sau", "tuần", "này", "tới", "mai", "mốt", "kia", "ngày", "hôm", "nữa"),
    *(
        "mùng",
        "tháng",
        "giêng",
        "chạp",
        "nhuận",
        "âm",
        "lịch",
        "tết",
        "rằm",
        "/",
        "-",
        ".",
        ":",
        ",",
        "(",
        ")",
    ),
    *("rưỡi", "kém", "giờ", "h", "g", "sáng", "chiều", "tối", "đêm", "sa", "ch"),
    *("0", "1", "5", "12", "29", "30", "31", "99", "2027", "0000"),
]


@given(st.lists(st.sampled_from(_WORDS), max_size=8), st.sampled_from(["", " "]))
def test_any_row_of_words_is_read_or_refused(words: list[str], between: str) -> None:
    text = between.join(words)
    read_time(text)
    try:
        assert understand_date(text, today=MONDAY).year in YEARS
    except NoSuchDay:
        assert read_date(text, today=MONDAY) is None


def test_a_day_outside_the_given_years_is_none() -> None:
    assert read_date("26/11/2019", range(2020, 2091)) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [("25", 25), ("1.200", 1200), ("1 200", 1200), ("1.200.000", 1_200_000), ("007", 7), ("３０", 30)],
)
def test_whole_numbers_with_thousands_apart(text: str, number: int) -> None:
    assert read_whole_number(text) == number


@pytest.mark.parametrize(
    "text", ["350000", "350.000", "350.000 đ", "350.000đ", "350 000 đồng", "350.000 VND"]
)
def test_money_in_dong(text: str) -> None:
    assert read_money(text) == 350_000


def test_ids_are_plain_digits_of_a_bigint() -> None:
    assert read_id("12") == 12
    assert read_id(str(2**63 - 1)) == 2**63 - 1
    assert [read_id(text) for text in ("0", "-1", str(2**63), "１２", "1.200", "1 2")] == [None] * 6


def test_an_instant_needs_its_zone() -> None:
    assert read_instant("2026-11-23T01:30Z") == datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
    assert read_instant("2026-11-23T08:30+07:00") == datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
    assert read_instant("2026-11-23T08:30") is None
    assert read_instant("0001-01-01T00:00+14:00") is None


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_none_and_never_raises(text: str) -> None:
    readers = (read_whole_number, read_money, read_id, read_uuid, read_time, read_date, read_instant)
    assert [reader(text) for reader in readers] == [None] * len(readers)


@given(st.text(alphabet=st.characters(), max_size=60))
def test_readers_take_any_text(text: str) -> None:
    for reader in (read_whole_number, read_money, read_id, read_uuid, read_time, read_date, read_instant):
        reader(text)


def test_unreadable_characters_are_found_and_left_out() -> None:
    assert not has_unreadable("Nguyễn Thị Bé\tHai\r\nB 👍")
    for char in ("\0", "\x1b", "\x7f", "\x80", "\ud800", "\ufffd", "\u202e"):
        assert has_unreadable(f"a{char}b")
        assert without_unreadable(f"a{char}b") == "ab"


def test_lines_are_composed_and_their_white_space_put_in_order() -> None:
    assert one_line("  Nguye\u0302\u0303n \n\t Bé ") == "Nguyễn Bé"
    assert several_lines(" a\r\nb\rc \n") == "a\nb\nc"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" Mai@Example.org ", "mai@example.org"),
        ("mai @ example.org", "mai@example.org"),
        ("mai.le+lop@mail.example.org", "mai.le+lop@mail.example.org"),
        ("mai@example.xn--p1ai", "mai@example.xn--p1ai"),
        ("mai@localhost", None),
        ("mai@b.c", None),
        ("mai@10.0.0.1", None),
        ("mái@example.org", None),
        ("mai@huế.vn", None),
        ("mai@example.org,be@example.org", None),
        ("mai", None),
        ("mai@exa\nmple.org\0", None),
    ],
)
def test_addresses_are_read_in_lower_case(text: str, address: str | None) -> None:
    assert read_address(text) == address
