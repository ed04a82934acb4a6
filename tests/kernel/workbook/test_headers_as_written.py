"""Headers as people write them: numbered, explained, asked; moments of forms; second headers; chosen ones."""

from datetime import datetime

import pytest

from lopso.kernel.workbook.choices import ReadingChoices, RememberedChoice, SheetChoice
from lopso.kernel.workbook.fields import header_similarity
from lopso.kernel.workbook.outlines import outlines
from lopso.kernel.workbook.reading import Cell, Sheet
from lopso.kernel.workbook.rows import ListTable, find_tables
from tests.kernel.workbook.lists import LAYOUT, sheet

SENT = datetime.fromisoformat("2026-11-28T19:30:05")  # cells have no time zone
ODD: list[Cell] = ["Ai đăng ký", "Sinh", "Gọi số"]
PERSON: list[Cell] = ["Kiều Thị Ngân", 1960.0, "0976600001"]
AS_MEANT = {0: "full_name", 1: "birth", 2: "phone"}


def read(given: Sheet, choices: ReadingChoices | None = None) -> ListTable:
    (table,) = find_tables([given], LAYOUT, missing="Không thấy.", choices=choices or ReadingChoices())
    return table


def fields(table: ListTable) -> list[str | None]:
    return [column.field for column in table.columns]


@pytest.mark.parametrize(
    ("written", "field"),
    [
        ("1. Họ và tên", "full_name"),
        ("(2) Năm sinh (ghi đủ 4 số)", "birth"),
        ("Câu 3: Số điện thoại", "phone"),
        ("4/ Số điện thoại (10 số) *", "phone"),
        ("a) Họ tên", "full_name"),
        ("2. Ông/Bà sinh năm bao nhiêu?", "birth"),
        ("Xin cho biết số điện thoại để liên hệ", "phone"),
    ],
)
def test_numbered_and_explained_header_names_its_field(written: str, field: str) -> None:
    assert header_similarity(written, LAYOUT.field(field)) >= 0.6


@pytest.mark.parametrize("header", ["Dấu thời gian", "Timestamp", None])
def test_moment_of_a_form_is_no_birth_year(header: str | None) -> None:
    table = read(
        sheet([header, "1. Họ và tên", "2. Năm sinh"], [SENT, *PERSON[:2]], [SENT, "Kiều Văn Kim", 1955.0])
    )

    assert [row.first("birth") for row in table.rows] == [1960.0, 1955.0]
    assert all(SENT not in row.values.get("birth", ()) for row in table.rows)


@pytest.mark.parametrize(
    "second",
    [
        ["Full name", "Ngày sinh", "Phone"],
        ["(viết hoa)", "(4 số)", "(10 số)"],
        ["(1)", "(2)", "(3)"],
    ],
)
def test_second_header_row_is_no_person(second: list[Cell]) -> None:
    table = read(sheet(["Họ và tên", "Năm sinh", "SĐT"], second, PERSON))

    assert [row.text("full_name") for row in table.rows] == ["Kiều Thị Ngân"]


def test_chosen_header_and_columns_are_read() -> None:
    given = sheet(["DANH SÁCH"], ODD, PERSON)
    chosen = ReadingChoices(sheets={"DS": SheetChoice(header=2, fields=AS_MEANT)})

    table = read(given, chosen)

    assert (fields(table), table.header_row, table.weak) == (list(AS_MEANT.values()), 2, False)
    assert [row.row for row in table.rows] == [3]


def test_column_chosen_not_to_be_read_is_left_out() -> None:
    chosen = ReadingChoices(sheets={"DS": SheetChoice(header=1, fields={**AS_MEANT, 2: "left_out"})})

    table = read(sheet(ODD, PERSON), chosen)

    assert table.left_out == ("Gọi số",)
    assert "0976600001" not in repr(table.rows)


def test_chosen_remark_keeps_no_forbidden_column() -> None:
    given = sheet(["Họ tên", "Số CCCD"], ["Kiều Thị Ngân", "046162001234"])
    chosen = ReadingChoices(sheets={"DS": SheetChoice(header=1, fields={0: "full_name", 1: ""})})

    assert "046162001234" not in repr(read(given, chosen))


def test_remembered_choice_holds_for_list_of_same_look_only() -> None:
    remembered = RememberedChoice(look=("ai dang ky", "sinh", "goi so"), fields=tuple(AS_MEANT.values()))
    choices = ReadingChoices(remembered=(remembered,))

    same = read(sheet(["Tháng 12"], ODD, PERSON), choices)
    other = read(sheet(["Họ tên", "Sinh", "Gọi số"], PERSON), choices)

    assert (fields(same), same.weak) == (list(AS_MEANT.values()), False)
    assert fields(other)[2] is None


def test_outline_shows_top_of_sheet_and_its_look() -> None:
    (outline,) = outlines(
        [sheet(["Họ tên", "SĐT"], ["Kiều Thị Ngân", "0976600001"])], LAYOUT, ReadingChoices()
    )

    assert (outline.header, outline.look) == (1, ("ho ten", "sdt"))
    assert [column.field for column in outline.columns] == ["full_name", "phone"]
    assert outline.rows[1] == ("Kiều Thị Ngân", "0976600001")
