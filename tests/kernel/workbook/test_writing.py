"""Workbooks handed out: no formula, no lost zero, and they can come back in."""

import io

import openpyxl

from lopso.kernel.workbook.reading import read_workbook
from lopso.kernel.workbook.rows import find_tables
from lopso.kernel.workbook.writing import workbook_of
from tests.kernel.workbook.lists import LAYOUT

ROWS = [
    ["Lê Thị Ánh", "0348990608", '=HYPERLINK("http://x")', "Năm sinh không hợp lý"],
    ["@SUM(A1)", "+84912345678", "- không nghe rõ", "-1"],
]


def written() -> bytes:
    return workbook_of(
        sheet="Cần xem lại", header=["Họ tên", "SĐT", "Ghi chú", "Lý do"], rows=ROWS, emphasised=3
    )


def test_formulas_are_neutral_and_numbers_stay_texts() -> None:
    (sheet,) = openpyxl.load_workbook(io.BytesIO(written())).worksheets
    cells = [cell for row in sheet.iter_rows() for cell in row]

    assert {cell.data_type for cell in cells} == {"s"}
    assert not any(str(cell.value).startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)
    assert sheet["B2"].value == "0348990608"


async def test_written_workbook_reads_as_before() -> None:
    (table,) = find_tables(await read_workbook(written()), LAYOUT, missing="")

    assert [list(row.cells) for row in table.rows] == ROWS
