"""Labels of sessions: their kinds, bookings, days off, weekly times."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from lopso.kernel import formatting
from lopso.kernel.clock import local_day
from lopso.kernel.i18n import gettext as _
from lopso.kernel.lunar import lunar_day, lunar_words
from lopso.kernel.text import capitalized
from scheduling.rules.clashes import Booking
from scheduling.rules.recurrence import DayOff, Slot, WeeklySlot

A_MONDAY = date(2026, 11, 23)


def kind_label(kind: str) -> str:
    """What people call a kind of session."""
    return {
        "ward_class": _("Lớp tại phường, xã"),
        "market_round": _("Chợ số"),
        "home_visit": _("Đến tận nhà"),
        "mass_event": _("Ngày hội"),
        "team_training": _("Tập huấn"),
    }[kind]


def booking_label(booking: Booking, slot_day: date) -> str:
    """What is already there: "“Dùng VNeID” 8h00 – 10h00", with the day when it is another one."""
    span = f"“{booking.title}”, {formatting.hours(booking.starts_at, booking.ends_at)}"
    if local_day(booking.starts_at) == slot_day:
        return span
    return f"{span} {formatting.weekday_and_day(booking.starts_at)}"


def room_taken_label(slot: Slot, there: Sequence[Booking]) -> str:
    """The sentence for a room that is not free at `slot`; with nobody `there` somebody was just faster."""
    when = capitalized(formatting.day_and_hours(slot.starts_at, slot.ends_at))
    if not there:
        return _("%(when)s: phòng vừa có người khác đặt.", when=when)
    others = "; ".join(booking_label(each, slot.day) for each in there)
    return _("%(when)s: phòng đã có %(others)s.", when=when, others=others)


def day_off_label(off: DayOff) -> str:
    """The name of a day off, with "dự kiến" when it is not yet decided."""
    return _("%(name)s (dự kiến)", name=off.name) if off.tentative else off.name


def lunar_mark(day: date) -> str:
    """The first and the fifteenth of a lunar month, on which families make offerings; "" for other days."""
    number = lunar_day(day).day
    if number == 1:
        return _("%(day)s âm lịch", day=lunar_words(day))
    return lunar_words(day) if number == 15 else ""


def slots_label(slots: Sequence[WeeklySlot]) -> str:
    """ "thứ Hai, thứ Tư 08h30 – 10h00; thứ Ba 14h00 – 16h00"."""
    days: dict[tuple[time, int], list[int]] = {}
    for slot in sorted(slots):
        days.setdefault((slot.starts_at, slot.duration_minutes), []).append(slot.weekday)
    return "; ".join(
        f"{', '.join(_weekday(number) for number in numbers)} {_hours(start, minutes)}"
        for (start, minutes), numbers in sorted(days.items(), key=lambda each: each[1])
    )


def _weekday(number: int) -> str:
    return formatting.weekday(A_MONDAY + timedelta(days=number))


def _hours(start: time, minutes: int) -> str:
    end = datetime.combine(A_MONDAY, start) + timedelta(minutes=minutes)
    return formatting.hours(start, end.time())
