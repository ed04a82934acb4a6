"""Lists are understood whatever the order and names of their columns, and what stands around them."""

import unicodedata
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lopso.kernel.workbook.reading import Cell, Sheet
from lopso.kernel.workbook.rows import ListTable, NoTableFound, find_tables
from people.birth_years import read_birth
from people.cells import read_name, read_sex
from tests.kernel.workbook.lists import LAYOUT, PEOPLE, in_tcvn3, in_vni, sheet

TODAY = date(2026, 11, 24)

HEADERS: dict[str, list[str]] = {
    "full_name": ["Họ và tên", "HỌ TÊN", "Họ tên học viên", "Tên", "Họ và tên người dân", "Họ & tên (*)"],
    "birth": ["Năm sinh", "Ngày tháng năm sinh", "Ngày sinh", "Sinh năm", "NĂM SINH (dương lịch)"],
    "sex": ["GT", "Giới tính", "Nam/Nữ", "Phái"],
    "phone": ["SĐT", "Số điện thoại", "Điện thoại liên hệ", "ĐT di động", "Số ĐT (Zalo)"],
    "place": ["TDP", "Tổ dân phố", "Thôn / Tổ dân phố", "Địa bàn"],
}

EXPECTED = [
    ("Lê Thị Ánh", 1962, "female", "0348990608", "TDP 5"),
    ("Trần Văn Bình", 1969, "male", "84796559047", "TDP 8"),
    ("Tôn Nữ Thị Thuỷ", 1987, "female", "983488867", "TDP 11"),
    ("Hoàng Phủ Đức Lộc", 1953, "male", "x", "TDP 3"),
    ("Đặng Thị Yến", 1971, "female", "0234 3363861", "TDP 1"),
]


def read(*sheets: Sheet) -> ListTable:
    (table,) = find_tables(sheets, LAYOUT, missing="Không thấy danh sách.")
    return table


def people(table: ListTable) -> list[tuple[Any, ...]]:
    return [
        (
            read_name(row).name,
            read_birth(row, today=TODAY).year,
            read_sex(row),
            row.text("phone"),
            row.text("place"),
        )
        for row in table.rows
    ]


def listed(order: list[str], *, only: list[dict[str, Cell]] = PEOPLE) -> list[list[Cell]]:
    return [[person[field] for field in order] for person in only]


@given(
    order=st.permutations(list(HEADERS)),
    names=st.fixed_dictionaries({field: st.sampled_from(names) for field, names in HEADERS.items()}),
    numbered=st.booleans(),
    titles=st.integers(0, 6),
)
def test_columns_in_any_order_and_naming_are_found(
    order: list[str], names: dict[str, str], numbered: bool, titles: int
) -> None:
    header: list[Cell] = [names[field] for field in order]
    rows = listed(order)
    if numbered:
        header, rows = ["STT", *header], [[float(n), *row] for n, row in enumerate(rows, 1)]
    above: list[list[Cell]] = [
        ["UBND PHƯỜNG PHÚ XUÂN"],
        ["TỔ CÔNG NGHỆ SỐ CỘNG ĐỒNG"],
        [],
        ["DANH SÁCH NGƯỜI DÂN ĐĂNG KÝ LỚP KỸ NĂNG SỐ"],
        ["(Kèm theo Công văn số 12 ngày 20 tháng 11 năm 2026)"],
        [],
    ]

    table = read(sheet(*above[:titles], header, *rows))

    assert people(table) == EXPECTED
    assert table.header_row == titles + 1
    assert [row.row for row in table.rows] == list(range(titles + 2, titles + 7))
    assert all(column.sure for column in table.columns if column.field)


def decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


@pytest.mark.parametrize("written", [in_tcvn3, in_vni, decomposed])
def test_old_fonts_and_decomposed_text_are_read(written: Callable[[str], str]) -> None:
    header: list[Cell] = ["Họ và tên", "Năm sinh", "Giới tính", "Số điện thoại", "Tổ dân phố"]
    rows = [header, *listed(["full_name", "birth", "sex", "phone", "place"])]

    table = read(sheet(*([written(c) if isinstance(c, str) else c for c in row] for row in rows)))

    assert people(table) == EXPECTED
    assert [column.header for column in table.columns] == header


@pytest.mark.parametrize("order", [list(HEADERS), ["phone", "place", "sex", "full_name", "birth"]])
def test_list_without_header_is_read_by_values_unsurely(order: list[str]) -> None:
    rows = [[float(n), *row] for n, row in enumerate(listed(order), 1)]
    table = read(sheet(["Danh sách lớp tối"], *rows))

    assert table.header_row is None
    assert [person[:4] for person in people(table)] == [person[:4] for person in EXPECTED]
    assert not any(column.sure for column in table.columns)


def test_header_of_two_rows_with_merged_cells_is_read() -> None:
    table = read(
        sheet(
            ["STT", "Họ và tên", "Năm sinh", None, "Thông tin liên hệ", None],
            [None, None, "Nam", "Nữ", "Điện thoại", "Thôn"],
            [1.0, "Lê Thị Ánh", None, 1962.0, "0348990608", "TDP 5"],
            [2.0, "Trần Văn Bình", 1969.0, None, "84796559047", "TDP 8"],
            merged=((0, 0, 1, 0), (0, 1, 1, 1), (0, 2, 0, 3), (0, 4, 0, 5)),
        )
    )

    assert people(table) == EXPECTED[:2]


def test_header_of_two_unmerged_rows_is_read() -> None:
    table = read(
        sheet(
            ["TT", "Họ và tên", "Giới tính", None, "Năm sinh", "Di động", "Địa bàn"],
            [None, None, "Nam", "Nữ"],
            [1.0, "Lê Thị Ánh", None, "x", 1962.0, "0348990608", "TDP 5"],
            [2.0, "Trần Văn Bình", "x", None, "26/5/69", "84796559047", "TDP 8"],
        )
    )

    assert people(table) == EXPECTED[:2]


