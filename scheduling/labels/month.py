"""The calendar of a month in words: a row for each week, a cell for each day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from lopso.kernel import formatting
from lopso.kernel.clock import local_day
from lopso.kernel.i18n import gettext as _
from lopso.kernel.text import capitalized
from scheduling.labels.attention import missing, missing_trainers
from scheduling.labels.calendar_views import CalendarPlace, address
from scheduling.labels.sessions import day_off_label, lunar_mark
from scheduling.labels.week import days_of
from scheduling.queries.calendar import WeekSession
from scheduling.queries.calendar_days import DaySessions
from scheduling.rules.places import place_name
from scheduling.rules.recurrence import DayOff


class SessionLine(NamedTuple):
    """A session on one line.

    Attributes:
        look: classes: "no-trainer" or "no-helper", the worst that is missing; "draft", "cancelled", "past".
        state: the same in words; "" where there is nothing to say.
    """

    href: str
    hour: str
    title: str
    place: str
    look: str
    state: str


@dataclass(frozen=True, slots=True)
class MonthDay:
    """A day in the month.

    Attributes:
        number: "1"; label: "Thứ Ba 01/12".
        outside: it belongs to the month before or after.
        lunar: `lunar_mark`.
        total: sessions that are not cancelled; `short` of them have too few helpers.
        more: sessions beyond `lines`.
        href: all of the day.
    """

    date: date
    number: str
    label: str
    outside: bool
    today: bool
    holiday: str
    lunar: str
    total: int
    short: int
    lines: Sequence[SessionLine]
    more: int
    href: str


@dataclass(frozen=True, slots=True)
class Month:
    """The weeks, and what is in the month itself."""

    weekdays: Sequence[str]
    weeks: Sequence[Sequence[MonthDay]]
    total: int
    short: int


def month_label(first: date) -> str:
    """ "Tháng 12/2026"."""
    return _("Tháng %(month)s", month=formatting.month(first))


def month_grid(
    sessions: Mapping[date, DaySessions],
    days_off: Mapping[date, DayOff],
    *,
    place: CalendarPlace,
    mondays: Sequence[date],
    now: datetime,
) -> Month:
    """The month that begins on `place.day`, in the weeks of `mondays`."""
    weeks = [[_day(day, sessions, days_off, place, now) for day in days_of(monday)] for monday in mondays]
    inside = [each for week in weeks for each in week if not each.outside]
    return Month(
        formatting.weekday_names(),
        weeks,
        sum(each.total for each in inside),
        sum(each.short for each in inside),
    )


def _day(
    day: date,
    sessions: Mapping[date, DaySessions],
    days_off: Mapping[date, DayOff],
    place: CalendarPlace,
    now: datetime,
) -> MonthDay:
    there = sessions.get(day)
    off = days_off.get(day)
    lines = [session_line(each, now) for each in there.first] if there else []
    return MonthDay(
        day,
        str(day.day),
        capitalized(formatting.weekday_and_day(day)),
        day.month != place.day.month,
        day == local_day(now),
        day_off_label(off) if off else "",
        lunar_mark(day),
        there.counts.standing if there else 0,
        there.counts.short if there else 0,
        lines,
        there.counts.listed - len(lines) if there else 0,
        address(place.ward_id, "agenda", day, place.filters),
    )


def session_line(session: WeekSession, now: datetime) -> SessionLine:
    """A session in words as short as can be."""
    words = place_name(words=session.place, room=None, venue=session.venue, market=session.market)
    look, state = _look(session, now)
    return SessionLine(
        f"/buoi/{session.id}", formatting.hour(session.starts_at), session.title, words, look, state
    )


def _look(session: WeekSession, now: datetime) -> tuple[str, str]:
    if session.cancelled:
        return "cancelled", _("Đã hủy")
    if not session.published:
        return "draft", _("Bản nháp")
    if session.ends_at <= now:
        return "past", ""
    if not missing(session, now):
        return "", ""
    if missing_trainers(session):
        return "no-trainer", _("Chưa có người dạy chính")
    return "no-helper", _("Thiếu người hỗ trợ")
