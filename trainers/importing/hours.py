"""When somebody is free, as lists say it: "Tối T2-T6", "Sáng T3, T5", "Cuối tuần", "T7, CN", "sau 17h"."""

import re
from datetime import time

from lopso.kernel.parsing import read_time
from lopso.kernel.text import fold
from trainers.rules import AFTERNOON, DAY, EVENING, MORNING, WeeklyHours

_OFFICE = (MORNING, AFTERNOON)
_PARTS: dict[str, tuple[tuple[time, time], ...]] = {
    "sang": (MORNING,), "buoi sang": (MORNING,), "trua": ((time(11), time(13, 30)),), "chieu": (AFTERNOON,),
    "toi": (EVENING,), "dem": (EVENING,), "ca ngay": (DAY,), "gio hanh chinh": _OFFICE, "hanh chinh": _OFFICE,
    "ngoai gio": (EVENING,), "sau gio lam": (EVENING,), "ngoai gio hanh chinh": (EVENING,),
    "sau gio hanh chinh": (EVENING,),
}  # fmt: skip
_EVERY_DAY = range(7)
_WORKING = range(5)
_WEEKEND = range(5, 7)
_DAY_WORDS = {"hai": 0, "ba": 1, "tu": 2, "nam": 3, "sau": 4, "bay": 5}
_DAY = r"(?:t|thu)\s*[2-7]|thu\s+(?:hai|ba|tu|nam|sau|bay)|cn|chu nhat"
_HOURS = re.compile(r"(\d{1,2})\s*(?:h|g|:)\s*(\d{2})?\s*(?:-|den|toi)\s*(\d{1,2})\s*(?:h|g|:)?\s*(\d{2})?")
_FROM = re.compile(r"(?:sau|tu)\s*(\d{1,2})\s*(?:h|g|:)\s*(\d{2})?")
_UNTIL = re.compile(r"truoc\s*(\d{1,2})\s*(?:h|g|:)\s*(\d{2})?")


def free_times(text: str) -> tuple[WeeklyHours, ...] | None:
    """Read the weekly times of one cell, in order of the week; None when it says no time that is known."""
    found: set[WeeklyHours] = set()
    waiting = ""
    for clause in re.split(r"[;+\n/]|\bva (?=(?:sang|chieu|toi)\b)|,(?=\s*(?:sang|chieu|toi)\b)", fold(text)):
        said = f"{waiting} {clause}".replace("–", "-").strip(" .,")
        if _parts_of_day(said) and not _days(said):
            waiting = said  # "Sáng, chiều T7": the day comes with the next words
            continue
        waiting = ""
        if said:
            times = _clause(said)
            if times is None:
                return None
            found |= times
    if waiting:
        found |= _clause(waiting) or set()
    return tuple(sorted(_without_inner(found))) or None


def _clause(text: str) -> set[WeeklyHours] | None:
    days = _days(text)
    parts = _parts_of_day(text)
    if days is None and parts is None:
        return None
    if days is None:
        # "Giờ hành chính", "sau giờ làm" speak of working days; "Tối" of every day.
        days = list(_WORKING) if re.search(r"hanh chinh|gio lam|ngoai gio", text) else list(_EVERY_DAY)
    return {WeeklyHours(day, since, until) for day in days for since, until in parts or (DAY,)}


def _days(text: str) -> list[int] | None:
    """Return the weekdays named: ranges (T2-T6), lists (T3, T5), words (cuối tuần, cả tuần)."""
    if re.search(
        r"\b(?:ca tuan|hang ngay|moi ngay|tat ca cac ngay|linh hoat|bat ky|moi luc|luc nao cung)\b", text
    ):
        return list(_EVERY_DAY)
    if re.search(r"\b(?:cuoi tuan|ngay nghi)\b", text):
        return list(_WEEKEND)
    if re.search(r"\b(?:trong tuan|ngay thuong|ngay lam viec)\b", text):
        return list(_WORKING)
    days: set[int] = set()
    rest = text
    for span in re.finditer(rf"\b({_DAY})\s*(?:-|den|toi)\s*({_DAY}|[2-7])(?!\d|h)", text):
        first, last = _weekday(span[1]), _weekday(span[2])
        days |= set(range(first, last + 1)) if first <= last else {*range(first, 7), *range(last + 1)}
        rest = rest.replace(span[0], " ")
    days |= {_weekday(day) for day in re.findall(rf"\b({_DAY})(?!\d)", rest)}
    # "T2, 4, 6": bare numbers after a named day.
    if days:
        days |= {_weekday(day) for day in re.findall(r"(?:[,.\s]|va)\s*([2-7])(?=\s*(?:,|\.|va|$))", rest)}
    return sorted(days) or None


def _weekday(word: str) -> int:
    if word in ("cn", "chu nhat"):
        return 6
    digits = re.sub(r"\D", "", word)
    return int(digits) - 2 if digits else _DAY_WORDS[word.split()[-1]]


def _parts_of_day(text: str) -> tuple[tuple[time, time], ...] | None:
    if hours := _HOURS.search(text):
        since, until = _time(hours[1], hours[2]), _time(hours[3], hours[4])
        return ((since, until),) if since and until and since < until else None
    if begin := _FROM.search(text):
        since = _time(begin[1], begin[2])
        return ((since, EVENING[1]),) if since and since < EVENING[1] else None
    if end := _UNTIL.search(text):
        until = _time(end[1], end[2])
        return ((MORNING[0], until),) if until and until > MORNING[0] else None
    named = [parts for word, parts in _PARTS.items() if re.search(rf"\b{word}\b", text)]
    if re.search(r"gio hanh chinh|gio lam|ngoai gio", text):
        named = [
            max(((word, parts) for word, parts in _PARTS.items() if word in text), key=lambda p: len(p[0]))[1]
        ]
    return tuple(dict.fromkeys(part for parts in named for part in parts)) or None


def _time(hour: str, minute: str | None) -> time | None:
    return read_time(f"{hour}h{minute or ''}")


def _without_inner(times: set[WeeklyHours]) -> set[WeeklyHours]:
    """Leave out what another time of the same day already holds."""
    return {
        each
        for each in times
        if not any(
            other != each
            and other.weekday == each.weekday
            and other.since <= each.since
            and each.until <= other.until
            for other in times
        )
    }
