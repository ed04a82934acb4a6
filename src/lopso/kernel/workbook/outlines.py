"""The top of each sheet as a person sees it, to choose the header row and the columns by."""

from collections.abc import Sequence

from msgspec import Struct

from lopso.kernel.workbook.choices import HeaderLook, ReadingChoices, look_of
from lopso.kernel.workbook.columns import interpret_sheet
from lopso.kernel.workbook.fields import ListLayout, cell_text
from lopso.kernel.workbook.reading import Sheet
from lopso.kernel.workbook.shown import sheets_to_read

_SHEETS = 12
_ROWS = 25
_COLUMNS = 60
_TEXT = 40  # characters of a cell


class OutlinedColumn(Struct, frozen=True, kw_only=True):
    """A column to choose for: its index in the sheet, its letter, the field it is taken for ("": none)."""

    index: int
    letter: str
    field: str


class SheetOutline(Struct, frozen=True, kw_only=True):
    """The first rows of a sheet.

    Attributes:
        first_row: number of the first of `rows` as the person sees it.
        header: number of the header row, 0 when the list seems to have none.
        rows: texts of the outlined columns.
        look: of the header row, for later lists.
    """

    name: str
    first_row: int
    header: int
    columns: tuple[OutlinedColumn, ...]
    rows: tuple[tuple[str, ...], ...]
    look: HeaderLook


def outlines(
    sheets: Sequence[Sheet], layout: ListLayout, choices: ReadingChoices
) -> tuple[SheetOutline, ...]:
    """Return the outlines of the sheets that may hold a list, as they are read now."""
    shown = sheets_to_read(sheets, hidden=choices.hidden)
    listed = [sheet for sheet in shown if len(sheet.rows) > 1]
    return tuple(_outline(sheet, layout, choices) for sheet in listed[:_SHEETS])


def _outline(sheet: Sheet, layout: ListLayout, choices: ReadingChoices) -> SheetOutline:
    grid = interpret_sheet(sheet, layout, choices)
    columns = grid.columns[:_COLUMNS]
    at = grid.header[-1] if grid.header else None
    return SheetOutline(
        name=sheet.name,
        first_row=sheet.first_row,
        header=sheet.first_row + at if at is not None else 0,
        columns=tuple(OutlinedColumn(index=c.index, letter=c.letter, field=c.field or "") for c in columns),
        rows=tuple(
            tuple(cell_text(row[c.index])[:_TEXT] if c.index < len(row) else "" for c in columns)
            for row in grid.rows[:_ROWS]
        ),
        look=look_of(grid.rows[at]) if at is not None else (),
    )
