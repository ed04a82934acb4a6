"""What people type into a search box."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lopso.kernel.search import people_query


def test_words_match_as_prefixes_without_accents_within_wards() -> None:
    assert (
        people_query("  Nguyễn Thị Ưỡn ", wards={"19789", "19753"})
        == "nguyen:* & thi:* & uon:* & (w19753 | w19789)"
    )
    assert people_query("Hoá", wards=None) == people_query("hóa", wards=None) == "hoa:*"


def test_phone_number_is_found_in_any_grouping() -> None:
    ways = [
        "0912 345 678", "0912.345.678", "+84912345678", "84 912 345 678", "0912345678", "912345678",
        "912 345 678", "０９１２３４５６７８",
    ]  # fmt: skip

    assert {people_query(way, wards=None) for way in ways} == {"0912345678:*"}
    assert people_query("5678", wards=None) == "5678:*"


@pytest.mark.parametrize(
    ("typed", "query"),
    [("91234", "091234:*"), ("+84912", "0912:*"), ("849123", "0849123:*"), ("0912", "0912:*")],
)
def test_beginning_of_a_number_is_found_without_its_zero(typed: str, query: str) -> None:
    assert people_query(typed, wards=None) == query


def test_text_without_words_gives_no_query() -> None:
    assert [people_query(typed, wards=None) for typed in ("", "  ", "':*&|!()", "-")] == [None] * 4
    assert people_query("An", wards=frozenset()) is None


@given(st.text(max_size=120))
def test_typed_query_operators_are_plain_words(typed: str) -> None:
    query = people_query(typed, wards=None)

    words = [] if query is None else query.split(" & ")
    assert [word for word in words if not re.fullmatch(r"\w+:\*", word)] == []
