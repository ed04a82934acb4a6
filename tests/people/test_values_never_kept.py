"""Numbers of papers and accounts, and marks of attendance, are left out of any list, counted and said."""

from dataclasses import asdict
from datetime import date
from functools import partial
from typing import Any

import pytest

from learners.importing.drafts import read_learner_row
from learners.importing.registrations import REGISTRATIONS
from lopso.kernel.workbook.packing import packed
from lopso.kernel.workbook.parsing import parse_list
from lopso.kernel.workbook.reading import Cell, Sheet
from lopso.kernel.workbook.results import ParsedList
from people.lists import RowContext
from trainers.importing.drafts import read_trainer_row
from trainers.importing.team_list import TEAM_LIST

CONTEXT = RowContext(date(2026, 11, 24), rural=False)
READERS = {"learners": (REGISTRATIONS, read_learner_row), "teams": (TEAM_LIST, read_trainer_row)}
every_kind = pytest.mark.parametrize("kind", READERS)
PEOPLE = [("Ngụy Thị Mai", "0976900001"), ("Ngụy Văn Trúc", "0976900002"), ("Lã Thị Na", "0976900003")]


def parsed(kind: str, *rows: list[Cell]) -> ParsedList[Any]:
    list_kind, read_row = READERS[kind]
    return parse_list([Sheet("DS", True, 1, 1, list(rows))], list_kind, partial(read_row, context=CONTEXT))


def with_column(kind: str, header: str | None, *values: Cell) -> ParsedList[Any]:
    rows: list[list[Cell]] = [
        [name, phone, value] for (name, phone), value in zip(PEOPLE, values, strict=True)
    ]
    return parsed(kind, ["Họ và tên", "Điện thoại", header], *rows)


@every_kind
@pytest.mark.parametrize("header", ["Vietcombank", "Nhận hỗ trợ qua", None, "Số TK nhận tiền", "CCCD"])
@pytest.mark.parametrize(
    "values",
    [
        ("0071001234567", "0071001234568", "0071001234569"),
        (71001234567.0, 71001234568.0, 71001234569.0),
        ("046160012345", None, "046160012346"),
        ("191234567", "191234568", "191234569"),
        ("9704 1234 5678 9012", "9704123456789013", "0071001234567 VCB"),
    ],
)
def test_column_of_such_numbers_is_left_out(kind: str, header: str | None, values: tuple[Cell, ...]) -> None:
    result = with_column(kind, header, *values)

    assert [row.draft.note for row in result.good] == ["", "", ""]
    assert result.sheets[0].left_out == (header or "C",)
    assert not any(
        str(digits) in str(packed(result)) for digits in ("71001234", "4616001234", "19123456", "9704")
    )


@every_kind
def test_number_in_a_note_is_left_out_and_counted(kind: str) -> None:
    result = with_column(
        kind, "Ghi chú", "đi với con", "CCCD 046160012345, STK 0071001234567 VCB", "con: 0912345678"
    )

    assert [row.draft.note for row in result.good] == [
        "đi với con",
        "CCCD [đã bỏ số], STK [đã bỏ số] VCB",
        "con: 0912345678",
    ]
    assert (result.sheets[0].numbers, list(result.good[1].notes)) == (
        2,
        ["Đã bỏ 2 số giấy tờ, tài khoản hoặc thẻ"],
    )
    assert "046160012345" not in str(packed(result))


@every_kind
@pytest.mark.parametrize("cell", ["046160012345", "046 160 012 345", 46160012345.0])
def test_identity_number_in_the_column_of_phones_keeps_the_row_back(kind: str, cell: Cell) -> None:
    result = parsed(kind, ["Họ và tên", "Điện thoại"], [*PEOPLE[0]], ["Lã Thị Na", cell])

    assert [row.reason for row in result.doubtful] == ["Ô số điện thoại ghi số giấy tờ, nên đã bỏ"]
    assert "16001234" not in str(packed(result)).replace(" ", "")


@every_kind
def test_identity_number_beside_a_phone_is_left_out(kind: str) -> None:
    result = parsed(kind, ["Họ và tên", "Điện thoại"], ["Lã Thị Na", "0976900003 / 046160012345"])

    assert [(row.draft.phone, row.draft.phone_note) for row in result.good] == [("+84976900003", "")]


@every_kind
def test_number_behind_a_name_keeps_the_row_back(kind: str) -> None:
    result = parsed(kind, ["Họ và tên", "Điện thoại"], [*PEOPLE[0]], ["Lã Thị Na 046160012345", "0976900003"])

    assert [row.row for row in result.doubtful] == [3]
    assert "046160012345" not in str(packed(result))


@every_kind
def test_phone_numbers_in_an_unknown_column_stay_in_the_note(kind: str) -> None:
    result = with_column(kind, "Con cái", "0912345678", "0912 345 679", None)

    assert [row.draft.note for row in result.good] == ["Con cái: 0912345678", "Con cái: 0912 345 679", ""]


HEADERS_OF_DAYS = [
    ("3/11", "10/11", "17/11"),
    ("Buổi 1", "Buổi 2", "Buổi 3"),
    (date(2026, 11, 3), date(2026, 11, 10), date(2026, 11, 17)),
]


@every_kind
@pytest.mark.parametrize("days", HEADERS_OF_DAYS)
def test_attendance_sheet_is_recognised_and_its_marks_left_out(kind: str, days: tuple[Cell, ...]) -> None:
    result = parsed(
        kind,
        ["BẢNG ĐIỂM DANH THÁNG 11/2026"],
        ["STT", "Họ và tên", "SĐT", "Ngày học", None, None, "Tổng", "Ghi chú"],
        [None, None, None, *days],
        [1.0, *PEOPLE[0], "x", "x", None, 2.0],
        [2.0, *PEOPLE[1], "x", None, "P", 1.0, "đi với con"],
        [3.0, *PEOPLE[2], None, 1.0, "v", 2.0],
        [None, "Tổng", None, 2.0, 1.0, 0.0],
    )

    assert [row.draft.note for row in result.good] == ["", "đi với con", ""]
    assert asdict(result.sheets[0])["attendance"] == 4


@every_kind
def test_days_in_one_header_row_are_attendance(kind: str) -> None:
    result = parsed(
        kind,
        ["Họ và tên", "SĐT", "Buổi 1", "Buổi 2 (10/11)", "Tổng số buổi"],
        [*PEOPLE[0], "x", "x", 2.0],
        [*PEOPLE[1], None, "v", 1.0],
    )

    assert [row.draft.note for row in result.good] == ["", ""]
    assert result.sheets[0].attendance == 3


@every_kind
def test_ticked_wishes_are_no_attendance(kind: str) -> None:
    result = parsed(
        kind,
        ["Họ và tên", "SĐT", "Biết dùng VNeID", "Muốn có chồng chữ ký số", "T2", "T3"],
        [*PEOPLE[0], "x", None, "x", "x"],
        [*PEOPLE[1], None, "x", None, "x"],
    )

    assert [row.draft.note for row in result.good] == [
        "Biết dùng VNeID: x; T2: x; T3: x",
        "Muốn có chồng chữ ký số: x; T3: x",
    ]
    assert result.sheets[0].attendance == 0
