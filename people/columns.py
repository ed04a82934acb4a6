"""Columns that lists of people share, and how their cells are read."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

from lopso.kernel.i18n import gettext as _
from lopso.kernel.phone import read_phone
from lopso.kernel.text import TidyName, fold, tidy_name
from lopso.kernel.workbook.columns import looks_like_ordinal
from lopso.kernel.workbook.fields import HANDED_BACK, Field, cell_text
from lopso.kernel.workbook.reading import Cell
from lopso.kernel.workbook.rows import RawRow

Sex = Literal["female", "male"]

_KNOWN = json.loads((Path(__file__).parent / "columns.json").read_text(encoding="utf-8"))
_SURNAMES: frozenset[str] = frozenset(_KNOWN["surnames"])
_OLDEST = 115  # years


# --- How values look ---


def looks_like_name(cell: Cell) -> float:
    """Two to seven words of letters, better when the first is a surname."""
    if not isinstance(cell, str):
        return 0.0
    words = tidy_name(cell).name.split()
    if not 2 <= len(words) <= 7 or not re.fullmatch(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*", words[0]):
        return 0.0
    if any(char.isdigit() for char in cell):
        return 0.0
    return 1.0 if fold(words[0]) in _SURNAMES else 0.4


def looks_like_one_word(cell: Cell) -> float:
    return 1.0 if isinstance(cell, str) and re.fullmatch(r"[^\W\d_]+", cell.strip()) else 0.0


def looks_like_family_names(cell: Cell) -> float:
    if not isinstance(cell, str) or any(char.isdigit() for char in cell):
        return 0.0
    words = cell.split()
    return 1.0 if 1 <= len(words) <= 6 and fold(words[0]) in _SURNAMES else 0.3


def looks_like_year(cell: Cell) -> float:
    if isinstance(cell, date):
        return 1.0
    if isinstance(cell, float | int):
        return 1.0 if 1900 <= cell <= 2100 or 1_000_000 < cell < 31_129_999 else 0.0
    text = cell_text(cell)
    if re.search(r"\b(?:19|20)\d\d\b", text) or re.fullmatch(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}", text):
        return 1.0
    return 0.0


def looks_like_age(cell: Cell) -> float:
    number = _integer(re.sub(r"\D", "", cell) if isinstance(cell, str) else cell)
    return 1.0 if number is not None and 3 <= number <= _OLDEST else 0.0


def looks_like_sex(cell: Cell) -> float:
    text = cell_text(cell)
    return 1.0 if text.casefold() in _SEXES or text.casefold() == "n" else 0.0


def looks_like_mark(cell: Cell) -> float:
    return 1.0 if cell_text(cell).strip().casefold() in _MARKS else 0.0


def looks_like_phone(cell: Cell) -> float:
    reading = read_phone(cell)
    if reading.kind in ("mobile", "landline"):
        return 1.0
    if reading.kind == "none":
        return 0.6 if reading.remark is None else 0.2
    return 0.3 if sum(map(str.isdigit, cell_text(cell))) in range(8, 12) else 0.0


def looks_like_email(cell: Cell) -> float:
    return 1.0 if isinstance(cell, str) and "@" in cell else 0.0


# --- The columns ---


def _field(
    name: str,
    looks: Callable[[Cell], float] | None = None,
    *,
    several: bool = False,
    by_content: bool = False,
    shy: bool = False,
    kept: bool = True,
    goes_on: str | None = None,
) -> Field:
    headers = tuple(_KNOWN["headers"][name])
    return Field(
        name, headers, looks, several=several, by_content=by_content, shy=shy, kept=kept, goes_on=goes_on
    )


PERSON: Sequence[Field] = (
    _field("ordinal", looks_like_ordinal, by_content=True),
    _field("full_name", looks_like_name, by_content=True, goes_on="given_name"),
    _field("family_names", looks_like_family_names),
    _field("given_name", looks_like_one_word),
    _field("birth", looks_like_year, by_content=True),
    _field("birth_male", looks_like_year, shy=True),
    _field("birth_female", looks_like_year, shy=True),
    _field("age", looks_like_age),
    _field("sex", looks_like_sex, by_content=True),
    _field("sex_male", looks_like_mark, shy=True),
    _field("sex_female", looks_like_mark, shy=True),
    _field("phone", looks_like_phone, several=True, by_content=True),
    _field("email", looks_like_email, by_content=True),
    _field("note", several=True),
    # What the law and the domain forbid to collect: recognised so that it is left out.
    _field("never_stored", several=True, kept=False),
    HANDED_BACK,
)
NAMES = frozenset({"full_name", "family_names", "given_name"})


def labels() -> dict[str, str]:
    """Return what each field is called on screen, in the reader's language."""
    return {
        "ordinal": _("STT"),
        "full_name": _("Họ và tên"),
        "family_names": _("Họ và tên đệm"),
        "given_name": _("Tên (không kèm họ)"),
        "birth": _("Năm sinh"),
        "birth_male": _("Năm sinh (nam)"),
        "birth_female": _("Năm sinh (nữ)"),
        "age": _("Tuổi"),
        "sex": _("Giới tính"),
        "sex_male": _("Nam"),
        "sex_female": _("Nữ"),
        "phone": _("Điện thoại"),
        "email": _("E-mail"),
        "note": _("Ghi chú"),
        "never_stored": _("Không lưu (thông tin riêng tư)"),
    }


# --- Reading ---


def read_name(row: RawRow) -> TidyName:
    """Return the person's name from one column, or from surname and given name apart."""
    parts = [row.text("full_name"), row.text("family_names"), row.text("given_name")]
    return tidy_name(" ".join(part for part in parts if part))


@dataclass(frozen=True, slots=True)
class YearReading:
    """A year of birth; `doubt` when saving it would likely be wrong, `repair` when it was mended."""

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
    if not re.search(r"\d", text):
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


_SEXES: dict[str, Sex] = {
    "nam": "male", "m": "male", "male": "male", "trai": "male", "ông": "male", "anh": "male",
    "nữ": "female", "nu": "female", "nư": "female", "f": "female", "female": "female", "gái": "female",
    "bà": "female", "chị": "female", "con gái": "female", "nừ": "female", "nử": "female",
}  # fmt: skip
_MARKS = {"x", "×", "✓", "✔", "v", "1", "o", "+", "*", "có", "true"}


def read_sex(row: RawRow) -> Sex | None:
    """Read the sex from one column of words or two columns of marks; None when it is not certain ("N")."""
    written = _SEXES.get(row.text("sex").casefold().strip(" ."))
    if written:
        return written
    female = bool(row.values.get("sex_female") or row.values.get("birth_female"))
    male = bool(row.values.get("sex_male") or row.values.get("birth_male"))
    return None if female == male else "female" if female else "male"


def read_email(row: RawRow) -> str | None:
    """Return the e-mail address of a row, or None when there is none that could be one."""
    return email_in(row.text("email"))


def email_in(text: str) -> str | None:
    """Return an address in lower case, or None when `text` cannot be one."""
    address = "".join(text.split()).lower()
    return address if re.fullmatch(r"[^@\s]+@[^@\s]+\.[a-z]{2,}", address) else None


def split_list(text: str) -> list[str]:
    """Split "Cán bộ hưu trí, Người cao tuổi" into its items."""
    return [item for part in re.split(r"[,;/+\n]|\s[-–]\s|\bvà\b", text) if (item := part.strip(" .-–•"))]
