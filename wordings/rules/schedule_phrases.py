"""How messages say when sessions take place, each in several forms, the fullest first."""

from collections.abc import Sequence
from datetime import datetime

from lopso.kernel import clock, formatting
from lopso.kernel.text import capitalized
from wordings.rules.phrases import listed

DATES_NAMED = 4
"""Up to so many dates are listed one by one; of more, the first and the last are named."""


def when_forms(starts: Sequence[datetime]) -> list[str]:
    """When one session or the sessions of a series meet, the fullest form first.

    One: "14h00 thứ Năm 26/11". A weekly series: "14h00 thứ Ba và thứ Năm hằng tuần từ 24/11, 16 buổi", then
    without the number, then without "hằng tuần". Dates without a rule: "14h00 thứ Năm 26/11 và 7 buổi sau".

    Args:
        starts: instants, earliest first; not empty.
    """
    first = starts[0]
    if len(starts) == 1:
        return [f"{formatting.hour(first)} {formatting.vietnamese_day(first)}"]
    if not weekly(starts):
        return [f"{formatting.hour(first)} {formatting.vietnamese_day(first)} và {len(starts) - 1} buổi sau"]
    time_and_days, since = _hour_and_weekdays(starts), f"từ {formatting.day(first)}"
    rule = f"{time_and_days} hằng tuần {since}"
    return [f"{rule}, {len(starts)} buổi", rule, f"{time_and_days} {since}"]


def date_forms(starts: Sequence[datetime]) -> list[str]:
    """Which sessions of several, by their dates, the fullest form first.

    "14h00 thứ Năm 26/11, 03/12 và 10/12"; many, or for want of room: "14h00 thứ Năm từ 26/11 đến 17/12,
    4 buổi". At several hours of the day: "14h00 thứ Năm 26/11 đến 17/12, 4 buổi".

    Args:
        starts: instants, earliest first; not empty.
    """
    first, last = clock.local(starts[0]), clock.local(starts[-1])
    if len(starts) == 1:
        return [f"{formatting.hour(first)} {formatting.vietnamese_day(first)}"]
    span = f"{formatting.day(first)} đến {formatting.day(last)}, {len(starts)} buổi"
    if len({clock.local(start).time() for start in starts}) > 1:
        return [f"{formatting.hour(first)} {formatting.vietnamese_weekday(first.weekday())} {span}"]
    time_and_days = _hour_and_weekdays(starts)
    named = f"{time_and_days} {listed([formatting.day(start) for start in starts])}"
    return [*([named] if len(starts) <= DATES_NAMED else []), f"{time_and_days} từ {span}"]


def days_forms(starts: Sequence[datetime]) -> list[str]:
    """Which sessions of whatever series on some days, as a text begins; the fullest form first.

    "08h30 thứ Tư 02/12 và 14h00 thứ Năm 03/12"; many, or for want of room: "Thứ Tư 02/12 đến thứ Sáu 04/12, 3
    buổi"; on one day "Thứ Tư 02/12, 3 buổi".

    Args:
        starts: instants, earliest first; not empty.
    """
    days = list(dict.fromkeys(formatting.vietnamese_day(each) for each in starts))
    span = days[0] if len(days) == 1 else f"{days[0]} đến {days[-1]}"
    named = listed([f"{formatting.hour(each)} {formatting.vietnamese_day(each)}" for each in starts])
    if len(starts) == 1:
        return [named]
    return [*([named] if len(starts) <= DATES_NAMED else []), f"{capitalized(span)}, {len(starts)} buổi"]


def old_time_forms(old_starts: Sequence[datetime], starts: Sequence[datetime]) -> list[str]:
    """From when several sessions moved by as many days: "14h00", on another weekday "14h00 thứ Ba".

    By whole weeks: "14h00 thứ Ba 08/12", the first of them. Of one session it is the hour: its wording has
    the day beside it.

    Args:
        old_starts, starts: instants, in the same order; not empty.
    """
    hour, first = formatting.hour(old_starts[0]), clock.local_day(old_starts[0])
    days = (clock.local_day(starts[0]) - first).days
    if len(starts) == 1 or not days:
        return [hour]
    if days % 7 == 0:
        return [f"{hour} {formatting.vietnamese_day(old_starts[0])}"]
    return [_hour_and_weekdays(old_starts)]


def weekly(starts: Sequence[datetime]) -> bool:
    """Whether all meet at one hour of the day, week by week; a holiday or two may be left out."""
    if len({clock.local(start).time() for start in starts}) > 1:
        return False
    weeks = (clock.local_day(starts[-1]) - clock.local_day(starts[0])).days // 7 + 1
    weekdays = len({clock.local(start).weekday() for start in starts})
    return len(starts) >= 2 * weekdays and weeks * weekdays - len(starts) <= 2 * weekdays


def _hour_and_weekdays(starts: Sequence[datetime]) -> str:
    """ "14h00 thứ Ba và thứ Năm"."""
    days = sorted({clock.local(start).weekday() for start in starts})
    return f"{formatting.hour(starts[0])} {listed([formatting.vietnamese_weekday(day) for day in days])}"
