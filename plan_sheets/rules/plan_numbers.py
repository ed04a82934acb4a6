"""Numbers in a plan sheet: meetings and seats."""

import re

from lopso.kernel import formatting
from lopso.kernel.i18n import gettext as _
from lopso.kernel.text import fold
from scheduling.rules.recurrence import MOST_MEETINGS

MOST_SEATS = 5000
_NUMBER = re.compile(
    r"(?:khoang|tu|du kien|toi da|~|≈)?\s*(?P<low>\d{1,6})(?:\s*(?:-|–|den)\s*(?P<high>\d{1,6}))?\s*"
    r"(?:buoi|nguoi|hoc vien|hv|hoc sinh|tiet|cho)?",
    re.ASCII,
)


def read_meetings(text: str) -> tuple[int | None, str, str]:
    """A number of meetings; with what is wrong with it, and how it was understood."""
    number, spread = _number(text)
    if not text:
        return None, "", ""
    if number is None or spread:
        return None, _("“%(text)s” chưa đọc được thành số buổi.", text=text), ""
    if not 1 <= number <= MOST_MEETINGS:
        said = _(
            "%(n)s buổi: một chuỗi có từ 1 đến %(high)s buổi.",
            n=formatting.number(number),
            high=MOST_MEETINGS,
        )
        return None, said, ""
    return number, "", ""


def read_seats(text: str) -> tuple[int | None, str, str]:
    """As `read_meetings`, for seats: of "25-30" the larger."""
    number, spread = _number(text)
    if not text:
        return None, "", ""
    if number is None:
        return None, _("“%(text)s” chưa đọc được thành số học viên.", text=text), ""
    if not 1 <= number <= MOST_SEATS:
        return None, _("Số học viên từ 1 đến %(high)s.", high=formatting.number(MOST_SEATS)), ""
    note = _("“%(text)s” học viên: lấy %(n)s chỗ.", text=text, n=number) if spread else ""
    return number, "", note


def _number(text: str) -> tuple[int | None, bool]:
    found = _NUMBER.fullmatch(fold(text))
    if found is None:
        return None, False
    low, high = int(found["low"]), int(found["high"] or found["low"])
    return (high, high != low) if high >= low else (None, True)
