"""A workbook becomes drafts: its lists are found, rows are read, rows about the same record are merged."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

from lopso.kernel.workbook.answers import read_answer
from lopso.kernel.workbook.choices import AS_GUESSED, ReadingChoices
from lopso.kernel.workbook.damaged_rows import read_sound_cells
from lopso.kernel.workbook.kinds import ListKind, RowReader, RowReading
from lopso.kernel.workbook.matching import MatchResult, decisive
from lopso.kernel.workbook.namesakes import Namesakes
from lopso.kernel.workbook.reading import Sheet
from lopso.kernel.workbook.results import Doubt, DoubtfulRow, DraftRow, ParsedList
from lopso.kernel.workbook.rows import RawRow, find_tables
from lopso.kernel.workbook.usual_fields import usual_fields

T = TypeVar("T")


def parse_list(
    sheets: Sequence[Sheet],
    kind: ListKind[T, Any],
    read_row: RowReader[T],
    choices: ReadingChoices = AS_GUESSED,
) -> ParsedList[T]:
    """Read every list of one kind in a workbook. Saves nothing and asks nobody.

    Raises:
        NoTableFound: no sheet holds such a list.
    """
    tables = find_tables(sheets, kind.layout, missing=kind.no_list(), choices=choices)
    parsed = ParsedList[T].of_tables(tables)
    parsed.hidden_taken = choices.hidden
    if not choices.hidden:
        parsed.hidden_sheets = tuple(each.name for each in sheets if each.rows and not each.visible)
    parsed.other_kind = kind.other_kind(sheets)
    of_key: defaultdict[str, Namesakes[Any]] = defaultdict(kind.namesakes)
    for table in tables:
        usual = usual_fields(table)
        for raw in table.rows:
            reading = read_sound_cells(raw, kind, read_row)
            doubts = reading.doubts or _doubt_of_nobody(raw, reading.draft, kind, usual)
            if doubts:
                parsed.add_doubtful(raw, *doubts)
            else:
                row = _draft_row(raw, reading)
                _add(parsed, row, kind, of_key[kind.key(reading.draft)])
    return parsed


def _draft_row(raw: RawRow, reading: RowReading[T]) -> DraftRow[T]:
    answer = read_answer(raw.answer)
    return DraftRow(raw.sheet, raw.row, reading.draft, raw.cells, tuple(reading.notes), answer)


def _doubt_of_nobody(raw: RawRow, draft: T, kind: ListKind[T, Any], usual: frozenset[str]) -> Sequence[Doubt]:
    reason = kind.nobody(raw, usual)
    return [kind.doubt(draft, reason)] if reason else ()


def _add(parsed: ParsedList[T], row: DraftRow[T], kind: ListKind[T, Any], namesakes: Namesakes[Any]) -> None:
    """Keep the row, or merge it into the one it repeats, or doubt it. `namesakes`: indexes of its key."""
    identity = kind.identity(row.draft)
    at, match = decisive(namesakes.matches(identity))
    if at is None:
        namesakes.add(len(parsed.good), identity)
        parsed.good.append(row)
    elif match.result is MatchResult.SAME:
        first = parsed.good[at]
        merged = kind.merge(first.draft, row.draft)
        parsed.good[at] = replace(first, draft=merged)
        namesakes.add(at, kind.identity(merged))
        parsed.repeated += 1
    else:
        reason = kind.same_in_file(parsed.good[at].row, match.difference)
        parsed.doubtful.append(
            DoubtfulRow(
                row.sheet,
                row.row,
                row.cells,
                (kind.doubt(row.draft, reason),),
                draft=row.draft,
                like=at,
                difference=match.difference,
                answer=row.answer,
            )
        )
