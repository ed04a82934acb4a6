"""How planning speaks: kinds of sessions, places, what stands in the way."""

from datetime import date, datetime

from lopso.kernel.clock import local_day
from lopso.kernel.i18n import gettext as _
from lopso.web.filters import day, full_date, hours, weekday
from scheduling.rules.clashes import Booking
from scheduling.rules.recurrence import DayOff


def kind_name(kind: str) -> str:
    """What people call a kind of session."""
    return {
        "ward_class": _("Lớp tại phường, xã"),
        "market_round": _("Chợ số"),
        "home_visit": _("Đến tận nhà"),
        "mass_event": _("Ngày hội"),
        "team_training": _("Tập huấn"),
    }[kind]


def date_in_words(value: date | datetime) -> str:
    """ "thứ Năm 26/11/2026"."""
    return f"{weekday(value)} {full_date(value)}"


def booked(booking: Booking, slot_day: date) -> str:
    """What is already there: "“Dùng VNeID” 8h00 – 10h00", with the day when it is another one."""
    span = f"“{booking.title}”, {hours(booking.starts_at, booking.ends_at)}"
    if local_day(booking.starts_at) == slot_day:
        return span
    return f"{span} {weekday(booking.starts_at)} {day(booking.starts_at)}"


def day_off_in_words(off: DayOff) -> str:
    """The name of a day off, with "dự kiến" when it is not yet decided."""
    return _("%(name)s (dự kiến)", name=off.name) if off.tentative else off.name


def week_in_words(monday: date, sunday: date, *, today: date) -> str:
    """ "Tuần 23 – 29 tháng 11", over a change of month "Tuần 30/11 – 06/12", with a year not ours."""
    if monday.year != sunday.year:
        return _("Tuần %(first)s – %(last)s", first=full_date(monday), last=full_date(sunday))
    words = (
        _("Tuần %(first)s – %(last)s", first=day(monday), last=day(sunday))
        if monday.month != sunday.month
        else _(
            "Tuần %(first)s – %(last)s tháng %(month)s", first=monday.day, last=sunday.day, month=monday.month
        )
    )
    return words if monday.year == today.year else _("%(week)s năm %(year)s", week=words, year=monday.year)
