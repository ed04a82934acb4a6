"""The Vietnamese lunar calendar (UTC+7, which now and then has another day than the Chinese one).

The days come from the published table in `vnlunar`; docs/decisions/0053-lunar-days.md says why that one.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from lopso.kernel.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class LunarDay:
    """A day of the lunar calendar; `year` is named after the solar year in which it begins."""

    day: int
    month: int
    year: int
    leap: bool = False


def lunar_day(day: date) -> LunarDay:
    """`day` in the lunar calendar."""
    found: Any = _calendar().get_lunar_date(day.day, day.month, day.year)
    return LunarDay(found["day"], found["month"], found["year"], bool(found["leap"]))


def solar_day(lunar: LunarDay) -> date | None:
    """The day that `lunar` is; None when that month has no such day, or the year no such leap month."""
    found: Any = _calendar().get_solar_date(lunar.day, lunar.month, lunar.year, int(lunar.leap))
    day = None if found is None else date(found["year"], found["month"], found["day"])
    return day if day is not None and lunar_day(day) == lunar else None


def lunar_words(day: date) -> str:
    """ "28 tháng Chạp", "mùng 5 tháng Giêng", "rằm tháng 8", "1 tháng 6 nhuận"."""
    lunar = lunar_day(day)
    number = _("rằm") if lunar.day == 15 else _("mùng %(n)s", n=lunar.day) if lunar.day <= 10 else lunar.day
    name = {1: _("Giêng"), 12: _("Chạp")}.get(lunar.month, lunar.month)
    if lunar.leap:
        return _("%(day)s tháng %(month)s nhuận", day=number, month=name)
    return _("%(day)s tháng %(month)s", day=number, month=name)


def _calendar() -> Any:
    # Imported only where a lunar day is asked for.
    import vnlunar  # pyright: ignore[reportMissingTypeStubs]  (it ships none)

    return vnlunar
