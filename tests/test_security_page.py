"""docs/security.md answers each requirement of OWASP ASVS 5.0, levels 1 and 2, once; held ones name files."""

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# Section of ASVS 5.0.0 to the numbers of its requirements of levels 1 and 2.
REQUIREMENTS = {
    **{"1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2},
    **{"2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1},
    **{"3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2},
    **{"4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4},
    **{"5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3},
    **{"6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4},
    **{"7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2},
    **{"8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1},
    **{"9.1": 3, "9.2": 4},
    **{"10.1": 2, "10.2": 2, "10.3": 4, "10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3},
    **{"11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1},
    **{"12.1": 3, "12.2": 2, "12.3": 4},
    **{"13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5},
    **{"14.1": 2, "14.2": 4, "14.3": 3},
    **{"15.1": 3, "15.2": 3, "15.3": 7},
    **{"16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3},
    **{"17.1": 1, "17.2": 4, "17.3": 2},
}
ALL = [f"{section}.{number}" for section, count in REQUIREMENTS.items() for number in range(1, count + 1)]
STATES = {"held", "partly", "not", "operator", "n/a"}
ROW = re.compile(r"^\| (V[\d.]+(?:–V[\d.]+)?) \| ([^|]+) \| (.+) \|$", re.MULTILINE)
NAMED = re.compile(r"`([\w.-]+(?:/[\w.-]+)*)`")


def rows() -> list[tuple[str, str, str]]:
    """Requirement or range, state, reason."""
    return ROW.findall((ROOT / "docs" / "security.md").read_text())


def covered(named: str) -> list[str]:
    """The requirements that a row stands for: one, a range within a section, a section or a chapter."""
    first, _, last = named.replace("V", "").partition("–")
    if last:
        section = first.rpartition(".")[0]
        numbers = range(int(first.rpartition(".")[2]), int(last.rpartition(".")[2]) + 1)
        return [f"{section}.{number}" for number in numbers]
    return [each for each in ALL if each == first or each.startswith(first + ".")]


def test_requirements_of_the_levels_are_complete() -> None:
    assert len(ALL) == 253


def test_every_requirement_is_answered_once() -> None:
    answered = Counter(each for named, _state, _reason in rows() for each in covered(named))
    assert {each: answered[each] for each in ALL if answered[each] != 1} == {}
    assert set(answered) == set(ALL)


@pytest.mark.parametrize(("named", "state", "reason"), rows())
def test_state_is_known_and_files_named_exist(named: str, state: str, reason: str) -> None:
    assert state in STATES
    paths = [each for each in NAMED.findall(reason) if "/" in each or (ROOT / each).exists()]
    assert [each for each in paths if not (ROOT / each).exists()] == []
    if state == "held":
        assert paths, f"{named} is held by nothing"
