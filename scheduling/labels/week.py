"""The calendar of a week in words: a column for each day, a row for each starting hour.

Everything that is shown is made here, once for each session; the template only lays it out.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, partial
from typing import NamedTuple

from lopso.kernel import formatting
from lopso.kernel.clock import HUE, local_day
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from lopso.kernel.text import capitalized
from scheduling.labels.attention import missing, missing_helpers, missing_trainers
from scheduling.labels.sessions import day_off_label, lunar_mark
from scheduling.queries.calendar import WeekSession
from scheduling.rules.places import place_name
from scheduling.rules.recurrence import DayOff

WITH_SEATS = ("ward_class", "team_training")
"""Kinds that people enrol in; the others count heads afterwards."""


@dataclass(frozen=True, slots=True)
class WeekDay:
    """The head of a column. `holiday` in words; `lunar`: `lunar_mark`; `over`: before today, in its week."""

    date: date
    label: str
    day: str
    today: bool
    over: bool
    holiday: str | None
    lunar: str
    count: int


class WeekCard(NamedTuple):
    """A session in the grid, in the order in which the macro `week.grid` takes it.

    Attributes:
        people, seats: "2/3", taken of wanted; None where nobody is wanted or nobody enrols.
        lack: "no-trainer" or "no-helper", the worst that is missing; None: nothing is.
    """

    href: str
    kind: str
    time: str
    title: str
    place: str
    people: str | None
    seats: str | None
    lack: str | None
    state: str | None
    words: str | None


@dataclass(frozen=True, slots=True)
class Week:
    """The grid: rows are the hours in use, each with a list of cards for every day."""

    days: Sequence[WeekDay]
    rows: Sequence[tuple[int, Sequence[Sequence[WeekCard]]]]
    shown: int


def days_of(monday: date) -> Sequence[date]:
    """Monday to Sunday."""
    return [monday + timedelta(days=n) for n in range(7)]


def week_grid(
    sessions: Iterable[WeekSession],
    days_off: Mapping[date, DayOff],
    *,
    monday: date,
    now: datetime,
    with_ward: bool,
) -> Week:
    """The grid of `sessions`, which begin in the week of `monday` and are in order.

    Args:
        with_ward: say the ward on each card, for a week of several wards.
    """
    sessions = list(sessions)
    several = _venues_with_several_rooms(sessions)
    # Many sessions of a city are at the same hours and lack the same people.
    place_in_grid, lacking_words = cache(partial(_place_in_grid, monday)), cache(_lacking_words)
    cells: dict[int, list[list[WeekCard]]] = {}
    counts = [0] * 7
    for session in sessions:
        column, hour, span = place_in_grid(session.starts_at, session.ends_at)
        counts[column] += 1
        row = cells.get(hour)
        if row is None:
            row = cells[hour] = [[] for _day in range(7)]
        row[column].append(_card(session, span, _place(session, several, with_ward), lacking_words, now))
    return Week(
        week_days(days_off, monday=monday, now=now, counts=counts), sorted(cells.items()), sum(counts)
    )


def week_days(
    days_off: Mapping[date, DayOff], *, monday: date, now: datetime, counts: Sequence[int] = (0,) * 7
) -> list[WeekDay]:
    """The heads of the columns; `counts`: of sessions, by day, where they are said."""
    today = local_day(now)
    return [
        WeekDay(
            day,
            capitalized(formatting.weekday(day)),
            formatting.day(day),
            day == today,
            monday <= day < today <= monday + timedelta(days=6),
            day_off_label(off) if (off := days_off.get(day)) else None,
            lunar_mark(day),
            counts[column],
        )
        for column, day in enumerate(days_of(monday))
    ]


def session_cards(
    sessions: Sequence[WeekSession], *, now: datetime, with_ward: bool
) -> list[tuple[date, WeekCard]]:
    """Sessions outside a grid, each with its day in Huế."""
    several = _venues_with_several_rooms(sessions)
    lacking_words = cache(_lacking_words)
    found: list[tuple[date, WeekCard]] = []
    for each in sessions:
        span = formatting.hours(each.starts_at, each.ends_at)
        card = _card(each, span, _place(each, several, with_ward), lacking_words, now)
        found.append((local_day(each.starts_at), card))
    return found


def _place_in_grid(monday: date, starts_at: datetime, ends_at: datetime) -> tuple[int, int, str]:
    """The column, the hour of the row, and the hours in words."""
    start = starts_at.astimezone(HUE)
    return (start.date() - monday).days, start.hour, formatting.hours(start, ends_at.astimezone(HUE))


def _venues_with_several_rooms(sessions: Iterable[WeekSession]) -> frozenset[tuple[str, str | None]]:
    rooms: dict[tuple[str, str | None], int | None] = {}
    several: set[tuple[str, str | None]] = set()
    for each in sessions:
        venue = (each.ward_id, each.venue)
        if rooms.setdefault(venue, each.room_id) != each.room_id:
            several.add(venue)
    return frozenset(several)


def _place(session: WeekSession, several: Collection[tuple[str, str | None]], with_ward: bool) -> str:
    """The venue alone, unless two of its rooms are in use this week: narrow columns, short words."""
    room = session.room if (session.ward_id, session.venue) in several else None
    place = place_name(words=session.place, room=room, venue=session.venue, market=session.market)
    return f"{session.ward} · {place}" if with_ward else place


def _card(
    session: WeekSession,
    span: str,
    place: str,
    lacking_words: Callable[[int, int], str],
    now: datetime,
) -> WeekCard:
    past = session.ends_at <= now
    need = session.need_trainers + session.need_helpers
    lacking = (
        lacking_words(missing_trainers(session), missing_helpers(session)) if missing(session, now) else ""
    )
    return WeekCard(
        f"/buoi/{session.id}",
        session.kind,
        span,
        session.title,
        place,
        f"{session.trainers + session.helpers}/{need}" if need else None,
        f"{session.seats_taken}/{session.capacity}" if session.kind in WITH_SEATS else None,
        _lack(session) if lacking else None,
        _state(session, past),
        _state_words(session, lacking, past),
    )


def _lack(session: WeekSession) -> str:
    return "no-trainer" if missing_trainers(session) else "no-helper"


def _state(session: WeekSession, past: bool) -> str | None:
    if session.cancelled:
        return "cancelled"
    if not session.published:
        return "draft"
    return "past" if past else None


def _state_words(session: WeekSession, lacking: str, past: bool) -> str | None:
    if session.cancelled:
        return _("Đã hủy")
    said: list[str] = [] if session.published else [_("Bản nháp")]
    asked = session.trainers_asked + session.helpers_asked
    if lacking:
        said.append(lacking)
    elif asked and not past:
        said.append(ngettext("chờ %(n)s người trả lời", "chờ %(n)s người trả lời", asked))
    return capitalized(", ".join(said)) if said else None


def _lacking_words(trainers: int, helpers: int) -> str:
    if trainers and helpers:
        return _("thiếu %(trainers)s dạy chính, %(helpers)s hỗ trợ", trainers=trainers, helpers=helpers)
    if trainers:
        return ngettext("thiếu %(n)s người dạy chính", "thiếu %(n)s người dạy chính", trainers)
    return ngettext("thiếu %(n)s người hỗ trợ", "thiếu %(n)s người hỗ trợ", helpers)
