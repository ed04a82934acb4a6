"""A parsed list and the result of its import: good rows, doubtful rows with reasons, counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from lopso.kernel.workbook.answers import WRITTEN, read_answer, row_reference
from lopso.kernel.workbook.columns import ListColumn
from lopso.kernel.workbook.fields import ANSWER_COLUMN, EXISTING_COLUMN, RETURNED_COLUMNS
from lopso.kernel.workbook.outlines import SheetOutline
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
    """A row for a person to correct, or to answer for.

    Attributes:
        cells: its texts as in the file.
        draft: what the row says, when its only doubt is who it is about; None when cells must be corrected.
        like: index among the good rows of the one it may repeat. difference: what does not fit, in words.
        existing: the facts of who it may be, in words.
        answer: what a returned workbook answers, "" for nothing.
    """

    sheet: str
    row: int
    cells: tuple[str, ...]
    doubts: tuple[Doubt, ...]
    draft: Any = None
    like: int | None = None
    difference: str = ""
    existing: str = ""
    answer: str = ""

    @property
    def reason(self) -> str:
        """Return all reasons in one text."""
        return "; ".join(dict.fromkeys(doubt.reason for doubt in self.doubts))


@dataclass(frozen=True, slots=True)
class DraftRow(Generic[T]):
    """A row ready to be saved; `notes` say what was repaired, `answer` what a returned workbook answers."""

    sheet: str
    row: int
    draft: T
    cells: tuple[str, ...]
    notes: tuple[str, ...] = ()
    answer: str = ""


@dataclass(frozen=True, slots=True)
class SheetSummary:
    """One sheet that was read, for the review.

    `header_row` is None when the list has no header; `skipped` counts rows about nobody; `font` is the old
    font the list was typed in; `numbers` counts the numbers of papers and accounts taken out of its cells.
    The rest: see `ListTable`.
    """

    name: str
    header_row: int | None
    rows: int
    skipped: int
    left_out: tuple[str, ...]
    font: str | None
    attendance: int = 0
    numbers: int = 0
    hidden_rows: int = 0
    hidden_columns: tuple[str, ...] = ()
    columns_cut: int = 0
    weak: bool = False

    @classmethod
    def of(cls, table: ListTable) -> "SheetSummary":
        """Return the summary of a list."""
        return cls(
            name=table.sheet,
            header_row=table.header_row,
            rows=len(table.rows),
            skipped=sum(table.skipped.values()),
            left_out=table.left_out,
            font=table.font,
            attendance=table.attendance,
            numbers=sum(row.numbers for row in table.rows),
            hidden_rows=table.hidden_rows,
            hidden_columns=table.hidden_columns,
            columns_cut=table.columns_cut,
            weak=table.weak,
        )


@dataclass(slots=True)
class ParsedList(Generic[T]):
    """A whole file as drafts; nothing saved.

    Attributes:
        header: names of the columns in which `cells` of rows are kept; of the first sheet.
        columns: those of the first sheet.
        repeated: rows that say again what another row of the file says.
        hidden_sheets: names of sheets that were not read because they are hidden.
        hidden_taken: whether hidden rows, columns and sheets were read, because a person chose so.
        other_kind: the kind of list that the file seems to be instead, in words.
        no_list: the sentence when no list was found; there is nothing but `outlines` then.
        fields: what each column was taken for, by sheet and index; known while parsing only.
        outlines: tops of the sheets, to choose header and columns by; kept until the list is saved.
    """

    header: list[str]
    columns: list[ListColumn]
    sheets: list[SheetSummary]
    good: list[DraftRow[T]] = field(default_factory=list[DraftRow[T]])
    repeated: int = 0
    doubtful: list[DoubtfulRow] = field(default_factory=list[DoubtfulRow])
    hidden_sheets: tuple[str, ...] = ()
    hidden_taken: bool = False
    other_kind: str = ""
    no_list: str = ""
    outlines: tuple[SheetOutline, ...] = ()
    fields: dict[str, Mapping[int, str]] = field(default_factory=dict[str, Mapping[int, str]])

    @classmethod
    def of_tables(cls, tables: Sequence[ListTable]) -> "ParsedList[T]":
        """A list whose rows are still to be read."""
        columns = list(tables[0].columns)
        return cls(
            header=[column.header or column.letter for column in columns],
            columns=columns,
            fields={table.sheet: table.fields for table in tables},
            sheets=list(map(SheetSummary.of, tables)),
        )

    @property
    def read(self) -> int:
        """Rows about somebody."""
        return len(self.good) + self.repeated + len(self.doubtful)

    @property
    def hidden_rows(self) -> int:
        """Rows about somebody that were not read because they are hidden."""
        return sum(sheet.hidden_rows for sheet in self.sheets)

    @property
    def hidden_columns(self) -> tuple[str, ...]:
        """Names of the columns that were not read because they are hidden."""
        return tuple(dict.fromkeys(name for sheet in self.sheets for name in sheet.hidden_columns))

    @property
    def weak(self) -> bool:
        """Whether a header or its columns were only guessed."""
        return any(sheet.weak for sheet in self.sheets)

    def add_doubtful(self, row: RawRow, *doubts: Doubt) -> None:
        """Put a row whose cells must be corrected among the doubtful ones."""
        answer = read_answer(row.answer)
        self.doubtful.append(DoubtfulRow(row.sheet, row.row, row.cells, doubts, answer=answer))

    def reference(self, row: DraftRow[T] | DoubtfulRow) -> str:
        """Return what names a row among those of the file."""
        sheet = next((at for at, each in enumerate(self.sheets) if each.name == row.sheet), 0)
        return row_reference(sheet, row.row)


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did: ``read == saved + already_known + updated + skipped + len(doubtful)``.

    Attributes:
        updated: rows that filled gaps of a record, or whose values replaced others, as a person answered.
        skipped: rows that a person chose to leave out.
        unanswered: the rows of `doubtful` that an answer would settle.
        numbers: how many numbers of papers and accounts were taken out of the cells.
        not_agreed: codes of what the saved people were not said to have agreed to.
    """

    read: int
    saved: int
    already_known: int
    header: Sequence[str]
    doubtful: Sequence[DoubtfulRow]
    updated: int = 0
    skipped: int = 0
    unanswered: Sequence[DraftRow[Any]] = ()
    numbers: int = 0
    not_agreed: Sequence[str] = ()

    def counts(self) -> dict[str, int]:
        """Return the numbers of rows."""
        return {
            "read": self.read,
            "saved": self.saved,
            "already_known": self.already_known,
            "updated": self.updated,
            "skipped": self.skipped,
            "doubtful": len(self.doubtful),
        }

    def as_json(self) -> dict[str, Any]:
        """Return counts and doubts for ``--json``."""
        return {
            **self.counts(),
            "numbers_left_out": self.numbers,
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
        if self.updated:
            parts.append(ngettext("cập nhật %(n)s người", "cập nhật %(n)s người", self.updated))
        if self.already_known:
            parts.append(
                ngettext("%(n)s dòng đã có hoặc lặp lại", "%(n)s dòng đã có hoặc lặp lại", self.already_known)
            )
        if self.skipped:
            parts.append(ngettext("bỏ qua %(n)s dòng", "bỏ qua %(n)s dòng", self.skipped))
        if self.doubtful:
            parts.append(ngettext("%(n)s dòng cần xem lại", "%(n)s dòng cần xem lại", len(self.doubtful)))
        said = ", ".join(parts) + "."
        return f"{said} {numbers_left_out(self.numbers)}" if self.numbers else said


def numbers_left_out(count: int) -> str:
    """Return the sentence on numbers of papers and accounts that were taken out of a list."""
    return _(
        "Đã bỏ %(n)s số giấy tờ, tài khoản hoặc thẻ ghi trong các ô. Lớp Số không giữ những số này.", n=count
    )


def doubtful_workbook(header: Sequence[str], rows: Sequence[DoubtfulRow]) -> bytes:
    """Make the workbook to correct: the file's own columns, the reason of each row, a column to answer in.

    Who a row may be and the column of answers stand there only when a row can be answered for.
    """
    width = max([len(header), *(len(row.cells) for row in rows)])
    answerable = any(row.existing for row in rows)
    asked = [*EXISTING_COLUMN.headers, *ANSWER_COLUMN.headers] if answerable else []
    names = [*header, *[""] * (width - len(header)), *asked, *RETURNED_COLUMNS.headers]
    return workbook_of(
        sheet="Cần xem lại",
        header=names,
        rows=[
            [
                *row.cells,
                *[""] * (width - len(row.cells)),
                *([row.existing, WRITTEN.get(row.answer, "")] if answerable else []),
                f"{row.sheet}: {row.row}",
                row.reason,
            ]
            for row in rows
        ],
        emphasised=len(names) - 1,
        choices=(width + 1, tuple(WRITTEN.values())) if answerable else None,
    )
