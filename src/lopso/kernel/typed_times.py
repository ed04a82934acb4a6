"""A time of day as people write it."""

import re
from collections.abc import Callable
from datetime import time

from lopso.kernel.text import fold, half_width

_LONGEST = 40  # characters
_TIME = re.compile(
    r"(?:luc\s+)?(?P<hour>\d{1,2})"
    r"(?:\s*(?:h|g|gio|:|\.)\s*(?:(?P<minute>\d{1,2})(?::00)?\s*(?:p|ph|phut|')?)?)?"
    r"(?:\s*(?P<half>ruoi)|\s*kem\s+(?P<before>\d{1,2})\s*(?:p|ph|phut)?)?"
    r"(?:\s*(?P<part>sang|trua|chieu|toi|dem|khuya|am|pm|sa|ch))?",
    re.ASCII,
)


def _same_or_later(first: int, last: int) -> Callable[[int], int | None]:
    """Hours that are `first` to `last` on a dial, in the afternoon; "20h tối" stays as it is."""

    def read(hour: int) -> int | None:
        if first <= hour <= last:
            return hour + 12
        return hour if first + 12 <= hour <= last + 12 else None

    return read


def _noon(hour: int) -> int | None:
    return {1: 13, 2: 14}.get(hour, hour if 10 <= hour <= 14 else None)


def _night(hour: int) -> int | None:
    if hour == 12:
        return 0
    return hour if hour <= 4 else _same_or_later(8, 11)(hour)


def _evening(hour: int) -> int | None:
    return 0 if hour == 12 else _same_or_later(5, 11)(hour)


def _afternoon(hour: int) -> int | None:
    return 12 if hour == 12 else _same_or_later(1, 7)(hour)


def _before_noon(hour: int) -> int | None:
    return hour % 12 if 1 <= hour <= 12 else None


def _after_noon(hour: int) -> int | None:
    return hour % 12 + 12 if 1 <= hour <= 23 else None


_PARTS_OF_DAY: dict[str, Callable[[int], int | None]] = {
    "sang": lambda hour: hour if hour < 12 else None,
    "trua": _noon,
    "chieu": _afternoon,
    "toi": _evening,
    "dem": _night,
    "khuya": _night,
    # As telephones write it, in English and in Vietnamese.
    "am": _before_noon,
    "sa": _before_noon,
    "pm": _after_noon,
    "ch": _after_noon,
}


def read_time(text: str) -> time | None:
    """A time of day: "8h30", "8:30", "14g30", "8 giờ 30 sáng", "8h30 tối" (20h30), "8 rưỡi", "9 giờ kém 15".

    Accents may be missing. None when it makes no sense ("13h sáng").
    """
    found = _TIME.fullmatch(fold(half_width(text))) if len(text) <= _LONGEST else None
    if found is None or (found["minute"] and (found["half"] or found["before"])):
        return None
    hour: int | None = int(found["hour"])
    if found["part"]:
        hour = _PARTS_OF_DAY[found["part"]](hour)
    if hour is None:
        return None
    minutes = 30 if found["half"] else int(found["minute"] or 0)
    return _before(hour, int(found["before"])) if found["before"] else _time(hour, minutes)


def _time(hour: int, minute: int) -> time | None:
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _before(hour: int, minutes: int) -> time | None:
    """So many minutes before the full hour."""
    return time((hour - 1) % 24, 60 - minutes) if hour < 24 and 0 < minutes < 60 else None
