"""Rows of a list against the records a ward has, with what a person answered to doubts."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from lopso.kernel.workbook.answers import ASK, OTHER, SAME, SKIP, Answers
from lopso.kernel.workbook.kinds import ListKind
from lopso.kernel.workbook.left_out_rows import digest_of
from lopso.kernel.workbook.matching import (
    Candidate,
    KnownRecord,
    MatchedRows,
    MatchResult,
    Question,
    RecordChange,
    decisive,
)
from lopso.kernel.workbook.namesakes import Namesakes
from lopso.kernel.workbook.results import DoubtfulRow, DraftRow, ParsedList

T = TypeVar("T")


def match_rows(
    kind: ListKind[T, Any],
    parsed: ParsedList[T],
    known: Mapping[str, Sequence[KnownRecord[T]]],
    answers: Answers,
    left_out: Collection[str] = (),
) -> MatchedRows[T]:
    """Match every row.

    Args:
        known: the records of the rows' keys, by key.
        left_out: digests of rows that were left out of earlier lists.
    """
    return _Matching(kind, parsed, known, answers, left_out).rows()


def may_be_asked(
    kind: ListKind[T, Any], parsed: ParsedList[T], known: Mapping[str, Sequence[KnownRecord[T]]]
) -> list[T]:
    """Return the drafts of the rows that may be somebody else's: of another row, or of a record."""
    alike: list[T] = [row.draft for row in parsed.doubtful if row.draft is not None]
    return alike + [row.draft for row in parsed.good if kind.key(row.draft) in known]


@dataclass(frozen=True, slots=True)
class _Records(Generic[T]):
    """The records of one key."""

    by_id: Mapping[int, KnownRecord[T]]
    namesakes: Namesakes[Any]


