"""Damaged values never pass as good, in any list of persons: the row is kept back with field and reason."""

from datetime import date
from functools import partial
from typing import Any

import pytest

from learners.importing.drafts import read_learner_row
from learners.importing.registrations import REGISTRATIONS
from lopso.kernel.person_names import name_fault, tidy_name
from lopso.kernel.workbook.kinds import ListKind
from lopso.kernel.workbook.parsing import parse_list
from lopso.kernel.workbook.reading import Cell, Sheet
from lopso.kernel.workbook.results import ParsedList
from people.lists import RowContext
from tests.people.market_traders import TRADERS, read_trader_row
from trainers.importing.drafts import read_trainer_row
from trainers.importing.team_list import TEAM_LIST

CONTEXT = RowContext(date(2026, 11, 24), rural=False)
KINDS = {
    "learners": (REGISTRATIONS, read_learner_row, ("Năm sinh", 1960.0)),
    "teams": (TEAM_LIST, read_trainer_row, ("Tổ", "Tổ CNSCĐ TDP 4")),
    "traders": (TRADERS, read_trader_row, ("Số lô", "A12")),
}
every_kind = pytest.mark.parametrize("kind", KINDS)


def parsed(kind: str, name: Cell, phone: Cell, note: Cell = None, ordinal: Cell = 2.0) -> ParsedList[Any]:
    """A list of two rows: a good one, and one with the given cells."""
    described: tuple[ListKind[Any, Any], Any, tuple[str, Cell]] = KINDS[kind]
    list_kind, read_row, (header, value) = described
    rows: list[list[Cell]] = [
        ["STT", "Họ và tên", "Điện thoại", header, "Ghi chú"],
        [1.0, "Nhâm Thị Lê", "0976700001", value, None],
        [ordinal, name, phone, value, note],
    ]
    return parse_list([Sheet("DS", True, 1, 1, rows)], list_kind, partial(read_row, context=CONTEXT))


def doubts(result: ParsedList[Any]) -> list[tuple[int, str, str]]:
    return [(row.row, doubt.field, doubt.value) for row in result.doubtful for doubt in row.doubts]


@every_kind
@pytest.mark.parametrize(
    "phone",
    ["8.4976E+10", 84976000000.0, 976000000.0, 9.7670000112345e17, "#N/A", "#VALUE!", "Err:502", "####"],
)
def test_damaged_phone_keeps_the_row_back(kind: str, phone: Cell) -> None:
    result = parsed(kind, "Nhâm Văn Lựu", phone)

    assert [row.draft.full_name for row in result.good] == ["Nhâm Thị Lê"]
    assert [(row, field) for row, field, _value in doubts(result)] == [(3, "Số điện thoại")]


@every_kind
@pytest.mark.parametrize(
    "name", ["Nh?m V?n L?u", "Nhâm V\ufffdn Lựu", "?? Van ?i", "Ð? Van ?i", "#REF!", "#N/A"]
)
def test_damaged_name_keeps_the_row_back(kind: str, name: str) -> None:
    result = parsed(kind, name, "0976700002")

    assert [row.draft.full_name for row in result.good] == ["Nhâm Thị Lê"]
    assert doubts(result) == [(3, "Họ và tên", name)]


@every_kind
@pytest.mark.parametrize("name", ["Nguy\xd4\xd4n V\xa8n An", "Nguyeaõn Thò Hoaø"])
def test_name_in_an_unknown_old_font_makes_the_row_doubtful(kind: str, name: str) -> None:
    result = parsed(kind, name, "0976700002")

    assert [row.draft.full_name for row in result.good] == ["Nhâm Thị Lê"]
    assert [(row, field) for row, field, _value in doubts(result)] == [(3, "Họ và tên")]


@every_kind
def test_damaged_note_is_left_out_and_named(kind: str) -> None:
    result = parsed(kind, "Nhâm Văn Lựu", "0976700002", note="#REF!")

    assert [row.draft.note for row in result.good] == ["", "Ô hỏng trong danh sách: Ghi chú"]
    assert list(result.good[1].notes) == ["Bỏ ô hỏng “Ghi chú”: #REF!"]


@every_kind
def test_question_in_a_note_is_no_damage(kind: str) -> None:
    result = parsed(kind, "Nhâm Văn Lựu", "0976700002", note="Có xe đưa đón không?")

    assert result.good[1].draft.note == "Có xe đưa đón không?"


@every_kind
def test_running_number_with_an_error_is_passed_over(kind: str) -> None:
    result = parsed(kind, "Nhâm Văn Lựu", "0976700002", ordinal="#REF!")

    assert [row.draft.note for row in result.good] == ["", ""]


