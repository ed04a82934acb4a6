"""The sheets of a workbook as JSON values."""

import io
from collections.abc import Mapping
from typing import Any

import python_calamine as calamine

from lopso.kernel.workbook.child.archive import repacked
from lopso.kernel.workbook.child.hidden import within
from lopso.kernel.workbook.child.limits import (
    MAX_AREA,
    MAX_COLUMNS,
    MAX_FILE,
    MAX_ROWS,
    MAX_SHEETS,
    FileRefused,
)
from lopso.kernel.workbook.child.old_workbooks import old_sheets
from lopso.kernel.workbook.child.text_tables import text_table
from lopso.kernel.workbook.child.told import ToldSheet
from lopso.kernel.workbook.child.values import row_values

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def sheets(data: bytes) -> list[dict[str, Any]]:
    """Return name, visibility, position, rows, merged ranges, hidden parts and old fonts of every sheet.

    Raises:
        FileRefused: the reason is its argument.
    """
    if len(data) > MAX_FILE:
        raise FileRefused("file_too_big")
    if not data.strip(b"\0 \r\n\t"):
        raise FileRefused("empty")
    if data.startswith(b"PK"):
        return _calamine_sheets(*repacked(data))
    if data.startswith(_OLE):
        if b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e" in data:
            raise FileRefused("encrypted")
        return _calamine_sheets(data, old_sheets(data))
    return [text_table(data)]


def _calamine_sheets(data: bytes, told: Mapping[str, ToldSheet]) -> list[dict[str, Any]]:
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        listed = [meta for meta in book.sheets_metadata if meta.typ == calamine.SheetTypeEnum.WorkSheet]
        if len(listed) > MAX_SHEETS:
            raise FileRefused("too_many_sheets")
        return [
            _sheet(
                book.get_sheet_by_name(meta.name),
                visible=meta.visible == calamine.SheetVisibleEnum.Visible,
                told=told.get(meta.name, ToldSheet()),
            )
            for meta in listed
        ]
    except calamine.PasswordError as error:
        raise FileRefused("encrypted") from error
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise FileRefused("broken") from error


def _sheet(sheet: calamine.CalamineSheet, *, visible: bool, told: ToldSheet) -> dict[str, Any]:
    if sheet.start is None or sheet.end is None:
        return {"name": sheet.name, "visible": visible, "start": [0, 0], "rows": [], "merged": []}
    (top, left), (bottom, right) = sheet.start, sheet.end
    if bottom - top >= MAX_AREA // 10 or (bottom - top + 1) * (right - left + 1) > MAX_AREA:
        raise FileRefused("far_cell")
    cells = sheet.to_python(skip_empty_area=True)
    for (row, column), text in told.errors.items():
        if top <= row <= bottom and left <= column <= right:
            cells[row - top][column - left] = text
    rows = [row_values(row) for row in cells]
    if sum(map(bool, rows)) > MAX_ROWS:
        raise FileRefused("too_many_rows")
    merged = [[*start, *end] for start, end in (sheet.merged_cell_ranges or [])[:MAX_ROWS]]
    return {
        "name": sheet.name,
        "visible": visible,
        "start": [top, left],
        "rows": rows,
        "merged": merged,
        "fonts": _fonts(told, cells, top, left),
        "hidden_rows": within(told.hidden.rows, top, bottom),
        "hidden_columns": within(told.hidden.columns, left, min(right, left + MAX_COLUMNS - 1)),
        "columns_cut": max(0, right - left + 1 - MAX_COLUMNS),
    }


def _fonts(told: ToldSheet, cells: list[list[Any]], top: int, left: int) -> list[list[Any]]:
    """Return row, first and last column, and old font of the cells with marked letters."""
    found: list[list[Any]] = []
    for row, column, font in told.fonts:
        r, c = row - top, column - left
        if not (0 <= r < len(cells) and 0 <= c < len(cells[r]) and _has_marks(cells[r][c])):
            continue
        if found and found[-1][0] == r and found[-1][2:] == [c - 1, font]:
            found[-1][2] = c
        else:
            found.append([r, c, c, font])
    return found


def _has_marks(cell: object) -> bool:
    return isinstance(cell, str) and not cell.isascii()
