"""How planning speaks: kinds of sessions, places, what stands in the way."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from lopso.kernel.clock import local_day
from lopso.kernel.i18n import gettext as _
from lopso.web.filters import day, full_date, hours, weekday
from scheduling.rules.clashes import Booking
from scheduling.rules.recurrence import DayOff, Slot, WeeklySlot
from scheduling.words import date_and_hours

A_MONDAY = date(2026, 11, 23)


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


def taken_by(slot: Slot, there: Sequence[Booking]) -> str:
    """The sentence for a room that is not free at `slot`; with nobody `there` somebody was just faster."""
    when = date_and_hours(slot.starts_at, slot.ends_at)
    if not there:
        return _("%(when)s: phòng vừa có người khác đặt.", when=when)
    others = "; ".join(booked(each, slot.day) for each in there)
    return _("%(when)s: phòng đã có %(others)s.", when=when, others=others)


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


def slots_in_words(slots: Sequence[WeeklySlot]) -> str:
    """ "thứ Hai, thứ Tư 8h30–10h; thứ Ba 14h–16h"."""
    days: dict[tuple[time, int], list[int]] = {}
    for slot in sorted(slots):
        days.setdefault((slot.starts_at, slot.duration_minutes), []).append(slot.weekday)
    return "; ".join(
        f"{', '.join(weekday(A_MONDAY + timedelta(days=n)) for n in numbers)} {span(start, minutes)}"
        for (start, minutes), numbers in sorted(days.items(), key=lambda each: each[1])
    )


def span(start: time, minutes: int) -> str:
    """ "8h30–10h"."""
    end = (datetime.combine(A_MONDAY, start) + timedelta(minutes=minutes)).time()
    return f"{clock_time(start)}–{clock_time(end)}"


def clock_time(moment: time | datetime) -> str:
    """ "8h30", "9h": as short as people write it; a datetime is taken as it is."""
    return f"{moment.hour}h{moment.minute:02}" if moment.minute else f"{moment.hour}h"


def weekdays() -> list[tuple[int, str, str]]:
    """Number, short and full name of each day of the week: (0, "T2", "Thứ Hai")."""
    short = (_("T2"), _("T3"), _("T4"), _("T5"), _("T6"), _("T7"), _("CN"))
    names = (weekday(A_MONDAY + timedelta(days=n)) for n in range(7))
    return [(n, short[n], name[:1].upper() + name[1:]) for n, name in enumerate(names)]
