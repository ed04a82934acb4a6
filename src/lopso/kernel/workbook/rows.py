"""The rows of a list: those about somebody, and those around them (blank lines, sums, signatures)."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from lopso.kernel.text import fold
from lopso.kernel.workbook.columns import InterpretedSheet, ListColumn, interpret_sheet
from lopso.kernel.workbook.fields import ListLayout, cell_text
from lopso.kernel.workbook.reading import Cell, Sheet, WorkbookRefused

Skipped = Literal["blank", "header", "footer", "section"]


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row about somebody.

    Attributes:
        row: its number as the person sees it.
        values: field name to the filled cells of its columns, left to right.
        extras: column name to text, for columns nobody recognised.
        cells: texts of the table's columns, as seen, to give the row back.
        section: the heading the row stands under ("TỔ DÂN PHỐ 3"), "" for none.
    """

    sheet: str
    row: int
    values: Mapping[str, Sequence[Cell]]
    extras: Mapping[str, str]
    cells: tuple[str, ...]
    section: str = ""

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
    """

    sheet: str
    header_row: int | None
    columns: tuple[ListColumn, ...]
    left_out: tuple[str, ...]
    rows: tuple[RawRow, ...]
    skipped: Mapping[Skipped, int]
    font: str | None


class NoTableFound(WorkbookRefused):
    """The file can be read, but no sheet holds such a list."""

    def __init__(self, sentence: str) -> None:
        super().__init__("no_table")
        self.sentence = sentence
        self.args = (sentence,)


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
        kind = _kind(cells, grid, layout, signed=signed)
        if kind == "row":
            rows.append(_raw(grid, kept, at, section))
            continue
        skipped[kind] += 1
        if kind == "section":
            section = _lone_text(cells)
        signed = signed or (kind == "footer" and bool(_SIGNATURE.search(_plain(cells))))
    return ListTable(
        sheet=grid.sheet.name,
        header_row=grid.sheet.first_row + grid.header.start if grid.header else None,
        columns=kept,
        left_out=tuple(
            c.header for c in grid.columns if c not in kept and not layout.field(c.field or "").added_by_us
        ),
        rows=tuple(rows),
        skipped=skipped,
        font=grid.font,
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
    return RawRow(grid.sheet.name, grid.sheet.first_row + at, values, extras, texts, section)


# --- Rows about nobody ---

_SUM = re.compile(r"^(?:tổng cộng|tổng số|tổng|cộng|tong cong|tong so)\b", re.IGNORECASE)
_SIGNATURE = re.compile(
    r"\b(?:nguoi lap|lap bieu|chu tich|truong phong|noi nhan|ky ten|ghi ro ho ten|da ky"
    r"|xac nhan cua|can bo phu trach|t[mul]\. ?(?:ubnd|uy ban|chu tich)|kt\. ?chu tich)\b"
    r"|\bngay ?[\d.…_]* ?thang ?[\d.…_]* ?nam\b"
)


def _kind(
    cells: Sequence[Cell], grid: InterpretedSheet, layout: ListLayout, *, signed: bool
) -> Skipped | Literal["row"]:
    filled = [cell for cell in cells if cell is not None and cell_text(cell)]
    if not filled or _only_prefilled(cells, grid, layout):
        first = cell_text(filled[0]) if filled else ""
        return "footer" if _SUM.match(first) else "blank"
    if _repeats_header(cells, grid) or _numbers_columns(filled):
        return "header"
    first_text = next((cell_text(c) for c in filled if isinstance(c, str)), "")
    if _SUM.match(first_text):
        return "footer"
    if len(filled) <= 3 and _SIGNATURE.search(_plain(cells)):
        return "footer"
    if signed and len(filled) <= 3 and not _has(cells, grid, {"ordinal"}):
        return "footer"
    if len(filled) == 1 and layout.section(first_text):
        return "section"
    return "row"


def _only_prefilled(cells: Sequence[Cell], grid: InterpretedSheet, layout: ListLayout) -> bool:
    """A row somebody numbered in advance: nothing in it says who it is about."""
    return not _has(cells, grid, layout.identity) and not _stands_alone(cells, grid, layout)


def _stands_alone(cells: Sequence[Cell], grid: InterpretedSheet, layout: ListLayout) -> bool:
    text = _lone_text(cells)
    return bool(text) and (layout.section(text) or bool(_SIGNATURE.search(fold(text))))


def _has(cells: Sequence[Cell], grid: InterpretedSheet, fields: frozenset[str] | set[str]) -> bool:
    return any(
        column.field in fields and column.index < len(cells) and cells[column.index] is not None
        for column in grid.columns
    )


def _lone_text(cells: Sequence[Cell]) -> str:
    filled = [cell for cell in cells if cell is not None]
    return cell_text(filled[0]) if len(filled) == 1 and isinstance(filled[0], str) else ""


def _plain(cells: Sequence[Cell]) -> str:
    return fold(" ".join(cell_text(cell) for cell in cells))


def _repeats_header(cells: Sequence[Cell], grid: InterpretedSheet) -> bool:
    named = [column for column in grid.columns if column.header]
    same = sum(
        1
        for column in named
        if column.index < len(cells)
        and (text := fold(cell_text(cells[column.index])))
        and (text == fold(column.header) or fold(column.header).endswith(f" {text}"))
    )
    return same >= 2 and same * 2 >= sum(cell is not None for cell in cells)


def _numbers_columns(filled: Sequence[Cell]) -> bool:
    """The row (1) (2) (3)… or A B 1 2… below a header."""
    numbers = [cell_text(cell).strip("() ") for cell in filled]
    while numbers and len(numbers[0]) == 1 and numbers[0].isalpha():
        numbers.pop(0)
    return len(numbers) >= 3 and numbers == [str(n) for n in range(1, len(numbers) + 1)]
