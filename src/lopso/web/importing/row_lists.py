"""The rows of a staged list for people to look through: new ones, changed ones, those to correct."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, TypeVar

from lopso.kernel.paging import Page, page_of
from lopso.kernel.workbook.kinds import ListKind
from lopso.kernel.workbook.matching import MatchedRows
from lopso.kernel.workbook.results import DoubtfulRow

T = TypeVar("T")

RowList: TypeAlias = Literal["moi", "doi", "sua"]
"""New people, changed people, rows to correct; as the address has them."""


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One row of the file on a page.

    Attributes:
        title: who it is about, "" for a row to correct. facts: label of a column's field to text.
        said: what was repaired, or why the row must be corrected.
    """

    sheet: str
    row: int
    title: str
    facts: Sequence[tuple[str, str]]
    said: Sequence[str]


def row_page(kind: ListKind[T, Any], rows: MatchedRows[T], which: RowList, number: int) -> Page[ShownRow]:
    """One page of rows; a number beyond the last page gives the last."""
    found: Sequence[Any] = {"moi": rows.new, "doi": rows.changes, "sua": to_correct(rows)}[which]
    page = page_of(found, number)
    return Page([_SHOWN[which](kind, each) for each in page.items], page.number, page.total)


def to_correct(rows: MatchedRows[T]) -> list[DoubtfulRow]:
    """The doubtful rows that no answer settles."""
    return [row for row in rows.doubtful if not row.existing]


def _new(kind: ListKind[Any, Any], row: Any) -> ShownRow:
    facts = _labelled(kind, kind.facts(row.draft))
    return ShownRow(row.sheet, row.row, kind.title(row.draft), facts, row.notes)


def _changed(kind: ListKind[Any, Any], change: Any) -> ShownRow:
    before, after = kind.facts(change.before), kind.facts(change.after)
    changed = {
        name: f"{before[name]} → {text}" if before[name] else text
        for name, text in after.items()
        if text != before[name]
    }
    row = change.row
    return ShownRow(row.sheet, row.row, kind.title(change.after), _labelled(kind, changed), row.notes)


def _doubtful(kind: ListKind[Any, Any], row: DoubtfulRow) -> ShownRow:
    cells = [("", text) for text in row.cells if text]
    return ShownRow(row.sheet, row.row, "", cells, [doubt.reason for doubt in row.doubts])


def _labelled(kind: ListKind[Any, Any], facts: Any) -> list[tuple[str, str]]:
    labels = kind.labels()
    return [(labels[name], text) for name, text in facts.items() if text]


_SHOWN: dict[RowList, Callable[[ListKind[Any, Any], Any], ShownRow]] = {
    "moi": _new,
    "doi": _changed,
    "sua": _doubtful,
}
