"""Cells in old fonts are read for certain or marked as uncertain, never taken with wrong letters."""

from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lopso.kernel.workbook.old_fonts import UnicodeRows, in_unicode
from lopso.kernel.workbook.reading import Cell, Sheet
from tests.kernel.workbook.lists import in_tcvn3, in_vni

NAMES = [
    "Nguyễn Thị Hoà", "Trần Văn Tuấn", "Lê Bá Nghĩa", "Hồ Thị Hồng", "Bùi Khánh Phượng", "Đặng Thị Yến",
    "Phan Minh Tuấn", "Võ Đức Hoàng", "Hoàng Thị Chút", "Tôn Thất Viết Minh", "Lê Hùng", "Lê Hoà",
    "Ngô Văn Bé",
    "Trương Công Sửu", "Đoàn Khánh Đào", "Hà Thị Lan", "Lý Văn Tín", "Phạm Quốc Tú",
]  # fmt: skip
WAYS: dict[str, Callable[[str], str]] = {
    "Unicode": str,
    "TCVN3": in_tcvn3,
    "TCVN3 capitals": lambda text: in_tcvn3(text.upper()),
    "TCVN3 capital font": lambda text: in_tcvn3(text.lower()),
    "VNI": in_vni,
    "VNI capitals": lambda text: in_vni(text.upper()),
}


def sheet(*texts: Cell) -> Sheet:
    return Sheet("DS", True, 1, 1, [["Ho ten"], *([text] for text in texts)])


def wrong(read: UnicodeRows, names: list[str]) -> list[Cell]:
    """Names read with other letters that are not marked as uncertain."""
    return [
        read.rows[r][0]
        for r, name in enumerate(names, start=1)
        if (r, 0) not in read.uncertain and str(read.rows[r][0]).lower() != name.lower()
    ]


@pytest.mark.parametrize("way", WAYS)
def test_list_in_one_way_of_writing_is_read_for_certain(way: str) -> None:
    read = in_unicode(sheet(*map(WAYS[way], NAMES)))

    assert wrong(read, NAMES) == []
    assert read.uncertain == frozenset()


def test_every_list_of_two_has_no_wrong_letters_that_pass() -> None:
    ways = [(name, way, WAYS[way](name)) for name in NAMES for way in WAYS]
    passed: list[object] = []
    for first, second in product(ways, repeat=2):
        read = in_unicode(sheet(first[2], second[2]))
        if wrong(read, [first[0], second[0]]):
            passed.append((first[:2], second[:2]))

    assert passed == []


@pytest.mark.parametrize("name", ["Mai Bá Trâm", "Cao Minh Chín", "Ngô Lan", "Cao Hoàng", "Phan Thanh Hoà"])
@pytest.mark.parametrize("around", [in_tcvn3, in_vni])
def test_unicode_name_beside_an_old_font_keeps_its_letters(around: Callable[[str], str], name: str) -> None:
    read = in_unicode(sheet(around("Nguyễn Thị Hồng Thắm"), name))

    assert wrong(read, ["Nguyễn Thị Hồng Thắm", name]) == []


@example([("Nguyễn Thị Hoà", "TCVN3"), ("Lê Hoà", "Unicode")])
@example([("Phan Minh Tuấn", "TCVN3 capitals"), ("Nguyễn Thị Hoà", "Unicode")])
@given(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(list(WAYS))), min_size=1, max_size=6))
def test_mixed_list_has_no_wrong_letters_that_pass(written: list[tuple[str, str]]) -> None:
    read = in_unicode(sheet(*(WAYS[way](name) for name, way in written)))

    assert wrong(read, [name for name, _way in written]) == []


@pytest.mark.parametrize("change", [str.upper, str.lower])
def test_letters_whose_case_a_spreadsheet_changed_are_uncertain(change: Callable[[str], str]) -> None:
    names = ["Bùi Khánh Phượng", "Hoàng Thị Chút", "Trần Thuý Thương", "Tôn Thất Viết Minh"]

    read = in_unicode(sheet(*(change(in_tcvn3(name)).replace("\u039c", "\xb5") for name in names)))

    assert wrong(read, names) == []


@pytest.mark.parametrize("text", ["Nguy\xd4\xd4n V\xa8n An", "Tr\xc7n Th\xf8 Ho\xf1", "Mller \xfc\xdf"])
def test_text_that_no_font_makes_sense_of_is_uncertain(text: str) -> None:
    assert in_unicode(sheet("Nguyễn Văn An", text)).uncertain == {(2, 0)}


@pytest.mark.parametrize(
    "text", ["ĐH Kinh tế", "H'Hen Niê", "Y Moan Êban", "25 m² – ½ ngày", "«Đường số 4»", "CĐ"]
)
def test_unicode_text_with_odd_words_is_certain(text: str) -> None:
    read = in_unicode(sheet("Nguyễn Văn An", text))

    assert (read.rows[2][0], read.uncertain) == (text, frozenset())
