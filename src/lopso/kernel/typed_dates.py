"""A day as people write it: in numbers, in words, by the weekday, by the lunar calendar.

Day first, then month. A day without a year is the one between 60 days ago and ten months ahead; a weekday
is the next one, today included. Accents may be missing.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta

from lopso.kernel import formatting
from lopso.kernel.i18n import gettext as _
from lopso.kernel.lunar import LunarDay, solar_day
from lopso.kernel.text import fold, half_width, nfc

YEARS = range(2000, 2101)
"""Years that a day can lie in; others are slips of the finger."""

LOOK_BACK = timedelta(days=60)
"""So far back lies a day without a year; what is longer ago is meant for the year to come."""

_LONGEST = 60  # characters

_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_WEEKDAYS = {"hai": 0, "ba": 1, "tu": 2, "nam": 3, "sau": 4, "bay": 5} | {str(n): n - 2 for n in range(2, 8)}
_WEEKDAY = r"(?:(?:thu|t\.?)\s*(?P<weekday>hai|ba|tu|nam|sau|bay|[2-7])|(?P<sunday>chu nhat|cn))"
_MONTHS = {
    "gieng": 1, "mot": 1, "hai": 2, "ba": 3, "tu": 4, "bon": 4, "nam": 5, "sau": 6, "bay": 7, "tam": 8,
    "chin": 9, "muoi": 10, "muoi mot": 11, "muoi hai": 12, "chap": 12,
}  # fmt: skip
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_CALENDAR_DAY = (
    rf"(?:ngay\s+)?(?:(?:mung|mong)\s+)?(?P<day>\d{{1,2}}|ram)\s*"
    rf"(?:\s*(?P<separator>[/.-])\s*(?P<month>\d{{1,2}})(?:\s*(?P=separator)\s*(?P<year>\d{{4}}|\d{{2}}))?"
    rf"|thang\s+(?P<named>\d{{1,2}}|{_MONTH})(?P<leap>\s+nhuan)?(?:\s*(?:,?\s*nam\s+|/)(?P<named_year>\d{{4}}|\d{{2}}))?"
    rf"|(?P<tet>tet))"
    r"(?P<lunar>\s*\(?(?:am lich|am|al)\)?)?"
)
_DATED = re.compile(rf"(?:{_WEEKDAY}\s*,?\s+)?{_CALENDAR_DAY}", re.ASCII)
_IN_WEEK = re.compile(
    rf"{_WEEKDAY}(?:\s+(?P<when>tuan (?:nay|sau|toi|truoc|roi|qua)|nay|toi|sau))?", re.ASCII
)
_FROM_NOW = re.compile(r"(?P<number>\d{1,3})\s*(?P<unit>ngay|hom|tuan)\s+nua", re.ASCII)
_PART_OF_DAY = re.compile(r"(?:sang|trua|chieu|toi)\s+(?=nay$|mai$|mot$|kia$|qua$|hom qua$)")

_FROM_TODAY = {
    "hom nay": 0, "bua nay": 0, "nay": 0, "ngay mai": 1, "mai": 1, "bua mai": 1,
    "mot": 2, "ngay mot": 2, "ngay kia": 2, "kia": 2, "hom qua": -1, "qua": -1, "hom kia": -2,
    "today": 0, "tomorrow": 1, "yesterday": -1,
}  # fmt: skip
_WEEKS_AWAY = {"nay": 0, "sau": 1, "toi": 1, "truoc": -1, "roi": -1, "qua": -1}


class NoSuchDay(ValueError):
    """What was typed is no day; the text is a sentence for the person when there is more to say than that."""


def read_date(text: str, years: range = YEARS, *, today: date | None = None) -> date | None:
    """A day as the browser sends it (2026-11-26) or as people write it; None when it makes no sense.

    Args:
        today: in Huế. Without it only days with their year are read.
    """
    try:
        return understand_date(text, years, today=today)
    except NoSuchDay:
        return None


def understand_date(text: str, years: range = YEARS, *, today: date | None = None) -> date:
    """As `read_date`.

    Raises:
        NoSuchDay: with the reason where there is one ("Ngày 31/02/2027 không có: …"), else without words.
    """
    typed = half_width(nfc(text)).strip()
    if len(typed) > _LONGEST:
        raise NoSuchDay
    day = _read(typed, today)
    if day.year not in years:
        raise NoSuchDay(_("Năm phải từ %(low)s đến %(high)s.", low=years.start, high=years.stop - 1))
    return day


def _read(typed: str, today: date | None) -> date:
    if found := _ISO.fullmatch(typed):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    folded = fold(typed)
    if found := _DATED.fullmatch(folded):
        return _dated(found, today)
    if today is None:
        raise NoSuchDay
    return _relative(folded, typed, today)


def _relative(folded: str, typed: str, today: date) -> date:
    words = _PART_OF_DAY.sub("", folded)
    try:
        if words in _FROM_TODAY and "ộ" not in typed.lower():  # "một" is one, "mốt" the day after tomorrow
            return today + timedelta(days=_FROM_TODAY[words])
        if found := _FROM_NOW.fullmatch(words):
            return today + int(found["number"]) * timedelta(days=7 if found["unit"] == "tuan" else 1)
        if found := _IN_WEEK.fullmatch(words):
            return _in_week(_weekday(found), found["when"], today)
    except OverflowError as error:
        raise NoSuchDay from error
    raise NoSuchDay


def _weekday(found: re.Match[str]) -> int:
    return 6 if found["sunday"] else _WEEKDAYS[found["weekday"]]


def _in_week(weekday: int, when: str | None, today: date) -> date:
    if when and when.startswith("tuan "):
        weeks = _WEEKS_AWAY[when.removeprefix("tuan ")]
        return today + timedelta(days=weekday - today.weekday(), weeks=weeks)
    ahead = (weekday - today.weekday()) % 7
    return today + timedelta(days=7 if ahead == 0 and when in ("toi", "sau") else ahead)


def _dated(found: re.Match[str], today: date | None) -> date:
    typed_year = found["year"] or found["named_year"]
    year = _full_year(typed_year) if typed_year else None
    read = _lunar_reader(found) if _is_lunar(found) else _solar_reader(found)
    wanted = _weekday(found) if found["weekday"] or found["sunday"] else None
    if year is not None:
        day = read(year)
    elif today is None:
        raise NoSuchDay
    else:
        day = _without_year(read, wanted, today)
    if wanted is not None and day.weekday() != wanted:
        raise NoSuchDay(
            _(
                "Ngày %(day)s là %(weekday)s, xin xem lại thứ hoặc ngày.",
                day=formatting.full_date(day),
                weekday=formatting.weekday(day),
            )
        )
    return day


def _full_year(text: str) -> int:
    return int(text) + 2000 if len(text) == 2 else int(text)


def _is_lunar(found: re.Match[str]) -> bool:
    """Whether it says so: "âm lịch", rằm, Tết, a month that only the lunar calendar has."""
    lunar_name = found["named"] in ("gieng", "chap") or found["leap"] is not None
    return found["day"] == "ram" or lunar_name or found["tet"] is not None or found["lunar"] is not None


def _month(found: re.Match[str]) -> int:
    named = found["named"] or found["month"]
    return int(named) if named.isdigit() else _MONTHS[named]


def _solar_reader(found: re.Match[str]) -> Callable[[int], date]:
    day, month = int(found["day"]), _month(found)
    return lambda year: _day(year, month, day)


def _lunar_reader(found: re.Match[str]) -> Callable[[int], date]:
    day = 15 if found["day"] == "ram" else int(found["day"])
    if found["tet"] is not None:  # 29 and 30 Tết end the old year
        month, later = (12, -1) if day > 20 else (1, 0)
    else:
        month, later = _month(found), 0
    return lambda year: _lunar(LunarDay(day, month, year + later, found["leap"] is not None))


def _lunar(lunar: LunarDay) -> date:
    possible = 1 <= lunar.day <= 30 and 1 <= lunar.month <= 12 and lunar.year in YEARS
    day = solar_day(lunar) if possible else None
    if day is None:
        month = _("%(month)s nhuận", month=lunar.month) if lunar.leap else lunar.month
        raise NoSuchDay(
            _(
                "Âm lịch năm %(year)s không có ngày %(day)s tháng %(month)s.",
                day=lunar.day,
                month=month,
                year=lunar.year,
            )
        )
    return day


def _without_year(read: Callable[[int], date], weekday: int | None, today: date) -> date:
    """The day of the years around: on `weekday` if one is, else the first that is not too long ago."""
    days = list(_existing(read, range(today.year - 2, today.year + 2)))
    recent = [day for day in days if day >= today - LOOK_BACK]
    if not recent:
        return read((today + timedelta(days=300)).year)  # says what is wrong with it
    on_weekday = [day for day in days if day.weekday() == weekday]
    if recent[0].weekday() != weekday and on_weekday:
        return min(on_weekday, key=lambda day: abs(day - today))
    return recent[0]


def _existing(read: Callable[[int], date], years: Iterable[int]) -> Iterator[date]:
    for year in years:
        try:
            yield read(year)
        except NoSuchDay:
            continue


def _day(year: int, month: int, day: int) -> date:
    if not 1 <= month <= 12:
        raise NoSuchDay(_("Không có tháng %(month)s. Xin ghi ngày trước, tháng sau.", month=month))
    if year < 1:
        raise NoSuchDay
    last = monthrange(year, month)[1]
    if not 1 <= day <= last:
        raise NoSuchDay(
            _(
                "Ngày %(day)s không có: tháng %(month)s năm %(year)s có %(last)s ngày.",
                day="/".join((str(day).zfill(2), str(month).zfill(2), str(year))),
                month=month,
                year=year,
                last=last,
            )
        )
    return date(year, month, day)
