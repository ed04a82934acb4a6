"""Wards we have not seen: the two real lists, told in other ways, are read as the same people."""

import asyncio
import random
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any, TypeAlias

import pytest

from learners.importing.drafts import LearnerDraft, read_learner_row
from learners.importing.registrations import REGISTRATIONS
from lopso.kernel.paths import shipped
from lopso.kernel.workbook.parsing import parse_list
from lopso.kernel.workbook.reading import Cell, Sheet, read_workbook
from lopso.kernel.workbook.results import ParsedList
from people.lists import RowContext
from tests.kernel.workbook.lists import in_tcvn3, in_vni

TODAY = date(2026, 11, 24)
Row: TypeAlias = list[Cell]
HEADER = 6  # index of the header row in both lists

OTHER_NAMES = {
    "STT": "Số TT",
    "Họ và tên": "HỌ TÊN HỌC VIÊN",
    "GT": "Nam/Nữ",
    "Năm sinh": "Ngày, tháng, năm sinh",
    "Số điện thoại": "ĐT liên hệ (Zalo)",
    "Tổ dân phố": "Thôn/TDP",
    "Đối tượng": "Thuộc đối tượng",
    "Loại máy": "Thiết bị sử dụng",
    "Email": "Thư điện tử",
    "Ghi chú": "Ghi chú thêm",
}


@pytest.fixture(scope="module", params=["phu-xuan", "nam-dong"])
def rows(request: pytest.FixtureRequest) -> list[Row]:
    file = shipped("data") / "example" / request.param / "hoc-vien.xlsx"
    sheet = asyncio.run(read_workbook(file.read_bytes()))[0]
    return [[*row, *[None] * (10 - len(row))] for row in sheet.rows]


def read(rows: list[Row]) -> ParsedList[LearnerDraft]:
    read_row = partial(read_learner_row, context=RowContext(TODAY, rural=False))
    return parse_list([Sheet("DS", True, 1, 1, rows)], REGISTRATIONS, read_row)


def people(parsed: ParsedList[LearnerDraft]) -> list[LearnerDraft]:
    """Everybody who would be saved, remarks apart: those may stand under another name."""
    return [replace(row.draft, note="", device="") for row in parsed.good]


def told(rows: list[Row], change: Callable[[Any], Cell]) -> list[Row]:
    return [[change(cell) if isinstance(cell, str) else cell for cell in row] for row in rows]


def columns_shuffled(rows: list[Row]) -> list[Row]:
    order = random.Random(7).sample(range(10), 10)
    return [[row[at] for at in order] for row in rows[HEADER:]]


def columns_renamed(rows: list[Row]) -> list[Row]:
    return [*rows[:HEADER], [OTHER_NAMES[str(cell)] for cell in rows[HEADER]], *rows[HEADER + 1 :]]


def decomposed(rows: list[Row]) -> list[Row]:
    return told(rows, lambda text: unicodedata.normalize("NFD", text))


def name_in_two_columns(rows: list[Row]) -> list[Row]:
    def split(row: Row) -> Row:
        family, _space, given = str(row[1] or "").strip().rpartition(" ")
        return [row[0], family.strip(), given, *row[2:]]

    header: Row = ["STT", "Họ và tên đệm", "Tên", *rows[HEADER][2:]]
    return [header, *map(split, rows[HEADER + 1 :])]


def pages_printed(rows: list[Row]) -> list[Row]:
    """A header on every page, blank lines, sums, and a signature at the end."""
    body: list[Row] = []
    for at in range(HEADER + 1, len(rows), 40):
        page_sum: Row = [None, "Cộng trang", None, 40.0]
        body += [rows[HEADER], *rows[at : at + 40], page_sum, []]
    end: list[Row] = [
        ["Tổng cộng: 340 người"],
        [None, None, None, None, None, None, "Huế, ngày 20 tháng 11 năm 2026"],
        [None, "Người lập biểu", None, None, None, None, "TM. UBND"],
        [None, "Nguyễn Văn Cường", None, None, None, None, "Trần Thị Dung"],
    ]
    return [*rows[:HEADER], *body, *end]


def with_what_may_not_be_kept(rows: list[Row]) -> list[Row]:
    header: Row = [*rows[HEADER], "Số CCCD", "Dân tộc"]
    return [header, *([*row, f"0461{n:08}", "Kinh"] for n, row in enumerate(rows[HEADER + 1 :]))]


def everything_as_text(rows: list[Row]) -> list[Row]:
    def shown(cell: Cell) -> Cell:
        if isinstance(cell, float):
            return str(int(cell))
        return f"{cell:%d/%m/%Y}" if isinstance(cell, date) else cell

    return [[shown(cell) for cell in row] for row in rows]


def typed_in_tcvn3(rows: list[Row]) -> list[Row]:
    return told(rows, in_tcvn3)


def typed_in_vni(rows: list[Row]) -> list[Row]:
    return told(rows, in_vni)


@pytest.mark.parametrize(
    "retell",
    [
        columns_shuffled,
        columns_renamed,
        decomposed,
        name_in_two_columns,
        pages_printed,
        with_what_may_not_be_kept,
        everything_as_text,
        typed_in_tcvn3,
        typed_in_vni,
    ],
    ids=["shuffled", "renamed", "NFD", "two name columns", "printed", "forbidden", "text", "TCVN3", "VNI"],
)
def test_rewritten_list_gives_the_same_people(
    rows: list[Row], retell: Callable[[list[Row]], list[Row]]
) -> None:
    original, retold = read(rows), read(retell(rows))

    # Where a name was typed all in capitals or an old font has no capital, its case may differ.
    assert [_without_case(each) for each in people(retold)] == [
        _without_case(each) for each in people(original)
    ]
    assert (retold.repeated, len(retold.doubtful)) == (original.repeated, len(original.doubtful))
    assert "0461" not in repr(retold)


def test_columns_without_header_are_found_by_their_values(rows: list[Row]) -> None:
    original, bare = read(rows), read(rows[HEADER + 1 :])

    assert [_without_case(each) for each in people(bare)] == [
        _without_case(each) for each in people(original)
    ]
    assert bare.sheets[0].header_row is None
    assert not any(column.sure for column in bare.columns)


def _without_case(draft: LearnerDraft) -> LearnerDraft:
    return replace(draft, full_name=draft.full_name.lower())
