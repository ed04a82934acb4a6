"""Whether a row and another entry are one record, and what is left to save of a list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Generic, TypeVar

from lopso.kernel.workbook.results import DoubtfulRow, DraftRow

T = TypeVar("T")
K = TypeVar("K")


class MatchResult(Enum):
    """Whether two entries of one name are the same record."""

    SAME = "same"
    DIFFERENT = "different"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Match:
    """The answer; `difference` says, for UNCLEAR, what does not fit, in words for the person who decides."""

    result: MatchResult
    difference: str = ""


def decisive(matches: Mapping[T, Match]) -> tuple[T | None, Match]:
    """Return the entry that decides among several and its match: the first that is the SAME, else UNCLEAR.

    Without either: None and DIFFERENT.
    """
    for wanted in (MatchResult.SAME, MatchResult.UNCLEAR):
        for entry, match in matches.items():
            if match.result is wanted:
                return entry, match
    return None, Match(MatchResult.DIFFERENT)


@dataclass(frozen=True, slots=True)
class KnownRecord(Generic[K]):
    """A record the ward has: its id, and what tells it from others of its name."""

    id: int
    identity: K


@dataclass(slots=True)
class MatchedRows(Generic[T]):
    """Rows of a file against the records of a ward.

    Attributes:
        new: to be saved. known: with the id of the record they describe.
        repeated: how many rows say again what another row of the file says.
        doubtful: for a person to correct, in the order of the file.
    """

    new: list[DraftRow[T]] = field(default_factory=list[DraftRow[T]])
    known: list[tuple[int, DraftRow[T]]] = field(default_factory=list[tuple[int, DraftRow[T]]])
    repeated: int = 0
    doubtful: Sequence[DoubtfulRow] = ()

    @property
    def already_known(self) -> int:
        """Rows that need no record of their own."""
        return self.repeated + len(self.known)
