"""Old .xls files: what the spreadsheet hides is told, cells with an error are read as such."""

import importlib
import io
import struct
from contextlib import suppress
from typing import Any

from lopso.kernel.workbook.reading import Sheet, WorkbookRefused, read_workbook

xlwt: Any = importlib.import_module("xlwt")  # has no types

HEADER = ["Họ và tên", "Năm sinh", "Số điện thoại", "Ghi chú"]
NOT_AVAILABLE = 42
DIVISION = 7
FORMULA = 0x0006  # a record of 29 bytes: row, column, format, value, flags, tokens


def old_workbook() -> tuple[Any, Any]:
    """A workbook with one sheet, which has the header."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("DS")
    for column, text in enumerate(HEADER):
        sheet.write(0, column, text)
    return book, sheet


def as_bytes(book: Any) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


async def read(book: Any) -> Sheet:
    return (await read_workbook(as_bytes(book)))[0]


async def test_hidden_rows_and_columns_are_told() -> None:
    book, sheet = old_workbook()
    for row, name in enumerate(("Lã Thị Hiện", "Lã Thị Ẩn", "Lã Thị Rõ"), start=1):
        sheet.write(row, 0, name)
        sheet.write(row, 3, "riêng")
    sheet.row(2).hidden = True
    sheet.col(3).hidden = True

    found = await read(book)

    assert (found.hidden_rows, found.hidden_columns) == ({2}, {3})


async def test_hidden_rows_are_counted_from_the_first_used_row() -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("DS")
    for row, name in enumerate((*HEADER[:1], "Lã Thị Hiện", "Lã Thị Ẩn"), start=4):
        sheet.write(row, 2, name)
    sheet.row(6).hidden = True

    found = await read(book)

    assert (found.first_row, found.hidden_rows) == (5, {2})


async def test_error_cells_are_read_as_errors() -> None:
    book, sheet = old_workbook()
    sheet.write(1, 0, "Lã Văn Sai")
    sheet.row(1).set_cell_error(2, NOT_AVAILABLE)

    assert (await read(book)).rows[1] == ["Lã Văn Sai", None, "#N/A"]


async def test_error_of_a_formula_is_read() -> None:
    book, sheet = old_workbook()
    sheet.write(1, 0, "Lã Văn Sai")
    sheet.write(1, 1, xlwt.Formula("1/0"))
    data = bytearray(as_bytes(book))
    value = data.index(struct.pack("<HHHH", FORMULA, 29, 1, 1)) + 10
    data[value : value + 8] = bytes([2, 0, DIVISION, 0, 0, 0, 0xFF, 0xFF])  # its value: an error

    assert (await read_workbook(bytes(data)))[0].rows[1] == ["Lã Văn Sai", "#DIV/0!"]


async def test_damaged_old_workbook_is_refused_or_read_without_a_crash() -> None:
    book, sheet = old_workbook()
    sheet.write(1, 0, "Lã Thị Hiện")
    whole = as_bytes(book)
    for length in range(600, len(whole), 700):
        with suppress(WorkbookRefused):
            await read_workbook(whole[:length])
