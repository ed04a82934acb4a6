"""The lists of a workbook and their rows."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lopso.kernel.workbook.columns import InterpretedSheet, ListColumn, interpret_sheet
from lopso.kernel.workbook.fields import ATTENDANCE, ListLayout, cell_text
from lopso.kernel.workbook.reading import Cell, Sheet, WorkbookRefused
from lopso.kernel.workbook.skipped_rows import Skipped, is_signature, kind_of_row, lone_text


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row about somebody.

    Attributes:
        row: its number as the person sees it.
        values: field name to the filled cells of its columns, left to right.
        extras: column name to text, for columns nobody recognised.
        cells: texts of the table's columns, as seen, to give the row back.
        uncertain: fields, or names of unknown columns, with a cell in an old font that could not be told.
        numbers: how many numbers of papers and accounts were taken out of it.
        section: the heading the row stands under ("TỔ DÂN PHỐ 3"), "" for none.
    """

    sheet: str
    row: int
    values: Mapping[str, Sequence[Cell]]
    extras: Mapping[str, str]
    cells: tuple[str, ...]
    section: str = ""
    numbers: int = 0
    uncertain: frozenset[str] = frozenset()

    def first(self, field: str) -> Cell:
        """Return the first filled cell of a field, or None."""
        cells = self.values.get(field, ())
        return cells[0] if cells else None

    def text(self, field: str) -> str:
        """Return the texts of a field's columns, joined by a space."""
        return " ".join(cell_text(cell) for cell in self.values.get(field, ()))


@dataclass(frozen=True, slots=True)
class ListTable:
    """The list of one sheet.

    Attributes:
        columns: those that are kept; what must not be stored is in `left_out`, without samples.
        skipped: counts of the rows that are about nobody.
        font: the old font it was typed in.
        attendance: how many columns of marks were left out.
    """

    sheet: str
    header_row: int | None
    columns: tuple[ListColumn, ...]
    left_out: tuple[str, ...]
    rows: tuple[RawRow, ...]
    skipped: Mapping[Skipped, int]
    font: str | None
    attendance: int = 0


class NoTableFound(WorkbookRefused):
    """The file can be read, but no sheet holds such a list."""

    def __init__(self, sentence: str) -> None:
        super().__init__("no_table", sentence)


def find_tables(sheets: Sequence[Sheet], layout: ListLayout, *, missing: str) -> list[ListTable]:
    """Find the lists of a workbook: every sheet that names a required column, else the one that fits best.

    Args:
        missing: the sentence for the person when no sheet holds such a list.

    Raises:
        NoTableFound: no sheet does.
    """
    grids = [interpret_sheet(sheet, layout) for sheet in sheets if sheet.rows]
    grids = [grid for grid in grids if _required(grid, layout)]
    if not grids:
        raise NoTableFound(missing)
    visible = [grid for grid in grids if grid.sheet.visible] or grids
    named = [grid for grid in visible if any(c.sure for c in _required(grid, layout))]
    chosen = named or [max(visible, key=lambda grid: grid.certainty)]
    read = [table for grid in chosen if (table := _table(grid, layout)).rows]
    if not read:
        raise NoTableFound(missing)
    return read


def _required(grid: InterpretedSheet, layout: ListLayout) -> list[ListColumn]:
    return [column for column in grid.columns if column.field in layout.required]


def _table(grid: InterpretedSheet, layout: ListLayout) -> ListTable:
    kept = tuple(c for c in grid.columns if c.field is None or layout.field(c.field).stored)
    rows: list[RawRow] = []
    skipped: Counter[Skipped] = Counter()
    section = ""
    signed = False
    for at in range(grid.body, len(grid.rows)):
        cells = grid.rows[at]
        kind = kind_of_row(cells, grid, layout, signed=signed)
        if kind == "row":
            rows.append(_raw(grid, kept, at, section))
            continue
        skipped[kind] += 1
        if kind == "section":
            section = lone_text(cells)
        signed = signed or (kind == "footer" and is_signature(cells))
    return ListTable(
        sheet=grid.sheet.name,
        header_row=grid.sheet.first_row + grid.header.start if grid.header else None,
        columns=kept,
        left_out=_left_out(grid, kept, layout),
        rows=tuple(rows),
        skipped=skipped,
        font=grid.font,
        attendance=sum(column.field == ATTENDANCE.name for column in grid.columns),
    )


def _left_out(grid: InterpretedSheet, kept: Sequence[ListColumn], layout: ListLayout) -> tuple[str, ...]:
    """Names of the columns that are not kept, but for those we wrote ourselves."""
    return tuple(
        column.header or column.letter
        for column in grid.columns
        if column not in kept and not layout.field(column.field or "").added_by_us
    )


def _raw(grid: InterpretedSheet, columns: Sequence[ListColumn], at: int, section: str) -> RawRow:
    values: dict[str, list[Cell]] = {}
    extras: dict[str, str] = {}
    row = grid.rows[at]
    cells = [row[column.index] if column.index < len(row) else None for column in columns]
    for column, cell in zip(columns, cells, strict=True):
        if cell is None:
            continue
        if column.field is None:
            extras[column.header or column.letter] = cell_text(cell)
        else:
            values.setdefault(column.field, []).append(cell)
    texts = tuple(cell_text(cell) for cell in cells)
    uncertain = {c.field or c.header or c.letter for c in columns if (at, c.index) in grid.uncertain}
    return RawRow(
        grid.sheet.name,
        grid.sheet.first_row + at,
        values,
        extras,
        texts,
        section,
        grid.numbers[at],
        frozenset(uncertain),
    )