@dataclass(slots=True)
class _Matching(Generic[T]):
    kind: ListKind[T, Any]
    parsed: ParsedList[T]
    known: Mapping[str, Sequence[KnownRecord[T]]]
    answers: Answers
    left_out: Collection[str]
    matched: MatchedRows[T] = field(default_factory=lambda: MatchedRows[T]())
    good: list[DraftRow[T]] = field(default_factory=list[DraftRow[T]])
    doubtful: list[DoubtfulRow] = field(default_factory=list[DoubtfulRow])
    questions: dict[str, Question[T]] = field(default_factory=dict[str, Question[T]])
    current: dict[int, T] = field(default_factory=dict[int, T])
    records: dict[str, "_Records[T]"] = field(default_factory=lambda: dict[str, _Records[T]]())

    def rows(self) -> MatchedRows[T]:
        matched = self.matched
        matched.repeated = self.parsed.repeated
        self.good = list(self.parsed.good)
        others = [each for row in self.parsed.doubtful if (each := self._doubtful(row)) is not None]
        for row in self.good:
            self._match(row)
        added: defaultdict[str, Namesakes[Any]] = defaultdict(self.kind.namesakes)
        for row in others:
            self._match_other(row, added[self.kind.key(row.draft)])
        matched.doubtful = sorted(self.doubtful, key=lambda each: (each.sheet, each.row))
        matched.questions = sorted(self.questions.values(), key=lambda each: (each.row.sheet, each.row.row))
        return matched

    def _answer(self, row: DraftRow[T] | DoubtfulRow) -> tuple[str, bool]:
        """Return what was answered for a row, and whether that was for an earlier list."""
        given = self.answers.get(self.parsed.reference(row)) or row.answer
        if given == ASK:
            return "", False
        before = not given and row.draft is not None and digest_of(row.draft) in self.left_out
        return (SKIP, True) if before else (given, False)

    def _records(self, draft: T) -> "_Records[T]":
        """The records of the key of `draft`."""
        key = self.kind.key(draft)
        if key not in self.records:
            namesakes = self.kind.namesakes()
            for each in self.known.get(key, ()):
                namesakes.add(each.id, self.kind.identity(each.draft))
            self.records[key] = _Records({each.id: each for each in self.known.get(key, ())}, namesakes)
        return self.records[key]

    # --- Rows that may repeat another row of the file ---

    def _doubtful(self, row: DoubtfulRow) -> DraftRow[T] | None:
        """Settle a doubtful row, or keep it; return it when it is somebody else than the row it is like."""
        answer, before = self._answer(row)
        if row.draft is None or row.like is None:
            self._keep_or_skip(row, answer)
            return None
        draft: T = row.draft
        plain = DraftRow(row.sheet, row.row, draft, row.cells, answer=row.answer)
        twin = self.good[row.like]
        if self._is_known(draft) or (answer.startswith(SAME) and self._is_known(twin.draft)):
            return plain  # the answer is then about the record, not about the row that says what is known
        candidate = Candidate(SAME, twin.draft, twin.row)
        self._question(Question(plain, (candidate,), row.difference, answer, before))
        if answer == OTHER:
            return plain
        if answer.startswith(SAME):
            self.good[row.like] = replace(twin, draft=self.kind.updated(twin.draft, draft))
            self.matched.repeated += 1
        else:
            self._keep_or_skip(replace(row, existing=self._described(candidate)), answer)
        return None

    def _keep_or_skip(self, row: DoubtfulRow, answer: str) -> None:
        if answer == SKIP:
            self.matched.skipped += 1
        else:
            self.doubtful.append(replace(row, draft=None, answer=answer))

    def _is_known(self, draft: T) -> bool:
        matches = self._records(draft).namesakes.matches(self.kind.identity(draft))
        return decisive(matches)[1].result is MatchResult.SAME

    def _match_other(self, row: DraftRow[T], added: Namesakes[Any]) -> None:
        identity = self.kind.identity(row.draft)
        if decisive(added.matches(identity))[1].result is MatchResult.SAME:
            self.matched.repeated += 1
            return
        before = len(self.matched.new)
        self._match(row)
        if len(self.matched.new) > before:
            added.add(before, identity)

    # --- Rows against records ---

    def _match(self, row: DraftRow[T]) -> None:
        records = self._records(row.draft)
        matches = records.namesakes.matches(self.kind.identity(row.draft))
        record_id, match = decisive(matches)
        if record_id is None:
            self.matched.new.append(row)
        elif match.result is MatchResult.SAME:
            self._change(records.by_id[record_id], row, replaced=False)
        else:
            self._ask(row, [records.by_id[each] for each in matches], match.difference)

    def _ask(self, row: DraftRow[T], records: Sequence[KnownRecord[T]], difference: str) -> None:
        answer, before = self._answer(row)
        chosen = _chosen(answer, records)
        if answer.startswith(SAME) and chosen is None:
            answer = ""  # several may be meant, or the record has changed since
        candidates = tuple(Candidate(f"{SAME}:{each.id}", each.draft) for each in records)
        self._question(Question(row, candidates, difference, answer, before))
        if chosen is not None:
            self._change(chosen, row, replaced=True)
        elif answer == OTHER:
            self.matched.new.append(row)
        else:
            doubt = self.kind.doubt(row.draft, self.kind.same_as_known(difference))
            described = " / ".join(map(self._described, candidates))
            kept = DoubtfulRow(row.sheet, row.row, row.cells, (doubt,), existing=described)
            self._keep_or_skip(kept, answer)

    def _question(self, question: Question[T]) -> None:
        """Note what is asked about a row; the first question about it stays."""
        self.questions.setdefault(self.parsed.reference(question.row), question)

    def _change(self, record: KnownRecord[T], row: DraftRow[T], *, replaced: bool) -> None:
        before = self.current.get(record.id, record.draft)
        after = (self.kind.updated if replaced else self.kind.filled)(before, row.draft)
        if after == before or record.archived:
            self.matched.known.append((record.id, row))
            return
        self.current[record.id] = after
        self.matched.changes.append(RecordChange(record.id, row, before, after, replaced))

    def _described(self, candidate: Candidate[T]) -> str:
        facts = [fact for fact in self.kind.facts(candidate.draft).values() if fact]
        return ", ".join([self.kind.title(candidate.draft), *facts])


def _chosen(answer: str, records: Sequence[KnownRecord[T]]) -> KnownRecord[T] | None:
    """Return the record that an answer means: the one with the id it gives, or the only one."""
    if answer == SAME:
        return records[0] if len(records) == 1 else None
    return next((each for each in records if answer == f"{SAME}:{each.id}"), None)
