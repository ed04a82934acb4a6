"""What people type, as values: whole numbers, money, times of day, days, instants, ids.

Every `read_…` takes one line of text and answers None when it makes no sense; none raises, whatever it is
given; `understand_date` says why. Phones are read in `lopso.kernel.phone`, names in `lopso.kernel.text`,
e-mail addresses in `lopso.kernel.mail_address`.
"""

import re
from datetime import UTC, datetime
from uuid import UUID

from lopso.kernel.text import half_width, nfc
from lopso.kernel.typed_dates import YEARS, NoSuchDay, read_date, understand_date
from lopso.kernel.typed_hours import HourSpan, NoSuchHours, find_hours
from lopso.kernel.typed_starts import Period, StartOfPlan, period_of_titles, understand_start
from lopso.kernel.typed_times import read_time
from lopso.kernel.typed_weekdays import UnclearWeekdays, read_weekdays

__all__ = [
    "LARGEST_ID",
    "YEARS",
    "HourSpan",
    "NoSuchDay",
    "NoSuchHours",
    "Period",
    "StartOfPlan",
    "UnclearWeekdays",
    "find_hours",
    "has_unreadable",
    "one_line",
    "period_of_titles",
    "read_date",
    "read_id",
    "read_instant",
    "read_money",
    "read_time",
    "read_uuid",
    "read_weekdays",
    "read_whole_number",
    "several_lines",
    "understand_date",
    "understand_start",
    "without_unreadable",
]

LARGEST_ID = 2**63 - 1  # bigint

_GROUPED = re.compile(r"\d{1,3}(?:[. \u00a0]\d{3})+|\d+", re.ASCII)  # "1200", "1.200", "1 200"
_CURRENCY = re.compile(r"\s*(?:đ|₫|đồng|vnđ|vnd)\.?$", re.IGNORECASE)
_LINE_BREAKS = re.compile(r"\r\n?|[\v\f\x85\u2028\u2029]")
# Control characters; lone surrogates; the mark where bytes were no UTF-8; and what turns the direction of
# writing, so that a text shows otherwise than it is stored.
_UNREADABLE = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffd\u202a-\u202e\u2066-\u2069]"
)


def has_unreadable(text: str) -> bool:
    """Whether `text` holds what nobody types, or lost letters; tabs and line breaks are ordinary."""
    return _UNREADABLE.search(text) is not None


def without_unreadable(text: str) -> str:
    """`text` as it can be shown again, the characters of `has_unreadable` left out."""
    return _UNREADABLE.sub("", text)


def one_line(text: str) -> str:
    """`text` in NFC with single spaces."""
    return " ".join(nfc(text).split())


def several_lines(text: str) -> str:
    """`text` in NFC, its line breaks as ``\\n``, nothing empty around it."""
    return _LINE_BREAKS.sub("\n", nfc(text)).strip()


def read_whole_number(text: str) -> int | None:
    """A whole number, "25", "1.200" or "1 200": not negative, at most 15 digits."""
    text = half_width(text).strip()
    if len(text) > 20 or not _GROUPED.fullmatch(text):
        return None
    digits = re.sub(r"\D", "", text)
    return int(digits) if len(digits) <= 15 else None


def read_money(text: str) -> int | None:
    """An amount in đồng: "350000", "350.000", "350.000 đ"."""
    return read_whole_number(_CURRENCY.sub("", text.strip())) if len(text) <= 40 else None


def read_id(text: str) -> int | None:
    """The id of a row, as our own pages write it."""
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 19):
        return None
    number = int(text)
    return number if 0 < number <= LARGEST_ID else None


def read_uuid(text: str) -> UUID | None:
    """A UUID in its usual writing."""
    try:
        return UUID(text) if len(text) <= 45 else None
    except ValueError:
        return None


def read_instant(text: str) -> datetime | None:
    """An instant in ISO 8601 with its zone, as UTC; without a zone it is none."""
    try:
        instant = datetime.fromisoformat(text.strip()) if len(text) <= 40 else None
        return instant.astimezone(UTC) if instant is not None and instant.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
