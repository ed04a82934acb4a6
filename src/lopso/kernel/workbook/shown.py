"""What of a workbook is read: by default only what the person sees in the spreadsheet."""

from collections.abc import Sequence
from dataclasses import replace

from lopso.kernel.workbook.fields import cell_text
from lopso.kernel.workbook.reading import Cell, Sheet


def sheets_to_read(sheets: Sequence[Sheet], *, hidden: bool) -> list[Sheet]:
    """Return the used sheets, but for hidden ones unless they are asked for or there are no others.

    Args:
        hidden: whether hidden rows, columns and sheets are read; they then count as shown.
    """
    used = [sheet for sheet in sheets if sheet.rows]
    if hidden:
        return [replace(each, hidden_rows=frozenset(), hidden_columns=frozenset()) for each in used]
    return [sheet for sheet in used if sheet.visible] or used


def without_hidden_columns(sheet: Sheet, rows: list[list[Cell]]) -> list[list[Cell]]:
    """Return the rows with empty cells in the hidden columns.

    Hidden rows stay: headings and headers among them are needed to understand the others.
    """
    if not sheet.hidden_columns:
        return rows
    return [[None if c in sheet.hidden_columns else cell for c, cell in enumerate(row)] for row in rows]


def names_of_hidden_columns(
    sheet: Sheet, rows: list[list[Cell]], header: range, body: int
) -> tuple[str, ...]:
    """Return what the hidden columns that hold something are called, left to right; their letter if nothing.

    Args:
        rows: with the hidden columns.
    """
    names: list[str] = []
    for c in sorted(sheet.hidden_columns):
        texts = [cell_text(rows[r][c]) for r in header if c < len(rows[r]) and rows[r][c] is not None]
        if texts or any(c < len(row) and row[c] is not None for row in rows[body:]):
            names.append(" ".join(texts) or column_letter(sheet.first_column + c))
    return tuple(names)


def column_letter(number: int) -> str:
    """Return the letters over a column, counted from 1: "A", "AB"."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
