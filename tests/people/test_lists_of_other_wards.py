"""Lists as other wards write them: ditto marks, two lists side by side, phones of relatives, remarks."""

from datetime import date
from functools import partial
from typing import Any

import pytest

from learners.importing.drafts import LearnerDraft, read_learner_row
from learners.importing.registrations import REGISTRATIONS
from lopso.kernel.workbook.parsing import parse_list
from lopso.kernel.workbook.reading import Cell, Sheet
from lopso.kernel.workbook.results import ParsedList
from people.lists import RowContext
from trainers.importing.drafts import read_trainer_row
from trainers.importing.team_list import TEAM_LIST

CONTEXT = RowContext(date(2026, 11, 24), rural=False)
HEADER: list[Cell] = ["Họ và tên", "Năm sinh", "SĐT", "Tổ dân phố", "Đối tượng"]
FIRST: list[Cell] = ["Bùi Thị An", 1950.0, "0976211001", "TDP 5", "Người cao tuổi"]


def read(*rows: list[Cell], header: list[Cell] = HEADER) -> ParsedList[LearnerDraft]:
    read_row = partial(read_learner_row, context=CONTEXT)
    return parse_list([Sheet("DS", True, 1, 1, [header, *rows])], REGISTRATIONS, read_row)


def reasons(parsed: ParsedList[Any]) -> dict[int, str]:
    return {row.row: row.reason for row in parsed.doubtful}


@pytest.mark.parametrize("mark", ["nt", "NT", "-nt-", "n.t", "như trên", '"', "”", "''", "//"])
def test_ditto_takes_the_place_above_and_makes_none(mark: str) -> None:
    found = read(FIRST, ["Bùi Văn Ba", 1951.0, "0976211002", mark, mark], ["Bùi Văn Tư", 1952.0, None, mark])

    first = found.good[0].draft
    assert [row.draft.neighbourhood for row in found.good] == [first.neighbourhood] * 3
    assert [row.draft.audiences for row in found.good[:2]] == [first.audiences] * 2
    assert [row.draft.note for row in found.good] == [""] * 3


@pytest.mark.parametrize(
    "row",
    [
        ["nt", 1952.0, "0976211005", "TDP 5"],
        ["Bùi Văn Ba", "nt", "0976211005", "TDP 5"],
        ["Bùi Văn Ba", 1952.0, '"', "TDP 5"],
    ],
)
def test_ditto_for_name_year_or_phone_is_doubtful(row: list[Cell]) -> None:
    found = read(FIRST, row)

    assert [each.draft.full_name for each in found.good] == ["Bùi Thị An"]
    assert "như trên" in reasons(found)[3]


def test_ditto_below_nothing_is_doubtful() -> None:
    assert list(reasons(read(["Bùi Văn Ba", 1952.0, "0976211005", "nt"]))) == [2]


def test_helpers_team_as_above_is_the_team_above() -> None:
    rows: list[list[Cell]] = [
        ["Họ và tên", "Tổ", "Điện thoại"],
        ["Thái Văn An", "Tổ CNSCĐ TDP 4", "0976151001"],
        ["Thái Thị Ba", "nt", "0976151002"],
    ]
    found = parse_list([Sheet("DS", True, 1, 1, rows)], TEAM_LIST, partial(read_trainer_row, context=CONTEXT))
    assert len({row.draft.teams[0].team for row in found.good}) == 1


def test_second_list_beside_the_first_is_not_saved_in_part() -> None:
    twice: list[Cell] = ["TT", "Họ và tên", "Năm sinh", "SĐT"]
    found = read(
        [1.0, "Cao Thị Bông", 1950.0, "0976111001", None, 3.0, "Cao Văn Sắt", 1951.0, "0976111011"],
        [2.0, "Cao Thị Cúc", 1952.0, "0976111002"],
        [None, None, None, None, None, 4.0, "Cao Thị Đào", 1954.0, "0976111003"],
        header=[*twice, None, *twice],
    )

    assert [(row.draft.full_name, row.draft.birth_year) for row in found.good] == [("Cao Thị Cúc", 1952)]
    assert "cạnh nhau" in reasons(found)[4]
    assert sorted(reasons(found)) == [2, 4]


def test_relatives_number_comes_after_the_own_and_is_named() -> None:
    found = read(
        ["Bế Thị An", 1950.0, "0976311001", None],
        ["Bế Văn Ba", 1951.0, "0976311002", "0976311012"],
        header=["Họ và tên", "Năm sinh", "SĐT con", "SĐT"],
    )

    assert [(row.draft.phone, row.draft.phone_note) for row in found.good] == [
        ("+84976311001", "người thân"),
        ("+84976311012", "người thân, 0976 311 002"),
    ]


def test_relatives_damaged_number_is_not_saved() -> None:
    header: list[Cell] = ["Họ và tên", "Năm sinh", "SĐT người thân"]
    assert list(reasons(read(["Bế Thị An", 1950.0, "8.4976E+10"], header=header))) == [2]


@pytest.mark.parametrize(
    "name",
    ["Bế Thị An (đã mất)", "Bế Thị An [nghỉ]", "Bế Thị An - hộ nghèo", "Bế Thị An – con: Lan", "Bế Thị An*"],
)
def test_name_with_a_remark_is_doubtful(name: str) -> None:
    assert "ghi chú" in reasons(read(FIRST, [name, 1950.0, "0976311001"]))[3]


def test_year_that_is_written_and_not_read_is_doubtful() -> None:
    unread = read(FIRST, ["Vi Thị Tám", "Quý Tỵ", "0976444008"])
    unknown = read(FIRST, ["Vi Văn Bốn", "không rõ", "0976444004"], ["Vi Văn Hai", "?", "0976444002"])

    assert "Quý Tỵ" in reasons(unread)[3]
    assert [row.draft.birth_year for row in unknown.good] == [1950, None, None]
