"""What the reading library does not tell of an .xls: hidden rows and columns, cells with an error value."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field

import xlrd

from lopso.kernel.workbook.child.hidden import HiddenParts
from lopso.kernel.workbook.child.limits import MAX_COLUMNS, FileRefused


@dataclass(frozen=True, slots=True)
class OldSheet:
    """One sheet of an .xls: what it hides, and its cells with an error: row and column from 0 to "#N/A"."""

    hidden: HiddenParts = field(default_factory=HiddenParts)
    errors: Mapping[tuple[int, int], str] = field(default_factory=dict[tuple[int, int], str])


def old_sheets(data: bytes) -> dict[str, OldSheet]:
    """Return the sheets by name; none when the file is too odd for this reader, whose word is not needed."""
    try:
        book = xlrd.open_workbook(
            file_contents=data, formatting_info=True, ragged_rows=True, logfile=io.StringIO()
        )
        return {sheet.name: _sheet(sheet) for sheet in book.sheets()}
    except (MemoryError, FileRefused):
        raise
    except Exception:
        # Damaged records end in whatever Python raises there. Cells with an error are then empty, not values.
        return {}


def _sheet(sheet: xlrd.sheet.Sheet) -> OldSheet:
    hidden = HiddenParts()
    for row, info in sorted(sheet.rowinfo_map.items()):
        if info.hidden or info.height == 0:
            hidden.hide_rows(row, row)
    for column, info in sorted(sheet.colinfo_map.items()):
        if info.hidden or info.width == 0:
            hidden.hide_columns(column, column)
    errors = {
        (row, column): xlrd.error_text_from_code.get(int(sheet.cell_value(row, column)), "#N/A")
        for row in range(sheet.nrows)
        for column, kind in enumerate(sheet.row_types(row, end_colx=MAX_COLUMNS))
        if kind == xlrd.XL_CELL_ERROR
    }
    return OldSheet(hidden, errors)
