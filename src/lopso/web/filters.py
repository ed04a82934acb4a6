"""How dates, numbers and phones read to people. All times in, UTC; all words out, Huế."""

from datetime import date, datetime, time, timedelta
from typing import Any, cast

from jinja2 import Environment

from lopso.kernel import clock, phone
from lopso.kernel.i18n import gettext as _


def weekday(day: date | datetime) -> str:
    """ "thứ Năm"."""
    names = (
        _("thứ Hai"),
        _("thứ Ba"),
        _("thứ Tư"),
        _("thứ Năm"),
        _("thứ Sáu"),
        _("thứ Bảy"),
        _("Chủ nhật"),
    )
    return names[_day(day).weekday()]


def day(value: date | datetime) -> str:
    """ "26/11"."""
    return f"{_day(value):%d/%m}"


def full_date(value: date | datetime) -> str:
    """ "26/11/2026"."""
    return f"{_day(value):%d/%m/%Y}"


def hour(value: datetime | time) -> str:
    """ "14h00"."""
    shown = clock.local(value) if isinstance(value, datetime) else value
    return f"{shown:%H}h{shown:%M}"


def hours(start: datetime, end: datetime) -> str:
    """ "14h00 – 16h00"."""
    return f"{hour(start)} – {hour(end)}"


def when(value: datetime) -> str:
    """ "14h00 thứ Năm 26/11"."""
    return f"{hour(value)} {weekday(value)} {day(value)}"


def day_in_words(value: date | datetime, now: datetime) -> str:
    """ "Hôm nay", "Ngày mai", else "thứ Năm 26/11"."""
    gap = (_day(value) - clock.local_day(now)).days
    if gap == 0:
        return _("Hôm nay")
    if gap == 1:
        return _("Ngày mai")
    if gap == -1:
        return _("Hôm qua")
    return f"{weekday(value)} {day(value)}"


def day_inside(value: date | datetime, now: datetime) -> str:
    """As `day_in_words`, inside a line: "hôm nay", "ngày mai"."""
    names = {0: _("hôm nay"), 1: _("ngày mai"), -1: _("hôm qua")}
    return names.get((_day(value) - clock.local_day(now)).days) or f"{weekday(value)} {day(value)}"


def duration(value: timedelta | int) -> str:
    """Minutes or a span as "1 giờ 30 phút"."""
    minutes = value if isinstance(value, int) else int(value.total_seconds()) // 60
    whole, rest = divmod(minutes, 60)
    if whole and rest:
        return _("%(h)s giờ %(m)s phút", h=whole, m=rest)
    return _("%(h)s giờ", h=whole) if whole else _("%(m)s phút", m=rest)


def number(value: int) -> str:
    """Thousands with dots: "1.234"."""
    return f"{value:,}".replace(",", ".")


def _day(value: date | datetime) -> date:
    return clock.local_day(value) if isinstance(value, datetime) else value


def install(env: Environment) -> None:
    """Make the filters known to templates under their own names."""
    filters: dict[str, Any] = {
        "weekday": weekday,
        "day": day,
        "full_date": full_date,
        "hour": hour,
        "when": when,
        "day_in_words": day_in_words,
        "day_inside": day_inside,
        "duration": duration,
        "number": number,
        "phone": phone.display,
        "masked": phone.masked,
    }
    env.filters.update(filters)
    cast("dict[str, Any]", env.globals)["hours"] = hours