@pytest.mark.parametrize("year", ["#VALUE!", "1.96E+03", "19?0", "196\ufffd"])
def test_damaged_year_keeps_the_learner_back(year: str) -> None:
    rows: list[list[Cell]] = [
        ["Họ và tên", "Năm sinh", "Điện thoại"],
        ["Nhâm Thị Lê", 1960.0, "0976700001"],
        ["Nhâm Văn Lựu", year, "0976700002"],
    ]

    result = parse_list(
        [Sheet("DS", True, 1, 1, rows)], REGISTRATIONS, partial(read_learner_row, context=CONTEXT)
    )

    assert doubts(result) == [(3, "Năm sinh", year)]


def test_column_of_damaged_phones_is_still_one_of_phones() -> None:
    people: list[list[Cell]] = [
        [f"Nhâm Thị {name}", 1960.0, "8.4976E+10"] for name in ("Lê", "Mận", "Na", "Ổi")
    ]

    rows: list[list[Cell]] = [["Họ và tên", "Năm sinh", "Điện thoại"], *people]
    result = parse_list(
        [Sheet("DS", True, 1, 1, rows)], REGISTRATIONS, partial(read_learner_row, context=CONTEXT)
    )

    assert (len(result.good), len(result.doubtful)) == (0, 4)


@every_kind
@pytest.mark.parametrize(
    "name",
    [
        "Trần Văn Bình, Nhâm Thị Cúc",
        "Trần Văn Bình và Nhâm Thị Cúc",
        "Trần Văn Bình\nNhâm Thị Cúc",
        "Trần Văn Bình - Nhâm Thị Cúc",
        "Nhâm \u0301\u0301\u0301 Văn Lựu",
        "\u202eNhâm Văn Lựu\u202c",
        "Nguyễn " * 60,
    ],
)
def test_name_that_is_not_of_one_person_keeps_the_row_back(kind: str, name: str) -> None:
    result = parsed(kind, name, "0976700002")

    assert [row.draft.full_name for row in result.good] == ["Nhâm Thị Lê"]
    assert [row.row for row in result.doubtful] == [3]


@every_kind
@pytest.mark.parametrize("phone", ["\u202e0976700002", "\u202d0976700002\u202c"])
def test_phone_that_shows_otherwise_than_it_is_keeps_the_row_back(kind: str, phone: str) -> None:
    assert [row for row, _field, _value in doubts(parsed(kind, "Nhâm Văn Lựu", phone))] == [3]


@every_kind
@pytest.mark.parametrize("phone", ["\u202a0976 700 002\u202c", "\u20660976700002\u2069"])
def test_marks_of_a_contact_copied_from_a_phone_do_no_harm(kind: str, phone: str) -> None:
    assert [row.draft.phone for row in parsed(kind, "Nhâm Văn Lựu", phone).good] == [
        "+84976700001",
        "+84976700002",
    ]


@pytest.mark.parametrize("name", ["Nguyễn Văn Và", "Lê Thị Hà - Mai", "H'Hen Niê", "Tôn Nữ Thị Ngọc/Ngà"])
def test_name_with_a_mark_inside_is_of_one_person(name: str) -> None:
    assert name_fault(tidy_name(name).name) is None


def test_two_lists_side_by_side_are_not_read_as_one_person() -> None:
    header = ["Họ và tên", "Năm sinh", "Số điện thoại"]
    rows: list[list[Cell]] = [
        [*header, None, *header],
        ["Nhâm Thị Lê", 1960.0, "0976700001", None, "Trần Văn Bình", 1955.0, "0976700002"],
        ["Nhâm Văn Lựu", 1961.0, "0976700003", None, "Lê Thị Cúc", 1956.0, "0976700004"],
    ]
    read_row = partial(read_learner_row, context=CONTEXT)
    result = parse_list([Sheet("DS", True, 1, 1, rows)], REGISTRATIONS, read_row)

    assert not result.good
    assert [row.row for row in result.doubtful] == [2, 3]


def with_font(font: str) -> ParsedList[Any]:
    """Learners, the last with a name that is another one in TCVN3, in a cell of that font."""
    rows: list[list[Cell]] = [["Họ và tên", "Năm sinh"], ["Nguyễn Thị Hồng", 1960.0], ["Mai Chót", 1961.0]]
    sheet = Sheet("DS", True, 1, 1, rows, fonts={(2, 0): font})
    return parse_list([sheet], REGISTRATIONS, partial(read_learner_row, context=CONTEXT))


def test_name_converted_for_the_font_of_its_cell_is_told_in_the_review() -> None:
    result = with_font("TCVN3")

    assert [row.draft.full_name for row in result.good] == ["Nguyễn Thị Hồng", "Mai Chút"]
    assert [row.notes for row in result.good] == [(), ("Đổi từ phông cũ: “Mai Chót” thành “Mai Chút”",)]


def test_name_partly_in_an_old_font_is_kept_back() -> None:
    assert doubts(with_font("mixed")) == [(3, "Họ và tên", "Mai Chót")]
