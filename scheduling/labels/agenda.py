"""Sessions by day in words."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import NamedTuple

from lopso.kernel import formatting
from lopso.kernel.text import capitalized
from scheduling.labels.sessions import day_off_label, lunar_mark
from scheduling.labels.week import WeekCard, session_cards
from scheduling.queries.calendar import WeekSession
from scheduling.rules.recurrence import DayOff


class AgendaDay(NamedTuple):
    """A day that has sessions; `about`: day off and lunar day, "" where it is neither."""

    label: str
    about: str
    cards: Sequence[WeekCard]


def agenda_days(
    sessions: Sequence[WeekSession], days_off: Mapping[date, DayOff], *, now: datetime, with_ward: bool
) -> Sequence[AgendaDay]:
    """`sessions`, which are in order, by day."""
    cards = session_cards(sessions, now=now, with_ward=with_ward)
    return [
        AgendaDay(
            capitalized(formatting.weekday_and_date(day)),
            _about(day, days_off.get(day)),
            [card for _day, card in those],
        )
        for day, those in groupby(cards, key=lambda each: each[0])
    ]


def _about(day: date, off: DayOff | None) -> str:
    return ", ".join(part for part in (day_off_label(off) if off else "", lunar_mark(day)) if part)
