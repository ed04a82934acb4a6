"""Years of birth in the cells of a list: a year, a date, an age, in every form wards write them."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from lopso.kernel.i18n import gettext as _
from lopso.kernel.workbook.fields import cell_text
from lopso.kernel.workbook.reading import Cell
from lopso.kernel.workbook.rows import RawRow
from people.cells import looks_like_mark

_OLDEST = 115  # years


_UNKNOWN = frozenset(
    {
        "", "không rõ", "không nhớ", "không biết", "không có", "không", "ko", "ko rõ", "k", "kr", "k rõ",
        "kx", "chưa rõ", "chưa biết", "chưa có", "chưa", "thiếu", "n/a", "na", "x",
    }
)  # fmt: skip
"""What stands where nobody knows the year."""
_CLOCK = re.compile(r"\b\d{1,2}:\d{2}(?::\d{2})?\b")


def looks_like_moment(cell: Cell) -> float:
    """A date, likelier with an hour: when a form was sent, not when somebody was born."""
    if isinstance(cell, date):
        return 1.0
    text = cell_text(cell)
    dated = re.search(r"\b\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}\b", text)
    return 1.0 if dated or _CLOCK.search(text) else 0.0


def looks_like_year(cell: Cell) -> float:
    if isinstance(cell, datetime) and cell.time() != time():
        return 0.0  # a moment of a form
    if isinstance(cell, date):
        return 1.0
    if isinstance(cell, float | int):
        return 1.0 if 1900 <= cell <= 2100 or 1_000_000 < cell < 31_129_999 else 0.0
    text = cell_text(cell)
    if _CLOCK.search(text):
        return 0.0
    if re.search(r"\b(?:19|20)\d\d\b", text) or re.fullmatch(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}", text):
        return 1.0
    return 0.0


def looks_like_age(cell: Cell) -> float:
    number = _integer(re.sub(r"\D", "", cell) if isinstance(cell, str) else cell)
    return 1.0 if number is not None and 3 <= number <= _OLDEST else 0.0


@dataclass(frozen=True, slots=True)
class YearReading:
    """A year of birth; `doubt` when saving it would likely be wrong, `repair` when it was corrected."""

    year: int | None
    doubt: str | None = None
    repair: str | None = None


def read_birth(row: RawRow, *, today: date) -> YearReading:
    """Read the year of birth from whichever column the list has for it: a year, a date, an age."""
    for field in ("birth", "birth_male", "birth_female"):
        cell = row.first(field)
        if cell is not None and cell_text(cell).strip(" -.") and not looks_like_mark(cell):
            return read_year(cell, today=today)
    return read_age(row.first("age"), today=today)


def read_age(cell: Cell, *, today: date) -> YearReading:
    """Read a year of birth from an age in years; a year written in the column of ages is taken as such."""
    if looks_like_year(cell):
        return read_year(cell, today=today)
    found = re.search(r"\d{1,3}", cell_text(cell))
    if found is None:
        return YearReading(None)
    age = int(found[0])
    if not 3 <= age <= _OLDEST:
        return YearReading(None, doubt=_("Tuổi không hợp lý: %(text)s", text=cell_text(cell)))
    return YearReading(today.year - age, repair=_("Năm sinh tính từ tuổi %(age)s", age=age))


def read_year(cell: Cell, *, today: date) -> YearReading:
    """Read a year of birth: 1953, "1962", a date, "26/5/69", "06/1987", "SN 1950"."""
    if isinstance(cell, date):
        # A spreadsheet takes "5/7/29" for 2029.
        year = cell.year - 100 if cell.year > today.year else cell.year
        return _plausible(year, cell, today, repaired=year != cell.year)
    number = _integer(cell)
    if number is not None:
        return _year_of_number(number, cell, today)
    text = re.sub(r"(?<=\d)[oO]|[oO](?=\d)", "0", cell_text(cell))
    if age := re.fullmatch(r"(\d{1,3})\s*(?:tuổi|tuoi|t)", text, re.IGNORECASE):
        return read_age(int(age[1]), today=today)
    years = {int(found) for found in re.findall(r"(?<!\d)(?:1[89]|20)\d\d(?!\d)", text)}
    if len(years) == 1:
        return _plausible(years.pop(), cell, today, repaired=text != cell_text(cell))
    short = re.fullmatch(r"(?:\d{1,2}\s*[/.-]\s*){1,2}(\d{2})", text)
    if not years and short:
        return _plausible(_century(int(short[1]), today), cell, today)
    if text.casefold().strip(" .-?()") in _UNKNOWN:
        return YearReading(None)
    return YearReading(None, doubt=_("Không đọc được năm sinh: %(text)s", text=cell_text(cell)))


def _year_of_number(number: int, cell: Cell, today: date) -> YearReading:
    if 0 < number < 100 and len(cell_text(cell)) == 2:
        return _plausible(_century(number, today), cell, today, repaired=True)
    if 10_000 <= number <= 45_000:  # a date shown as the bare number of days
        day = date(1899, 12, 30) + timedelta(days=number)
        return _plausible(day.year, cell, today, repaired=True)
    if 1_000_000 < number <= 31_129_999:  # 26051969
        return _plausible(number % 10_000, cell, today, repaired=True)
    return _plausible(number, cell, today)


def _century(short: int, today: date) -> int:
    """Return the likelier year: nobody younger than six goes to class."""
    return 2000 + short if 2000 + short <= today.year - 6 else 1900 + short


def _plausible(year: int, cell: Cell, today: date, *, repaired: bool = False) -> YearReading:
    if not today.year - _OLDEST <= year <= today.year - 3:
        return YearReading(None, doubt=_("Năm sinh không hợp lý: %(text)s", text=cell_text(cell)))
    repair = _("Hiểu “%(text)s” là sinh năm %(year)s", text=cell_text(cell), year=year) if repaired else None
    return YearReading(year, repair=repair)


def _integer(cell: Cell) -> int | None:
    if isinstance(cell, bool):
        return None
    if isinstance(cell, float | int) and float(cell).is_integer():
        return int(cell)
    if isinstance(cell, str) and re.fullmatch(r"\d{1,9}(?:\.0)?", cell.strip()):
        return int(float(cell))
    return None
