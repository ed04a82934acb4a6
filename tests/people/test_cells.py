"""Cells about people: years of birth in all their forms, sex, lists in one cell."""

from datetime import date, datetime

import pytest

from lopso.kernel.workbook.reading import Cell
from people.birth_years import read_age, read_year
from people.cells import split_list

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("cell", "year"),
    [
        (1953.0, 1953),
        ("1962", 1962),
        (date(1956, 9, 30), 1956),
        (datetime.fromisoformat("1956-09-30T00:00"), 1956),
        ("26/5/69", 1969),
        ("9/8/1946", 1946),
        ("06/1987", 1987),
        ("26-05-1969", 1969),
        ("1969-05-26", 1969),
        ("26.5.69", 1969),
        ("10/4/04", 2004),
        ("SN 1950", 1950),
        ("khoảng 1950", 1950),
        ("195O", 1950),
        (69.0, 1969),
        ("69", 1969),
        (25349.0, 1969),
        (26051969.0, 1969),
        ("26051969", 1969),
        (2051969.0, 1969),
        (date(2029, 7, 5), 1929),
        ("65 tuổi", 1961),
    ],
)
def test_year_of_birth_in_any_form_is_read(cell: Cell, year: int) -> None:
    reading = read_year(cell, today=TODAY)

    assert (reading.year, reading.doubt) == (year, None)


@pytest.mark.parametrize("cell", ["", "x", "không nhớ", None, "-"])
def test_missing_year_is_no_doubt(cell: Cell) -> None:
    assert read_year(cell, today=TODAY).doubt is None
    assert read_year(cell, today=TODAY).year is None


@pytest.mark.parametrize(
    ("cell", "doubt"),
    [
        ("1853", "Năm sinh không hợp lý: 1853"),
        (2035.0, "Năm sinh không hợp lý: 2035"),
        (2026.0, "Năm sinh không hợp lý: 2026"),
        (195.0, "Năm sinh không hợp lý: 195"),
        ("1950-1955", "Không đọc được năm sinh: 1950-1955"),
    ],
)
def test_impossible_year_is_doubted(cell: Cell, doubt: str) -> None:
    reading = read_year(cell, today=TODAY)

    assert (reading.year, reading.doubt) == (None, doubt)


def test_age_gives_year_of_birth() -> None:
    assert read_age(65.0, today=TODAY).year == 1961
    assert read_age("65 tuổi", today=TODAY).year == 1961
    assert read_age(1961.0, today=TODAY).year == 1961
    assert read_age(None, today=TODAY).year is None
    assert read_age(250.0, today=TODAY).doubt == "Tuổi không hợp lý: 250"


def test_list_in_one_cell_is_split() -> None:
    assert split_list("Cán bộ hưu trí, Người cao tuổi") == ["Cán bộ hưu trí", "Người cao tuổi"]
    assert split_list("VNeID; DVC/Thanh toán QR và An toàn") == ["VNeID", "DVC", "Thanh toán QR", "An toàn"]
    assert split_list(" - ") == []
