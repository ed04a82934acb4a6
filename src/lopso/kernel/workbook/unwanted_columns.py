"""Columns nobody recognised that must not be kept: numbers of papers and accounts, marks of attendance."""

import re
from collections.abc import Sequence
from datetime import date

from lopso.kernel.private_numbers import is_private_number
from lopso.kernel.text import fold
from lopso.kernel.workbook.fields import ATTENDANCE, PRIVATE_NUMBERS, ListField, ListLayout, cell_text
from lopso.kernel.workbook.headers import HeaderName
from lopso.kernel.workbook.reading import Cell

_MARKS = {
    *("x", "×", "✓", "✔", "v", "p", "k", "kp", "cp", "có", "vắng", "+", "-", "o", "/", "\\", "đ", "c", "n"),
    *("h", "0", "1"),
}
_DATED = re.compile(
    r"\d{1,2}\s?[/.-]\s?\d{1,2}(?:[/.-]\d{2,4})?"
    r"|(?:buoi|ngay|tuan|tiet|lan|b)\.? ?(?:hoc |so |thu )?\d{1,2}\b.{0,12}|(?:buoi|ngay) hoc"
)
_SUM = re.compile(r"(?:tong|cong|so buoi|so ngay|vang|ty le)\b")
_SHEET_OF_MARKS = re.compile(r"\b(?:diem danh|cham cong)\b")
_TOP = 3  # rows below the header that may hold dates

Assigned = list[tuple[ListField | None, bool]]


def leave_out_unwanted(
    given: Assigned,
    names: Sequence[HeaderName],
    values: Sequence[Sequence[Cell]],
    layout: ListLayout,
    titles: Sequence[Sequence[Cell]],
) -> None:
    """Assign unknown columns whose values must not be kept to the fields that are left out.

    Args:
        values: of each column, below the header. titles: the rows down to the header.
    """
    if PRIVATE_NUMBERS in layout.fields:
        for c, (field, sure) in enumerate(given):
            guessed = field is None or not (sure or field.long_numbers)
            if guessed and _mostly_private(values[c]):
                given[c] = (PRIVATE_NUMBERS, True)
    if ATTENDANCE in layout.fields:
        for c in _attendance(_unknown(given), names, values, titles):
            given[c] = (ATTENDANCE, True)


def _unknown(given: Assigned) -> list[int]:
    return [c for c, (field, _sure) in enumerate(given) if field is None]


def _mostly_private(values: Sequence[Cell]) -> bool:
    texts = [text for value in values if (text := cell_text(value))]
    return 2 * sum(map(is_private_number, texts)) >= len(texts) > 0


def _attendance(
    unknown: Sequence[int],
    names: Sequence[HeaderName],
    values: Sequence[Sequence[Cell]],
    titles: Sequence[Sequence[Cell]],
) -> list[int]:
    """Return the columns of marks, and of their sums, of a sheet in which at least two days are marked."""
    marked = [c for c in unknown if _holds_marks(values[c])]
    dated = [c for c in unknown if _is_dated(names[c], values[c])]
    called = any(_SHEET_OF_MARKS.search(fold(cell_text(cell))) for row in titles for cell in row)
    if len(set(marked) & set(dated)) < (1 if called else 2):
        return []
    sums = [c for c in unknown if _SUM.match(fold(" ".join(names[c])))]
    return sorted({*dated, *sums, *(marked if called else ())})


def _holds_marks(values: Sequence[Cell]) -> bool:
    said = [cell_text(value).casefold() for value in values]
    marks = [text for text in said if text and not _DATED.fullmatch(fold(text))]
    return bool(marks) and 5 * sum(text in _MARKS or text.isdigit() for text in marks) >= 4 * len(marks)


def _is_dated(name: HeaderName, values: Sequence[Cell]) -> bool:
    top = [value for value in values[:_TOP] if value is not None]
    return any(isinstance(value, date) or _DATED.fullmatch(fold(cell_text(value))) for value in [*name, *top])
