"""A term in words: a row for each series, a cell for each week."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from lopso.kernel import formatting
from lopso.kernel.clock import local_day
from lopso.kernel.i18n import gettext as _
from lopso.kernel.text import capitalized
from scheduling.labels.attention import missing
from scheduling.labels.sessions import day_off_label
from scheduling.queries.calendar import WeekSession
from scheduling.queries.term import SeriesTerm
from scheduling.rules.places import place_name
from scheduling.rules.recurrence import DayOff

WEEK = timedelta(days=7)


class TermMark(NamedTuple):
    """A session as one field: its day, and how it stands as a class and in words."""

    href: str
    day: str
    look: str
    words: str


class TermWeek(NamedTuple):
    """The head of a column: "30/11"; `holidays` that lie in the week, "" without any."""

    label: str
    current: bool
    holidays: str


@dataclass(frozen=True, slots=True)
class TermRow:
    """A series; `cells` has the marks of each week, `held` of `total` sessions are over."""

    href: str
    title: str
    about: str
    held: int
    total: int
    short: int
    cells: Sequence[Sequence[TermMark]]


def term_weeks(mondays: Sequence[date], days_off: Mapping[date, DayOff], now: datetime) -> Sequence[TermWeek]:
    """The weeks that begin on `mondays`."""
    today = local_day(now)
    return [
        TermWeek(
            formatting.day(monday),
            monday <= today < monday + WEEK,
            ", ".join(
                dict.fromkeys(
                    day_off_label(off)
                    for day, off in sorted(days_off.items())
                    if monday <= day < monday + WEEK
                )
            ),
        )
        for monday in mondays
    ]


def term_row(series: SeriesTerm, ward_id: str, mondays: Sequence[date], now: datetime) -> TermRow:
    """One series in the weeks of `mondays`."""
    cells: list[list[TermMark]] = [[] for _monday in mondays]
    for each in series.sessions:
        cells[(local_day(each.starts_at) - mondays[0]).days // 7].append(_mark(each, now))
    standing = [each for each in series.sessions if not each.cancelled]
    first = (standing or series.sessions)[0]
    return TermRow(
        f"/lich/{ward_id}/chuoi/{series.series_id}",
        first.title,
        f"{capitalized(formatting.weekday(first.starts_at))} {formatting.hour(first.starts_at)}, "
        + place_name(words=first.place, room=None, venue=first.venue, market=first.market),
        sum(each.published and each.ends_at <= now for each in standing),
        len(standing),
        sum(missing(each, now) > 0 for each in standing),
        cells,
    )


def _mark(session: WeekSession, now: datetime) -> TermMark:
    look, words = _state(session, now)
    day = formatting.day(session.starts_at)
    when = formatting.day_and_hours(session.starts_at, session.ends_at)
    return TermMark(f"/buoi/{session.id}", day, look, f"{when}: {words}")


def _state(session: WeekSession, now: datetime) -> tuple[str, str]:
    if session.cancelled:
        return "cancelled", _("đã hủy")
    if not session.published:
        return "draft", _("bản nháp")
    if session.ends_at <= now:
        return "held", _("đã học")
    return ("short", _("thiếu người")) if missing(session, now) else ("ready", _("sắp tới"))
