"""When two entries of one name are one person."""

import pytest

from learners.rules import Likeness, Marks, StoredPhone, likeness, stored_phone
from lopso.kernel.phone import read_phone

HER = Marks(1962, "+84348990608", "mobile", "tdp 5")
LANDLINE = "+842343363861"


@pytest.mark.parametrize(
    ("other", "verdict"),
    [
        (Marks(1962, "+84348990608", "mobile", "tdp 5"), Likeness.SAME),
        (Marks(None, "+84348990608", "mobile", "tdp 9"), Likeness.SAME),
        (Marks(1962, None, "none", "tdp 5"), Likeness.SAME),
        (Marks(1962, None, "none", None), Likeness.SAME),
        (Marks(1962, LANDLINE, "landline", "tdp 5"), Likeness.SAME),
        (Marks(1955, "+84348990608", "mobile", "tdp 5"), Likeness.UNCLEAR),
        (Marks(1962, "+84912345678", "mobile", "tdp 5"), Likeness.UNCLEAR),
        (Marks(None, None, "none", "tdp 5"), Likeness.UNCLEAR),
        (Marks(1962, "+84912345678", "mobile", "tdp 9"), Likeness.OTHER),
        (Marks(1962, "+84912345678", "mobile", None), Likeness.OTHER),
        (Marks(1955, "+84912345678", "mobile", "tdp 5"), Likeness.OTHER),
        (Marks(1962, None, "none", "tdp 9"), Likeness.OTHER),
        (Marks(None, None, "none", "tdp 9"), Likeness.OTHER),
    ],
)
def test_one_name_two_entries(other: Marks, verdict: Likeness) -> None:
    assert likeness(HER, other)[0] is verdict
    assert likeness(other, HER)[0] is verdict


def test_a_name_alone_is_the_same_as_that_name_alone() -> None:
    nothing = Marks(None, None, "none", None)

    assert likeness(nothing, nothing) == (Likeness.SAME, "")


def test_what_is_stored_of_a_phone() -> None:
    assert stored_phone(read_phone("0912345678 (con gái)")) == StoredPhone(
        "+84912345678", "mobile", "con gái"
    )
    assert stored_phone(read_phone("0912345678/0935123456")) == StoredPhone(
        "+84912345678", "mobile", "0935 123 456"
    )
    assert stored_phone(read_phone("01649063703")) == StoredPhone("+84349063703", "mobile", "")
    assert stored_phone(read_phone("0234 3363861")) == StoredPhone(LANDLINE, "landline", "")
    assert stored_phone(read_phone("x")) == StoredPhone(None, "none", "")
