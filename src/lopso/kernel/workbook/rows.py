"""The lists of a workbook and their rows."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lopso.kernel.workbook.choices import AS_GUESSED, ReadingChoices
from lopso.kernel.workbook.columns import InterpretedSheet, ListColumn, interpret_sheet
from lopso.kernel.workbook.fields import ANSWER_COLUMN, ATTENDANCE, ListField, ListLayout, cell_text
from lopso.kernel.workbook.reading import Cell, Sheet, WorkbookRefused
from lopso.kernel.workbook.shown import sheets_to_read
from lopso.kernel.workbook.skipped_rows import Skipped, is_signature, kind_of_row, lone_text

_LONGEST_TITLE = 2000  # characters


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row about somebody.

    Attributes:
        row: its number as the person sees it.
        values: field name to the filled cells of its columns, left to right.
        extras: column name to text, for columns nobody recognised.
        cells: texts of the table's columns, as seen, to give the row back.
        uncertain: fields, or names of unknown columns, with a cell in an old font that could not be told.
        converted: texts that only the font of their cell told to be in an old font: as typed, as read.
        numbers: how many numbers of papers and accounts were taken out of it.
        section: the heading the row stands under ("TỔ DÂN PHỐ 3"), "" for none.
        title: the lines above the header of its list.
        answer: what stands in the column of answers of a workbook we handed out.
        beside: whether it names somebody in a second list beside the first.
    """

    sheet: str
    row: int
    values: Mapping[str, Sequence[Cell]]
    extras: Mapping[str, str]
    cells: tuple[str, ...]
    section: str = ""
    title: str = ""
    numbers: int = 0
    uncertain: frozenset[str] = frozenset()
    converted: tuple[tuple[str, str], ...] = ()
    answer: str = ""
    beside: bool = False

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
        fields: what every column was taken for, by its index, what must not be stored too.
        skipped: counts of the rows that are about nobody.
        font: the old font it was typed in.
        attendance: how many columns of marks were left out.
        hidden_rows: how many rows about somebody are hidden, and not in `rows`.
        hidden_columns: names of hidden columns that hold something, not in `columns`.
        weak: whether the header and what names a person were only guessed.
    """

    sheet: str
    header_row: int | None
    columns: tuple[ListColumn, ...]
    left_out: tuple[str, ...]
    fields: Mapping[int, str]
    rows: tuple[RawRow, ...]
    skipped: Mapping[Skipped, int]
    font: str | None
    attendance: int
    hidden_rows: int
    hidden_columns: tuple[str, ...]
    columns_cut: int
    weak: bool


class NoTableFound(WorkbookRefused):
    """The file can be read, but no sheet holds such a list."""

    def __init__(self, sentence: str) -> None:
        super().__init__("no_table", sentence)


def find_tables(
    sheets: Sequence[Sheet], layout: ListLayout, *, missing: str, choices: ReadingChoices = AS_GUESSED
) -> list[ListTable]:
    """Find the lists of a workbook: every sheet that names a required column, else the one that fits best.

    Args:
        missing: the sentence for the person when no sheet holds such a list.

    Raises:
        NoTableFound: no sheet does.
    """
    shown = sheets_to_read(sheets, hidden=choices.hidden)
    grids = [interpret_sheet(sheet, layout, choices) for sheet in shown]
    grids = [grid for grid in grids if _required(grid, layout)]
    if not grids:
        raise NoTableFound(missing)
    named = [grid for grid in grids if any(c.sure for c in _required(grid, layout))]
    chosen = named or [max(grids, key=lambda grid: grid.certainty)]
    tables = [_table(grid, layout) for grid in chosen]
    tables = [table for table in tables if table.rows or table.hidden_rows]
    if not tables:
        raise NoTableFound(missing)
    return tables


def _required(grid: InterpretedSheet, layout: ListLayout) -> list[ListColumn]:
    return [column for column in grid.columns if column.field in layout.required]


def _table(grid: InterpretedSheet, layout: ListLayout) -> ListTable:
    kept = tuple(c for c in grid.columns if c.field is None or _is_kept(layout.field(c.field)))
    dropped = [c for c in grid.columns if c not in kept and not layout.field(c.field or "").added_by_us]
    rows: list[RawRow] = []
    skipped: Counter[Skipped] = Counter()
    section = ""
    title = _title(grid)
    signed = False
    hidden = 0
    for at in range(grid.body, len(grid.rows)):
        cells = grid.rows[at]
        kind = kind_of_row(cells, grid, layout, signed=signed)
        if kind == "row":
            if at in grid.sheet.hidden_rows:
                hidden += 1
            else:
                rows.append(_raw(grid, kept, at, section, title))
            continue
        skipped[kind] += 1
        if kind == "section":
            section = lone_text(cells)
        signed = signed or (kind == "footer" and is_signature(cells))
    return ListTable(
        sheet=grid.sheet.name,
        header_row=grid.sheet.first_row + grid.header.start if grid.header else None,
        columns=kept,
        left_out=tuple(c.header or c.letter for c in dropped),
        fields={c.index: c.field for c in grid.columns if c.field},
        rows=tuple(rows),
        skipped=skipped,
        font=grid.font,
        attendance=sum(column.field == ATTENDANCE.name for column in grid.columns),
        hidden_rows=hidden,
        hidden_columns=grid.hidden_columns,
        columns_cut=grid.sheet.columns_cut,
        weak=not grid.chosen and not (grid.header and any(c.sure for c in _required(grid, layout))),
    )


def _is_kept(field: ListField) -> bool:
    return field.stored and not field.added_by_us


def _title(grid: InterpretedSheet) -> str:
    """The lines above the header; without a header, those above the first row of values."""
    above = grid.rows[: grid.header.start if grid.header else grid.body]
    lines = [" ".join(cell_text(cell) for cell in row if cell is not None) for row in above]
    return "\n".join(line for line in lines if line)[:_LONGEST_TITLE]


def _raw(grid: InterpretedSheet, columns: Sequence[ListColumn], at: int, section: str, title: str) -> RawRow:
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
    answer = next((c.index for c in grid.columns if c.field == ANSWER_COLUMN.name), len(row))
    uncertain = {c.field or c.header or c.letter for c in columns if (at, c.index) in grid.uncertain}
    return RawRow(
        sheet=grid.sheet.name,
        row=grid.sheet.first_row + at,
        values=values,
        extras=extras,
        cells=texts,
        section=section,
        title=title,
        numbers=grid.numbers[at],
        uncertain=frozenset(uncertain),
        converted=tuple(
            (grid.converted[at, c.index], cell_text(row[c.index]))
            for c in columns
            if (at, c.index) in grid.converted
        ),
        answer=cell_text(row[answer]) if answer < len(row) else "",
        beside=grid.beside is not None and grid.beside < len(row) and row[grid.beside] is not None,
    )
