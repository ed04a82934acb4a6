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
class KnownRecord(Generic[T]):
    """A record the ward has, as a draft; an `archived` one is known, and is not changed by a list."""

    id: int
    draft: T
    archived: bool = False


@dataclass(frozen=True, slots=True)
class RecordChange(Generic[T]):
    """What a row changes in a record the ward has.

    Attributes:
        before, after: the record as a draft.
        replaced: whether a person said that the row's values hold; else only gaps are filled.
    """

    record_id: int
    row: DraftRow[T]
    before: T
    after: T
    replaced: bool


@dataclass(frozen=True, slots=True)
class Candidate(Generic[T]):
    """What a row may be: the answer that says so, and the entry as a draft.

    `file_row` is the number of its row when it stands in the same file, 0 for a record the ward has.
    """

    answer: str
    draft: T
    file_row: int = 0


@dataclass(frozen=True, slots=True)
class Question(Generic[T]):
    """A row that may be somebody already known, or somebody of another row: for a person to answer.

    Attributes:
        row: with its draft. candidates: at least one.
        difference: what does not fit, in words; questions of one difference are alike.
        answer: what was answered, "" for nothing yet. remembered: it is the answer to an earlier list.
    """

    row: DraftRow[T]
    candidates: tuple[Candidate[T], ...]
    difference: str
    answer: str
    remembered: bool = False

    @property
    def in_file(self) -> bool:
        """Whether it asks about two rows of the file, not about somebody the ward has."""
        return self.candidates[0].file_row > 0


@dataclass(slots=True)
class MatchedRows(Generic[T]):
    """Rows of a file against the records of a ward.

    Attributes:
        new: to be saved. known: with the id of the record they describe.
        changes: records that gain something of the file, or were said to be the same with other values.
        repeated: how many rows say again what another row of the file says.
        skipped: how many rows a person chose to leave out.
        doubtful: for a person to correct or answer, in the order of the file.
        questions: doubts that an answer settles, answered ones too, in the order of the file.
    """

    new: list[DraftRow[T]] = field(default_factory=list[DraftRow[T]])
    known: list[tuple[int, DraftRow[T]]] = field(default_factory=list[tuple[int, DraftRow[T]]])
    changes: list[RecordChange[T]] = field(default_factory=list[RecordChange[T]])
    repeated: int = 0
    skipped: int = 0
    doubtful: Sequence[DoubtfulRow] = ()
    questions: Sequence[Question[T]] = ()

    @property
    def already_known(self) -> int:
        """Rows that change nothing."""
        return self.repeated + len(self.known)

    @property
    def open_questions(self) -> Sequence[Question[T]]:
        """Questions without an answer."""
        return [question for question in self.questions if not question.answer]
