"""Entries of one key: which of them may be the same record as another, without comparing each with each."""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from lopso.kernel.workbook.matching import Match, MatchResult

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class BlockingKeys:
    """What limits the comparisons of one entry.

    Two entries are DIFFERENT records when none of what one of them is `sought` by is what the other is
    `filed` under, whichever of the two is sought.
    """

    filed: Collection[Hashable]
    sought: Collection[Hashable]


_EVERY = BlockingKeys(("",), ("",))


def compare_with_all(_identity: object) -> BlockingKeys:
    """Blocking keys that limit nothing."""
    return _EVERY


@dataclass(frozen=True, slots=True)
class Comparison(Generic[K]):
    """How entries of one key are compared by their identities; neither depends on the order of the two."""

    match: Callable[[K, K], Match]
    blocking_keys: Callable[[K], BlockingKeys] = compare_with_all


class Namesakes(Generic[K]):
    """Entries of one key by numbers of the caller's, in the order in which they were added."""

    def __init__(self, comparison: Comparison[K]) -> None:
        self._comparison = comparison
        self._identities: dict[int, K] = {}
        self._places: dict[int, int] = {}
        self._filed: defaultdict[Hashable, set[int]] = defaultdict(set)
        self._to_file: list[int] = []

    def add(self, number: int, identity: K) -> None:
        """Add an entry, or give the one of this number another identity at the place it has."""
        self._identities[number] = identity
        self._places.setdefault(number, len(self._places))
        self._to_file.append(number)

    def matches(self, identity: K) -> dict[int, Match]:
        """Return the matches with those entries that are not DIFFERENT, in the order of the entries."""
        if not self._identities:
            return {}
        self._file()
        sought = self._comparison.blocking_keys(identity).sought
        found = set[int]().union(*(self._filed[key] for key in sought if key in self._filed))
        numbers = sorted(found, key=self._places.__getitem__)
        matches = {each: self._comparison.match(self._identities[each], identity) for each in numbers}
        return {each: match for each, match in matches.items() if match.result is not MatchResult.DIFFERENT}

    def _file(self) -> None:
        # Only now: most keys have one entry, which is never looked for.
        for number in self._to_file:
            for key in self._comparison.blocking_keys(self._identities[number]).filed:
                self._filed[key].add(number)
        self._to_file.clear()
