"""When two helpers of one name are one person."""

import pytest

from lopso.kernel.workbook.matching import MatchResult
from people.identity import IdentityKeys
from trainers.rules import TeamPosition, compare_helpers

TDP_1 = frozenset({"cnscd tdp 1"})
TDP_2 = frozenset({"cnscd tdp 2"})
LANDLINE = "+842343363861"


def helper(
    phone: str | None, kind: str = "mobile", *, teams: frozenset[str] = TDP_1, position: str = "cong an"
) -> IdentityKeys:
    return IdentityKeys(phone, kind, group=TeamPosition(teams, position))


@pytest.mark.parametrize(
    ("other", "result"),
    [
        (helper("+84971447710"), MatchResult.SAME),
        (helper("+84971447710", teams=TDP_2, position="hoi phu nu"), MatchResult.SAME),
        (helper(None, "none"), MatchResult.SAME),
        (helper(None, "none", position=""), MatchResult.SAME),
        (helper(LANDLINE, "landline", teams=TDP_1 | TDP_2), MatchResult.SAME),
        (helper("+84912345678"), MatchResult.UNCLEAR),
        (helper("+84912345678", teams=TDP_2), MatchResult.DIFFERENT),
        (helper("+84912345678", position="hoi phu nu"), MatchResult.DIFFERENT),
        (helper(None, "none", teams=TDP_2), MatchResult.DIFFERENT),
        (helper(None, "none", teams=frozenset()), MatchResult.DIFFERENT),
    ],
)
def test_two_helpers_of_one_name_compared(other: IdentityKeys, result: MatchResult) -> None:
    one = helper("+84971447710")

    assert compare_helpers(one, other).result is result
    assert compare_helpers(other, one).result is result
