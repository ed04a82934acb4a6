"""A parsed list and the result of its import: good rows, doubtful rows with reasons, counts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from lopso.kernel.i18n import ngettext
from lopso.kernel.workbook.columns import ListColumn
from lopso.kernel.workbook.fields import RETURNED_COLUMNS
from lopso.kernel.workbook.rows import ListTable, RawRow
from lopso.kernel.workbook.writing import workbook_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a row is not saved: the field, what stands there, and a sentence."""

    field: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class DoubtfulRow:
    """A row for a person to correct; `cells` are its texts as in the file."""

    sheet: str
    row: int
    cells: tuple[str, ...]
    doubts: tuple[Doubt, ...]

    @property
    def reason(self) -> str:
        """Return all reasons in one text."""
        return "; ".join(dict.fromkeys(doubt.reason for doubt in self.doubts))


@dataclass(frozen=True, slots=True)
class DraftRow(Generic[T]):
    """A row ready to be saved; `notes` say what was repaired."""

    sheet: str
    row: int
    draft: T
    cells: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SheetSummary:
    """One sheet that was read, for the review.

    `header_row` is None when the list has no header; `skipped` counts rows about nobody; `font` is the old
    font the list was typed in; `attendance` counts its columns of marks, which were left out, `numbers` the
    numbers of papers and accounts taken out of its cells.
    """

    name: str
    header_row: int | None
    rows: int
    skipped: int
    left_out: tuple[str, ...]
    font: str | None
    attendance: int = 0
    numbers: int = 0


@dataclass(slots=True)
class ParsedList(Generic[T]):
    """A whole file as drafts; nothing saved.

    Attributes:
        header: names of the columns in which `cells` of rows are kept; of the first sheet.
        columns: those of the first sheet.
        repeated: rows that say again what another row of the file says.
    """

    header: list[str]
    columns: list[ListColumn]
    sheets: list[SheetSummary]
    good: list[DraftRow[T]] = field(default_factory=list[DraftRow[T]])
    repeated: int = 0
    doubtful: list[DoubtfulRow] = field(default_factory=list[DoubtfulRow])

    @classmethod
    def of_tables(cls, tables: Sequence[ListTable]) -> "ParsedList[T]":
        """A list whose rows are still to be read."""
        columns = list(tables[0].columns)
        return cls(
            header=[column.header or column.letter for column in columns],
            columns=columns,
            sheets=[
                SheetSummary(
                    t.sheet,
                    t.header_row,
                    len(t.rows),
                    sum(t.skipped.values()),
                    t.left_out,
                    t.font,
                    t.attendance,
                    sum(row.numbers for row in t.rows),
                )
                for t in tables
            ],
        )

    @property
    def read(self) -> int:
        """Rows about somebody."""
        return len(self.good) + self.repeated + len(self.doubtful)

    def add_doubtful(self, row: RawRow | DraftRow[T], *doubts: Doubt) -> None:
        """Put a row among the doubtful ones."""
        self.doubtful.append(DoubtfulRow(row.sheet, row.row, row.cells, doubts))


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did: ``read == saved + already_known + len(doubtful)``."""

    read: int
    saved: int
    already_known: int
    header: Sequence[str]
    doubtful: Sequence[DoubtfulRow]

    def counts(self) -> dict[str, int]:
        """Return the numbers of rows."""
        return {
            "read": self.read,
            "saved": self.saved,
            "already_known": self.already_known,
            "doubtful": len(self.doubtful),
        }

    def as_json(self) -> dict[str, Any]:
        """Return counts and doubts for ``--json``."""
        return {
            **self.counts(),
            "doubts": [
                {
                    "sheet": row.sheet,
                    "row": row.row,
                    "field": doubt.field,
                    "value": doubt.value,
                    "reason": doubt.reason,
                }
                for row in self.doubtful
                for doubt in row.doubts
            ],
        }

    def sentence(self) -> str:
        """Return "Đã lưu 24 người, 3 dòng đã có hoặc lặp lại, 2 dòng cần xem lại."."""
        parts = [ngettext("Đã lưu %(n)s người", "Đã lưu %(n)s người", self.saved)]
        if self.already_known:
            parts.append(
                ngettext("%(n)s dòng đã có hoặc lặp lại", "%(n)s dòng đã có hoặc lặp lại", self.already_known)
            )
        if self.doubtful:
            parts.append(ngettext("%(n)s dòng cần xem lại", "%(n)s dòng cần xem lại", len(self.doubtful)))
        return ", ".join(parts) + "."


def doubtful_workbook(header: Sequence[str], rows: Sequence[DoubtfulRow]) -> bytes:
    """Make the workbook to correct: the file's own columns, and the reason of each row."""
    width = max([len(header), *(len(row.cells) for row in rows)])
    names = [*header, *[""] * (width - len(header)), *RETURNED_COLUMNS.headers]
    return workbook_of(
        sheet="Cần xem lại",
        header=names,
        rows=[
            [*row.cells, *[""] * (width - len(row.cells)), f"{row.sheet}: {row.row}", row.reason]
            for row in rows
        ],
        emphasised=width + 1,
    )
