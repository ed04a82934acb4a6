"""Values as people type them."""

from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lopso.kernel.mail_address import read_address
from lopso.kernel.parsing import (
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
    ],
)
def test_times_of_day_in_any_usual_writing(text: str, hour: int, minute: int) -> None:
    assert read_time(text) == time(hour, minute)


@pytest.mark.parametrize("text", ["٠٧:٠٠", "24h", "8h60", "giờ", "8h30 sáng mai", "18:00:30", "123h"])
def test_a_time_that_makes_no_sense_is_none(text: str) -> None:
    assert read_time(text) is None


@pytest.mark.parametrize("text", ["2026-11-26", "26/11/2026", "26.11.2026", "26-11-2026", " 26/11/2026 "])
def test_days_in_both_writings(text: str) -> None:
    assert read_date(text) == date(2026, 11, 26)


@pytest.mark.parametrize("text", ["31/2/2026", "26/11", "26/11/0202", "26/11/9999", "mai"])
def test_a_day_that_makes_no_sense_is_none(text: str) -> None:
    assert read_date(text) is None


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
