"""Writes times, dates, ranges, durations and numbers for people: the only module that does.

Instants (aware, UTC) are shown as wall-clock time in Huế; a `time` or a `date` is shown as it is. Words are
in the reader's language, but for the functions named `vietnamese_…`: text messages are Vietnamese whatever
language the staff's pages speak.
"""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from lopso.kernel import clock
from lopso.kernel.i18n import gettext as _
from lopso.kernel.text import capitalized

_VIETNAMESE_WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")


def hour(value: datetime | time) -> str:
    """ "08h30", "14h00"."""
    return f"{_wall_clock(value):%Hh%M}"


def hours(start: datetime | time, end: datetime | time) -> str:
    """ "14h00 – 16h00"."""
    return f"{hour(start)} – {hour(end)}"


def part_of_day(instant: datetime) -> str:
    """ "sáng" before 12h, "chiều" before 18h, then "tối"."""
    shown = clock.local(instant).hour
    if shown < 12:
        return _("sáng")
    return _("chiều") if shown < 18 else _("tối")


def weekday(value: date | datetime) -> str:
    """ "thứ Năm", as within a sentence."""
    return _names_within_sentences()[_day(value).weekday()]


def weekday_names() -> list[str]:
    """ "Thứ Hai" to "Chủ nhật", as they stand alone."""
    return [capitalized(name) for name in _names_within_sentences()]


def short_weekday_names() -> list[str]:
    """ "T2" to "CN"."""
    return [_("T2"), _("T3"), _("T4"), _("T5"), _("T6"), _("T7"), _("CN")]


def day(value: date | datetime) -> str:
    """ "26/11"."""
    return f"{_day(value):%d/%m}"


def full_date(value: date | datetime) -> str:
    """ "26/11/2026"."""
    return f"{_day(value):%d/%m/%Y}"


def month(value: date | datetime) -> str:
    """ "11/2026"."""
    return f"{_day(value):%m/%Y}"


def date_parts(value: date | datetime) -> dict[str, str]:
    """Day, month and year for a sentence with places `d`, `m` and `y`: "ngày 26 tháng 11 năm 2026"."""
    shown = _day(value)
    return {"d": f"{shown:%d}", "m": f"{shown:%m}", "y": f"{shown:%Y}"}


def weekday_and_day(value: date | datetime) -> str:
    """ "thứ Năm 26/11", as within a sentence."""
    return f"{weekday(value)} {day(value)}"


def weekday_and_date(value: date | datetime) -> str:
    """ "thứ Năm 26/11/2026", as within a sentence."""
    return f"{weekday(value)} {full_date(value)}"


def when(value: datetime) -> str:
    """ "14h00 thứ Năm 26/11"."""
    return f"{hour(value)} {weekday(value)} {day(value)}"


def day_and_hours(start: datetime, end: datetime) -> str:
    """ "thứ Năm 26/11, 14h00 – 16h00", as within a sentence."""
    return f"{weekday_and_day(start)}, {hours(start, end)}"


def day_in_words(value: date | datetime, now: datetime) -> str:
    """ "Hôm nay", "Ngày mai", "Hôm qua", else "Thứ Năm 26/11"; at the beginning of a line."""
    return capitalized(day_inside(value, now))


def day_inside(value: date | datetime, now: datetime) -> str:
    """ "hôm nay", "ngày mai", "hôm qua", else "thứ Năm 26/11"; as within a sentence."""
    names = {0: _("hôm nay"), 1: _("ngày mai"), -1: _("hôm qua")}
    return names.get(_days_ahead(value, now)) or weekday_and_day(value)


def days(first: date | None, last: date | None) -> str:
    """ "01/07 – 31/08/2026", "từ 01/07/2026", "đến 31/08/2026"; "" without either end."""
    if first and last:
        return f"{day(first)} – {full_date(last)}"
    if first:
        return _("từ %(day)s", day=full_date(first))
    return _("đến %(day)s", day=full_date(last)) if last else ""


def week(monday: date, sunday: date, *, today: date) -> str:
    """ "Tuần 23/11 – 29/11", with years when one of them is not ours."""
    ours = monday.year == sunday.year == today.year
    first, last = (day(monday), day(sunday)) if ours else (full_date(monday), full_date(sunday))
    return _("Tuần %(first)s – %(last)s", first=first, last=last)


def duration(value: timedelta | int) -> str:
    """Minutes or a span as "1 giờ 30 phút"."""
    minutes = value if isinstance(value, int) else int(value.total_seconds()) // 60
    whole, rest = divmod(minutes, 60)
    if whole and rest:
        return _("%(h)s giờ %(m)s phút", h=whole, m=rest)
    return _("%(h)s giờ", h=whole) if whole else _("%(m)s phút", m=rest)


def vietnamese_weekday(number: int) -> str:
    """ "thứ Hai" for 0, whatever the reader's language."""
    return _VIETNAMESE_WEEKDAYS[number]


def vietnamese_day(instant: datetime) -> str:
    """ "thứ Năm 26/11", whatever the reader's language."""
    shown = clock.local_day(instant)
    return f"{vietnamese_weekday(shown.weekday())} {day(shown)}"


def number(value: int | Decimal) -> str:
    """Thousands with dots: "1.234"."""
    return f"{value:,}".replace(",", ".")


def money(amount: int | float | Decimal) -> str:
    """ "32.300 đồng", rounded to whole đồng."""
    return _("%(sum)s đồng", sum=number(round(amount)))


def day_and_hour_in_file_name(instant: datetime) -> str:
    """ "26-11-14h00"."""
    return f"{clock.local(instant):%d-%m-%Hh%M}"


def instant(value: datetime) -> str:
    """ "2026-11-23T01:30Z", for hidden fields and addresses; `parsing.read_instant` reads it."""
    return f"{value.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


def _names_within_sentences() -> list[str]:
    return [
        _("thứ Hai"),
        _("thứ Ba"),
        _("thứ Tư"),
        _("thứ Năm"),
        _("thứ Sáu"),
        _("thứ Bảy"),
        _("Chủ nhật"),
    ]


def _wall_clock(value: datetime | time) -> datetime | time:
    return clock.local(value) if isinstance(value, datetime) else value


def _day(value: date | datetime) -> date:
    return clock.local_day(value) if isinstance(value, datetime) else value


def _days_ahead(value: date | datetime, now: datetime) -> int:
    return (_day(value) - clock.local_day(now)).days
