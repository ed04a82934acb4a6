"""Names, sex, phones and e-mail of persons in the cells of a list: how they look, and how they are read."""

import re
from collections.abc import Sequence
from typing import Literal

from lopso.kernel.i18n import gettext as _
from lopso.kernel.lost_digits import lost_digits
from lopso.kernel.mail_address import read_address
from lopso.kernel.person_names import TidyName, is_whole_name, tidy_name
from lopso.kernel.phone import PhoneReading, read_phone
from lopso.kernel.private_numbers import LEFT_OUT
from lopso.kernel.surnames import is_surname
from lopso.kernel.workbook.fields import cell_text
from lopso.kernel.workbook.reading import Cell
from lopso.kernel.workbook.rows import RawRow

Sex = Literal["female", "male"]

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
    return 1.0 if is_surname(words[0]) else 0.4


def looks_like_one_word(cell: Cell) -> float:
    return 1.0 if isinstance(cell, str) and re.fullmatch(r"[^\W\d_]+", cell.strip()) else 0.0


def looks_like_family_names(cell: Cell) -> float:
    if not isinstance(cell, str) or any(char.isdigit() for char in cell):
        return 0.0
    words = cell.split()
    return 1.0 if 1 <= len(words) <= 6 and is_surname(words[0]) else 0.3


def looks_like_sex(cell: Cell) -> float:
    text = cell_text(cell)
    return 1.0 if text.casefold() in _SEXES or text.casefold() == "n" else 0.0


def looks_like_mark(cell: Cell) -> float:
    return 1.0 if cell_text(cell).strip().casefold() in _MARKS else 0.0


def looks_like_phone(cell: Cell) -> float:
    if lost_digits(cell):
        return 0.6  # a column of damaged numbers is one of phones all the same
    reading = read_phone(cell)
    if reading.kind in ("mobile", "landline"):
        return 1.0
    if reading.kind == "none":
        return 0.6 if reading.remark is None else 0.2
    return 0.3 if sum(map(str.isdigit, cell_text(cell))) in range(8, 12) else 0.0


def looks_like_email(cell: Cell) -> float:
    return 1.0 if isinstance(cell, str) and "@" in cell else 0.0


# --- Reading ---


_NAMES = ("full_name", "family_names", "given_name")


def read_name(row: RawRow) -> TidyName:
    """Return the person's name from one column, or from surname and given name apart."""
    parts = map(row.text, _NAMES)
    return tidy_name(" ".join(part for part in parts if part))


def two_names(row: RawRow) -> str | None:
    """Return a sentence when a row names two people: in lists side by side, or on two lines of a cell."""
    written = [cell for name in _NAMES for cell in row.values.get(name, ())]
    lines = [line for cell in written if isinstance(cell, str) for line in cell.splitlines()]
    # "Hà Anh" beside "Nguyễn Thị" is a given name.
    if any(is_whole_name(line) and len(line.split()) > 2 for line in lines[1:]):
        return _("Một dòng ghi hai người: mỗi người xin ghi một dòng")
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


def read_phones(row: RawRow) -> PhoneReading:
    """Read the columns of phones as one; a number that lost digits is seen by the cell, not by its text."""
    own = [text for cell in row.values.get("phone", ()) if (text := _without_mark(cell))]
    written: Sequence[Cell] = [*own, *_of_relatives(row, alone=not own)]
    if not written and row.values.get("phone"):
        return PhoneReading(None, "unknown", doubt=_("Ô số điện thoại ghi số giấy tờ, nên đã bỏ"))
    damaged = next((cell for cell in written if lost_digits(cell)), None)
    return read_phone(" / ".join(map(cell_text, written)) if damaged is None else damaged)


def _of_relatives(row: RawRow, *, alone: bool) -> Sequence[Cell]:
    """Numbers of somebody else, behind the own ones and named as such."""
    found = [text for cell in row.values.get("relative_phone", ()) if (text := _without_mark(cell))]
    if damaged := [cell for cell in found if lost_digits(cell)]:
        return damaged if alone else []
    return [_("%(phone)s (người thân)", phone=cell_text(cell)) for cell in found]


def _without_mark(cell: Cell) -> Cell:
    """The cell without what stands where the number of a paper was."""
    return cell.replace(LEFT_OUT, "").strip(" /;,-") if isinstance(cell, str) and LEFT_OUT in cell else cell


def read_email(row: RawRow) -> str | None:
    """Return the e-mail address of a row, or None when there is none that could be one."""
    return read_address(row.text("email"))


def split_list(text: str) -> list[str]:
    """Split "Cán bộ hưu trí, Người cao tuổi" into its items."""
    return [item for part in re.split(r"[,;/+\n]|\s[-–]\s|\bvà\b", text) if (item := part.strip(" .-–•"))]
