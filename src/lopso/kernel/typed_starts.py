"""When something begins, as plans write it: a day, "tuần 1 tháng 12", "từ 7/12 đến 30/12", "tháng 1/2027"."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from lopso.kernel.i18n import gettext as _
from lopso.kernel.text import fold, half_width, nfc
from lopso.kernel.typed_dates import LOOK_BACK, YEARS, NoSuchDay, understand_date

_LONGEST = 60  # characters
_YEAR = r"(?:\s*(?:/|-|,?\s*nam\s+)\s*(?P<year>20\d\d))?"
_MONTH = rf"(?:thang|thg\.?|t)\s*(?P<month>\d{{1,2}}){_YEAR}"
_WEEK_OF_MONTH = re.compile(
    rf"(?:tu\s+)?tuan\s*(?:thu\s*)?(?P<week>\d{{1,2}}|dau|nhat|hai|ba|tu|nam|cuoi)(?:\s*(?:cua\s+)?[,-]?\s*{_MONTH})?",
    re.ASCII,
)
_PART_OF_MONTH = re.compile(rf"(?:tu\s+)?(?:(?P<part>dau|giua|cuoi)\s+)?{_MONTH}", re.ASCII)
_RANGE = re.compile(
    r"^(?:từ\s+)?(?:ngày\s+)?(.+?)\s*(?:\s[-–—]\s|–|—|\sđến(?:\s+hết)?(?:\s+ngày)?\s|->|→)\s*(.+)$"
)
_DASHED = re.compile(r"^(\d{1,2}/\d{1,2}(?:/\d{2,4})?)-(\d{1,2}/\d{1,2}(?:/\d{2,4})?)$", re.ASCII)
_WEEKS = {"dau": 1, "nhat": 1, "hai": 2, "ba": 3, "tu": 4, "nam": 5}
_FIRST_DAYS = {None: 1, "dau": 1, "giua": 11, "cuoi": 21}
_IN_TITLE = re.compile(
    r"(?P<school>20\d\d)\s*[-–/]\s*(?P<next>20\d\d)"
    rf"|\b(?:thang|thg|t)\s*[.:]?\s*(?P<month>\d{{1,2}})(?!\d|\s*/\s*\d{{1,2}}\s*/){_YEAR}"
    rf"|\b(?P<bare>\d{{1,2}})\s*[/-]\s*(?P<bare_year>20\d\d)|\b(?P<alone>20\d\d)\b",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Period:
    """What titles say about when a plan holds.

    Attributes:
        month: 1 to 12. years: one, or the two of a school year; empty when none is named.
    """

    month: int | None = None
    years: tuple[int, ...] = ()

    def year_of(self, month: int) -> int | None:
        """The year in which a month lies; a school year begins in August. None when titles do not say."""
        if len(self.years) == 2:
            return self.years[0] if month >= 8 else self.years[1]
        return self.years[0] if self.years else None


@dataclass(frozen=True, slots=True)
class StartOfPlan:
    """From when, and until when where that is said.

    Attributes:
        guessed_year: neither the text nor a title names the year.
        week: `first` is the first of seven days ("tuần 1 tháng 12": 1 to 7 December).
    """

    first: date
    last: date | None = None
    guessed_year: bool = False
    week: bool = False


def period_of_titles(*titles: str) -> Period:
    """Month and year that the name of a sheet and the lines above a table name; the first of each holds."""
    month: int | None = None
    years: tuple[int, ...] = ()
    for title in titles:
        for found in _IN_TITLE.finditer(fold(half_width(title))[:500]):
            named = found["month"] or found["bare"]
            if month is None and named and 1 <= int(named) <= 12:
                month = int(named)
            if not years:
                years = _years(found)
    return Period(month, years)


def _years(found: re.Match[str]) -> tuple[int, ...]:
    if found["school"]:
        first, last = int(found["school"]), int(found["next"])
        return (first, last) if last == first + 1 else ()
    year = found["year"] or found["bare_year"] or found["alone"]
    return (int(year),) if year else ()


def understand_start(text: str, *, today: date, period: Period) -> StartOfPlan:
    """Read when a plan begins.

    Args:
        today: in Huế; a day whose year nobody names is the nearest to come, or up to 60 days ago.

    Raises:
        NoSuchDay: with the reason where there is one.
    """
    typed = half_width(nfc(text)).strip()
    if not typed or len(typed) > _LONGEST:
        raise NoSuchDay
    lower, folded = typed.casefold(), fold(typed)
    if found := _WEEK_OF_MONTH.fullmatch(folded):
        return _week(found, today, period)
    if found := _RANGE.match(lower) or _DASHED.match(lower):
        return _range(found[1], found[2], today, period)
    if found := _PART_OF_MONTH.fullmatch(folded):
        first, guessed = _day(_FIRST_DAYS[found["part"]], found["month"], found["year"], today, period)
        return StartOfPlan(first, guessed_year=guessed)
    return _one_day(typed, today, period)


def _one_day(typed: str, today: date, period: Period) -> StartOfPlan:
    try:
        return StartOfPlan(understand_date(typed))
    except NoSuchDay as error:
        if str(error):
            raise
    nearest = understand_date(typed, today=today)
    year = period.year_of(nearest.month)
    if year is None:
        return StartOfPlan(nearest, guessed_year=True)
    try:
        named = nearest.replace(year=year)
        # "NĂM 2026" above a list for next January: the title is of the day on which the list was made.
        long_ago = named < today - LOOK_BACK
        return StartOfPlan(nearest, guessed_year=True) if long_ago else StartOfPlan(named)
    except ValueError as error:
        raise NoSuchDay(_("Năm %(year)s không có ngày này.", year=year)) from error


def _range(first: str, last: str, today: date, period: Period) -> StartOfPlan:
    end = understand_start(last, today=today, period=period)
    if re.fullmatch(r"\d{1,2}", first.strip()):  # "7 - 30/12"
        first = f"{first.strip()}/{end.first.month}/{end.first.year}"
    start = understand_start(first, today=today, period=period)
    since = start.first
    if start.guessed_year and not end.guessed_year:
        since = since.replace(year=end.first.year - (since.month > end.first.month))
    if end.first < since:
        raise NoSuchDay(_("Ngày kết thúc phải sau ngày bắt đầu."))
    return StartOfPlan(since, end.last or end.first, guessed_year=end.guessed_year and start.guessed_year)


def _week(found: re.Match[str], today: date, period: Period) -> StartOfPlan:
    month = found["month"] or period.month
    if month is None:
        raise NoSuchDay(_("Xin ghi tuần này của tháng nào, ví dụ “tuần 1 tháng 12”."))
    first, guessed = _day(1, str(month), found["year"], today, period)
    days = monthrange(first.year, first.month)[1]
    word = found["week"]
    day = days - 6 if word == "cuoi" else (_WEEKS.get(word) or int(word)) * 7 - 6
    if not 1 <= day <= days:
        raise NoSuchDay(_("Tháng %(month)s không có tuần %(week)s.", month=first.month, week=word))
    return StartOfPlan(first.replace(day=day), guessed_year=guessed, week=True)


def _day(day: int, month: str, year: str | None, today: date, period: Period) -> tuple[date, bool]:
    """A day of a month, and whether its year is only the nearest."""
    number = int(month)
    if not 1 <= number <= 12:
        raise NoSuchDay(_("Không có tháng %(month)s.", month=number))
    named = int(year) if year else period.year_of(number)
    if named is not None and (year or date(named, number, day) >= today - LOOK_BACK):
        return date(named, number, day), False
    months = today.year * 12 + today.month - 1
    nearest = min(
        (today.year + ahead for ahead in (-1, 0, 1)),
        key=lambda each: (each * 12 + number - 1 < months - 1, each),
    )
    if nearest not in YEARS:
        raise NoSuchDay
    return date(nearest, number, day), True
