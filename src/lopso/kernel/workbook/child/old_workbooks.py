"""What the reading library does not tell of an .xls: hidden parts, cells with an error value, old fonts."""

import io

import xlrd

from lopso.kernel.workbook.child.cell_fonts import CellsByFont, font_of_runs, old_font
from lopso.kernel.workbook.child.hidden import HiddenParts
from lopso.kernel.workbook.child.limits import MAX_COLUMNS, FileRefused
from lopso.kernel.workbook.child.told import ToldSheet


def old_sheets(data: bytes) -> dict[str, ToldSheet]:
    """Return the sheets by name; none when the file is too odd for this reader, whose word is not needed."""
    try:
        book = xlrd.open_workbook(
            file_contents=data, formatting_info=True, ragged_rows=True, logfile=io.StringIO()
        )
        return {sheet.name: _sheet(sheet, book) for sheet in book.sheets()}
    except (MemoryError, FileRefused):
        raise
    except Exception:
        # Damaged records end in whatever Python raises there. Cells with an error are then empty, not values.
        return {}


def _sheet(sheet: xlrd.sheet.Sheet, book: xlrd.book.Book) -> ToldSheet:
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
    return ToldSheet(hidden, errors, _fonts(sheet, book))


def _fonts(sheet: xlrd.sheet.Sheet, book: xlrd.book.Book) -> CellsByFont:
    cells = CellsByFont()
    fonts = {index: font for index, each in enumerate(book.font_list) if (font := old_font(each.name))}
    if not fonts:
        return cells
    for row in range(sheet.nrows):
        for column, kind in enumerate(sheet.row_types(row, end_colx=MAX_COLUMNS)):
            if kind == xlrd.XL_CELL_TEXT:
                own = book.xf_list[sheet.cell_xf_index(row, column)].font_index
                runs = sheet.rich_text_runlist_map.get((row, column), [])
                begins = [] if runs and runs[0][0] == 0 else [own]
                font = font_of_runs(fonts.get(each) for each in (*begins, *(run[1] for run in runs)))
                if font is not None:
                    cells.add(row, column, font)
    return cells
