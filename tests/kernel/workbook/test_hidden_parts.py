"""What is seen in the spreadsheet is what is read: hidden rows, columns and sheets are counted, or chosen."""

import io
from typing import Any

import openpyxl
import pytest

from lopso.kernel.workbook.choices import ReadingChoices
from lopso.kernel.workbook.reading import Sheet, read_workbook
from lopso.kernel.workbook.rows import ListTable, find_tables
from tests.kernel.workbook.lists import LAYOUT
from tests.kernel.workbook.test_reading import opendocument

HEADER = ["Họ và tên", "Năm sinh", "SĐT"]
ROWS = [["Lã Thị Hiện", 1960, "0976300001"], ["Lã Văn Khuất", 1961, "0976300002"], ["Lã Thị Rõ", 1962, None]]


async def sheets(*, rows: tuple[int, ...] = (), column: str = "", sheet: bool = False) -> list[Sheet]:
    """The list, with hidden rows (by number), a hidden column and a second sheet that is hidden."""
    book = openpyxl.Workbook()
    page: Any = book.active
    for row in (HEADER, *ROWS):
        page.append(row)
    for number in rows:
        page.row_dimensions[number].hidden = True
    if column:
        page.column_dimensions[column].hidden = True
    if sheet:
        other: Any = book.create_sheet("Cũ")
        for row in (HEADER, ROWS[0]):
            other.append(row)
        other.sheet_state = "hidden"
    file = io.BytesIO()
    book.save(file)
    return await read_workbook(file.getvalue())


def names(tables: list[ListTable]) -> list[str]:
    return [row.text("full_name") for table in tables for row in table.rows]


def tables(read: list[Sheet], *, hidden: bool = False) -> list[ListTable]:
    return find_tables(read, LAYOUT, missing="Không thấy.", choices=ReadingChoices(hidden=hidden))


async def test_hidden_rows_are_counted_and_left_out_unless_chosen() -> None:
    read = await sheets(rows=(3,))

    (shown,) = tables(read)
    assert (names([shown]), shown.hidden_rows) == (["Lã Thị Hiện", "Lã Thị Rõ"], 1)
    (whole,) = tables(read, hidden=True)
    assert (names([whole]), whole.hidden_rows) == ([row[0] for row in ROWS], 0)


async def test_list_with_every_row_hidden_is_found_and_counted() -> None:
    (table,) = tables(await sheets(rows=(2, 3, 4)))

    assert (table.rows, table.hidden_rows) == ((), 3)


async def test_hidden_column_is_named_and_left_out_unless_chosen() -> None:
    read = await sheets(column="C")

    (shown,) = tables(read)
    assert (shown.hidden_columns, shown.rows[0].text("phone")) == (("SĐT",), "")
    (whole,) = tables(read, hidden=True)
    assert (whole.hidden_columns, whole.rows[0].text("phone")) == ((), "0976300001")


async def test_hidden_sheet_is_read_only_when_chosen() -> None:
    read = await sheets(sheet=True)

    assert [table.sheet for table in tables(read)] == ["Sheet"]
    assert [table.sheet for table in tables(read, hidden=True)] == ["Sheet", "Cũ"]


@pytest.mark.parametrize("visibility", ["collapse", "filter"])
async def test_hidden_parts_of_opendocument_are_told(visibility: str) -> None:
    def cells(*texts: str) -> str:
        return "".join(
            f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'
            for text in texts
        )

    hidden = f'table:visibility="{visibility}"'
    (sheet,) = await read_workbook(
        opendocument(
            f"<table:table-column/><table:table-column {hidden}/>"
            f"<table:table-row>{cells('Họ tên', 'Ghi chú')}</table:table-row>"
            f"<table:table-row {hidden}>{cells('Lã Văn Khuất', 'x')}</table:table-row>"
            f"<table:table-row>{cells('Lã Thị Rõ', 'y')}</table:table-row>"
        )
    )

    assert (sheet.hidden_rows, sheet.hidden_columns) == (frozenset({1}), frozenset({1}))
