"""Rows about nobody are no people, whatever their words: something must speak for a person."""

from datetime import date
from functools import partial

import pytest

from learners.importing.drafts import LearnerDraft, read_learner_row
from learners.importing.registrations import REGISTRATIONS
from lopso.kernel.workbook.parsing import parse_list
from lopso.kernel.workbook.reading import Cell, Sheet
from lopso.kernel.workbook.results import ParsedList
from people.lists import RowContext
from trainers.importing.drafts import TrainerDraft, read_trainer_row
from trainers.importing.team_list import TEAM_LIST

CONTEXT = RowContext(date(2026, 11, 24), rural=False)
HEADER: list[Cell] = ["STT", "Họ và tên", "Năm sinh", "Số điện thoại", "Tổ dân phố"]
PEOPLE: list[list[Cell]] = [
    [1.0, "Nhâm Thị Lê", 1960.0, "0976700001", "TDP 1"],
    [2.0, "Ngụy Văn Lựu", 1961.0, "0976700002", "TDP 2"],
    [3.0, "Blúp Hờ", 1962.0, "0976700003", "TDP 2"],
]
NAMES = ["Nhâm Thị Lê", "Ngụy Văn Lựu", "Blúp Hờ"]


def learners(*rows: list[Cell], header: list[Cell] = HEADER) -> ParsedList[LearnerDraft]:
    sheet = Sheet("DS", True, 1, 1, [header, *rows])
    return parse_list([sheet], REGISTRATIONS, partial(read_learner_row, context=CONTEXT))


def helpers(*rows: list[Cell]) -> ParsedList[TrainerDraft]:
    sheet = Sheet("DS", True, 1, 1, [["TT", "Họ tên", "Đơn vị", "ĐT", "Tổ"], *rows])
    return parse_list([sheet], TEAM_LIST, partial(read_trainer_row, context=CONTEXT))


def names(result: ParsedList[LearnerDraft] | ParsedList[TrainerDraft]) -> list[str]:
    return [row.draft.full_name for row in result.good]


@pytest.mark.parametrize(
    "heading",
    [
        [None, "TỔ 5"],
        [None, "Hội Nông dân"],
        [None, "HỘI NÔNG DÂN"],
        [None, "ĐOÀN THANH NIÊN"],
        [None, "Đoàn thanh niên"],
        ["II", "Đoàn Thanh Niên"],
        ["A", "Chi hội Phụ nữ", None, None, "TDP 2"],
        ["B", "CAO TUỔI", None, None, "TDP 2"],
        [None, "Hộ nghèo", "12"],
        [None, "Ban quản lý chợ", None, "0234 3822123"],
        [None, "Nhóm cô Lan", None, "0976700009"],
        ["Khối tiểu thương"],
        [None, "Người lập biểu"],
        [None, "Trần Văn Cường"],
        [None, "Tổng cộng", 3.0],
    ],
)
def test_heading_between_people_is_nobody(heading: list[Cell]) -> None:
    result = learners(PEOPLE[0], heading, PEOPLE[1], PEOPLE[2])

    assert names(result) == NAMES
    assert len(result.doubtful) + sum(sheet.skipped for sheet in result.sheets) == 1


@pytest.mark.parametrize("heading", [[None, "KHU PHỐ 2"], [None, "Nhóm 3"], ["II", "Liên gia 7"]])
def test_heading_with_a_number_is_called_a_heading(heading: list[Cell]) -> None:
    result = learners(PEOPLE[0], heading, *PEOPLE[1:])

    assert [row.reason.partition(",")[0] for row in result.doubtful] == ["Giống dòng tiêu đề của một tổ"]


@pytest.mark.parametrize("name", ["Nguyễn Văn 2", "Trần Thị Mận 1"])
def test_name_with_a_digit_is_no_heading(name: str) -> None:
    result = learners(*PEOPLE, [4.0, name, 1960.0])

    assert [row.reason for row in result.doubtful] == ["Họ tên có chữ số"]


def test_name_alone_beside_people_with_years_and_phones_is_doubted() -> None:
    result = learners(*PEOPLE, [4.0, "Trần Thị Mận"])

    assert names(result) == NAMES
    assert [(row.row, row.doubts[0].field) for row in result.doubtful] == [(5, "Họ và tên")]
    assert "Chỉ có họ tên" in result.doubtful[0].reason


def test_numbered_name_with_neighbourhood_is_a_person() -> None:
    result = learners(*PEOPLE, [4.0, "Nhữ Văn Nâu", None, None, "TDP 2"], [5.0, "Lã Thị Na", None, "x"])

    assert names(result) == [*NAMES, "Nhữ Văn Nâu", "Lã Thị Na"]


def test_list_of_nothing_but_names_is_read() -> None:
    rows: list[list[Cell]] = [[1.0, "Nhâm Thị Lê"], [2.0, "Ngụy Văn Lựu"], [None, "Hội Nông dân"]]

    result = learners(*rows, header=["STT", "Họ và tên"])

    assert names(result) == ["Nhâm Thị Lê", "Ngụy Văn Lựu"]
    assert len(result.doubtful) == 1


def test_person_with_words_of_a_signature_is_not_left_out() -> None:
    result = helpers(
        [None, "Trần Văn Cường", "Chủ tịch Hội", "0976700001"],
        [None, "Người lập biểu"],
        [None, "Nhâm Thị Lê", None, "0976700002"],
        [None, "Tô Văn Lan", None, "0976700003", "Tổ 4"],
    )

    assert names(result) == ["Trần Văn Cường", "Nhâm Thị Lê", "Tô Văn Lan"]
    assert sum(sheet.skipped for sheet in result.sheets) == 1


def test_lone_name_with_the_surname_to_is_no_heading() -> None:
    result = helpers(
        [1.0, "Nhâm Thị Lê", "Hội", "0976700002"], [None, "Tô Văn Lan"], [2.0, "Lã Na", "Hội", "x"]
    )

    assert names(result) == ["Nhâm Thị Lê", "Lã Na"]
    assert [row.row for row in result.doubtful] == [3]
    assert [each.team.name for row in result.good for each in row.draft.teams] == []
