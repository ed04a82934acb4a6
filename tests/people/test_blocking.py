"""Entries of one name that cannot be one record are not compared; all others are."""

from itertools import product

import pytest

from lopso.kernel.workbook.matching import MatchResult
from lopso.kernel.workbook.namesakes import Comparison, Namesakes
from people.identity import PEOPLE, PEOPLE_WITHOUT_YEARS, IdentityKeys
from people.phones import stored_kind
from trainers.rules import HELPERS, TeamPosition

PHONES = (None, "+84348990608", "+84912345678", "+842343363861", "+842343363862")
YEARS = (None, 1950, 1951)
TEAMS = (frozenset[str](), frozenset({"a"}), frozenset({"b"}), frozenset({"a", "b"}))

OF_PEOPLE = [
    IdentityKeys(phone, stored_kind(phone), year, group)
    for phone, year, group in product(PHONES, YEARS, (None, "tdp 1", "tdp 2"))
]
OF_HELPERS = [
    IdentityKeys(phone, stored_kind(phone), group=TeamPosition(teams, position))
    for phone, teams, position in product(PHONES, TEAMS, ("", "x", "y"))
]


@pytest.mark.parametrize(
    ("comparison", "identities"),
    [(PEOPLE, OF_PEOPLE), (PEOPLE_WITHOUT_YEARS, OF_PEOPLE), (HELPERS, OF_HELPERS)],
)
def test_every_match_is_found(comparison: Comparison[IdentityKeys], identities: list[IdentityKeys]) -> None:
    namesakes = Namesakes(comparison)
    for number, identity in enumerate(identities):
        namesakes.add(number, identity)

    for identity in identities:
        compared = {number: comparison.match(each, identity) for number, each in enumerate(identities)}
        expected = {
            number: each for number, each in compared.items() if each.result is not MatchResult.DIFFERENT
        }
        assert list(namesakes.matches(identity).items()) == list(expected.items())


def test_entry_with_another_identity_keeps_its_place() -> None:
    namesakes = Namesakes(PEOPLE)
    namesakes.add(7, IdentityKeys(None, "none", 1950, None))
    namesakes.add(3, IdentityKeys(None, "none", 1951, "tdp 2"))
    namesakes.add(7, IdentityKeys(None, "none", 1951, "tdp 2"))

    assert list(namesakes.matches(IdentityKeys(None, "none", 1951, "tdp 2"))) == [7, 3]
