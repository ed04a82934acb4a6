"""When two entries of one name are one person, and what is stored of a phone."""

import pytest

from lopso.kernel.phone import read_phone
from lopso.kernel.workbook.matching import Match, MatchResult
from people.identity import IdentityKeys, compare_people
from people.phones import StoredPhone, stored_phone

HER = IdentityKeys("+84348990608", "mobile", 1962, "tdp 5")
LANDLINE = "+842343363861"


@pytest.mark.parametrize(
    ("other", "result"),
    [
        (IdentityKeys("+84348990608", "mobile", 1962, "tdp 5"), MatchResult.SAME),
        (IdentityKeys("+84348990608", "mobile", None, "tdp 9"), MatchResult.SAME),
        (IdentityKeys(None, "none", 1962, "tdp 5"), MatchResult.SAME),
        (IdentityKeys(None, "none", 1962, None), MatchResult.SAME),
        (IdentityKeys(LANDLINE, "landline", 1962, "tdp 5"), MatchResult.SAME),
        (IdentityKeys("+84348990608", "mobile", 1955, "tdp 5"), MatchResult.UNCLEAR),
        (IdentityKeys("+84912345678", "mobile", 1962, "tdp 5"), MatchResult.UNCLEAR),
        (IdentityKeys(None, "none", None, "tdp 5"), MatchResult.UNCLEAR),
        (IdentityKeys("+84912345678", "mobile", 1962, "tdp 9"), MatchResult.DIFFERENT),
        (IdentityKeys("+84912345678", "mobile", 1962, None), MatchResult.DIFFERENT),
        (IdentityKeys("+84912345678", "mobile", 1955, "tdp 5"), MatchResult.DIFFERENT),
        (IdentityKeys(None, "none", 1962, "tdp 9"), MatchResult.DIFFERENT),
        (IdentityKeys(None, "none", None, "tdp 9"), MatchResult.DIFFERENT),
    ],
)
def test_two_entries_of_one_name_compared(other: IdentityKeys, result: MatchResult) -> None:
    assert compare_people(HER, other).result is result
    assert compare_people(other, HER).result is result


def test_names_without_any_other_fact_are_the_same() -> None:
    nothing = IdentityKeys(None, "none", None, None)

    assert compare_people(nothing, nothing) == Match(MatchResult.SAME)


def test_phone_reading_becomes_stored_phone() -> None:
    assert stored_phone(read_phone("0912345678 (con gái)")) == StoredPhone(
        "+84912345678", "mobile", ("con gái",)
    )
    assert stored_phone(read_phone("0912345678/0935123456")) == StoredPhone(
        "+84912345678", "mobile", ("0935 123 456",)
    )
    assert stored_phone(read_phone("01649063703")) == StoredPhone(None, "none", (), "+84349063703")
    assert stored_phone(read_phone("0234 3363861")) == StoredPhone(LANDLINE, "landline")
    assert stored_phone(read_phone("x")) == StoredPhone(None, "none")