@pytest.mark.parametrize(
    "header",
    [
        ["Họ và tên đệm", "Tên", "Năm sinh", "Giới tính", "SĐT", "TDP"],
        ["Họ", "Tên", "Năm sinh", "Giới tính", "SĐT", "TDP"],
        ["Họ và tên", None, "Năm sinh", "Giới tính", "SĐT", "TDP"],
    ],
)
def test_surname_and_given_name_columns_are_joined(header: list[Cell]) -> None:
    rows: list[list[Cell]] = []
    for person in PEOPLE:
        family, _space, given_name = str(person["full_name"]).rpartition(" ")
        rows.append([family, given_name, *(person[f] for f in ("birth", "sex", "phone", "place"))])

    assert people(read(sheet(header, *rows))) == EXPECTED
    merged = ((0, 0, 0, 1),) if header[1] is None else ()
    assert people(read(sheet(header, *rows, merged=merged))) == EXPECTED


def test_ages_instead_of_years_are_read() -> None:
    table = read(
        sheet(["Họ tên", "Tuổi", "ĐT"], ["Lê Thị Ánh", 64.0, "0348990608"], ["Trần Văn Bình", "57 tuổi"])
    )

    assert [read_birth(row, today=TODAY).year for row in table.rows] == [1962, 1969]


def test_rows_about_nobody_are_counted_not_doubted() -> None:
    header: list[Cell] = ["STT", "Họ và tên", "Năm sinh", "SĐT"]
    table = read(
        sheet(
            header,
            ["(1)", "(2)", "(3)", "(4)"],
            [1.0, "Lê Thị Ánh", 1962.0, "0348990608"],
            [],
            header,
            [2.0, "Trần Văn Bình", 1969.0, None],
            [3.0],
            [4.0],
            ["Tổng cộng: 02 người"],
            [None, "Tổng số", None, "2"],
            [],
            [None, None, "Huế, ngày 20 tháng 11 năm 2026"],
            [None, "NGƯỜI LẬP BIỂU", None, "CHỦ TỊCH"],
            [None, "(Ký, ghi rõ họ tên)"],
            [None, "Nguyễn Văn Cường", None, "Lê Thị Dung"],
        )
    )

    assert [row.text("full_name") for row in table.rows] == ["Lê Thị Ánh", "Trần Văn Bình"]
    assert dict(table.skipped) == {"header": 2, "blank": 4, "footer": 6}


def test_headings_between_rows_belong_to_rows_below() -> None:
    table = read(
        sheet(
            ["Họ tên", "Năm sinh"],
            ["TỔ DÂN PHỐ 1"],
            ["Lê Thị Ánh", 1962.0],
            ["Thôn A Xăng"],
            ["Trần Văn Bình", 1969.0],
        )
    )

    assert [(row.text("full_name"), row.section) for row in table.rows] == [
        ("Lê Thị Ánh", "TỔ DÂN PHỐ 1"),
        ("Trần Văn Bình", "Thôn A Xăng"),
    ]
    assert table.skipped == {"section": 2}


def test_value_merged_over_rows_holds_for_each() -> None:
    table = read(
        sheet(
            ["Thôn", "Họ tên", "Năm sinh"],
            ["Thôn 3", "Lê Thị Ánh", 1962.0],
            [None, "Trần Văn Bình", 1969.0],
            merged=((1, 0, 2, 0),),
        )
    )

    assert [row.text("place") for row in table.rows] == ["Thôn 3", "Thôn 3"]


def test_unknown_columns_are_kept_and_id_numbers_left_out() -> None:
    table = read(
        sheet(
            ["Họ tên", "Số CCCD", "Size áo", "Dân tộc", "Ghi chú"],
            ["Lê Thị Ánh", "046162001234", "M", "Kinh", "đi với con"],
        )
    )

    assert table.left_out == ("Số CCCD", "Dân tộc")
    assert table.rows[0].extras == {"Size áo": "M"}
    assert table.rows[0].cells == ("Lê Thị Ánh", "M", "đi với con")
    assert "046162001234" not in repr(table)


def test_every_sheet_with_a_list_is_read() -> None:
    header: list[Cell] = ["Họ tên", "SĐT"]
    read_tables = find_tables(
        [
            sheet(["Hướng dẫn nhập liệu"], ["Mỗi người một dòng"], name="Hướng dẫn"),
            sheet(header, ["Lê Thị Ánh", "0348990608"], name="TDP 1"),
            sheet(header, ["Trần Văn Bình", "84796559047"], name="TDP 2"),
            sheet(["TDP", "Số lượng"], ["TDP 1", 12.0], name="Tổng hợp"),
            Sheet("Sheet4", True, 1, 1, []),
        ],
        LAYOUT,
        missing="Không thấy danh sách.",
    )

    assert [(table.sheet, len(table.rows)) for table in read_tables] == [("TDP 1", 1), ("TDP 2", 1)]


@pytest.mark.parametrize(
    "sheets",
    [
        [],
        [Sheet("Sheet1", True, 1, 1, [])],
        [sheet(["Họ tên", "SĐT"])],
        [sheet(["Mặt hàng", "Giá"], ["Gạo", 20000.0], ["Muối", 5000.0])],
    ],
)
def test_workbook_without_list_is_refused(sheets: list[Sheet]) -> None:
    with pytest.raises(NoTableFound) as caught:
        find_tables(sheets, LAYOUT, missing="Không thấy cột họ tên.")

    assert (caught.value.sentence, str(caught.value)) == ("Không thấy cột họ tên.", "Không thấy cột họ tên.")
