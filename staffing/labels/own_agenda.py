"""A helper's coming sessions in the order in which they are of use: today, what waits, soon, by week."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from lopso.kernel import clock, formatting
from staffing.queries.own_assignments import HelperAssignment

SOON = timedelta(days=7)
"""Later sessions are folded by week."""

MOST_WAITING = 3
"""How many unanswered offers stand open; the others are folded below them."""


@dataclass(frozen=True, slots=True)
class Agenda:
    """Coming sessions; each stands in one place.

    Attributes:
        today: what is settled for today.
        waiting: offers to answer, the first of each series, soonest first.
        waiting_too: the other offers.
        soon: what is settled for the days after today, within `SOON`.
        weeks: label and settled sessions of each later week.
    """

    today: Sequence[HelperAssignment]
    waiting: Sequence[HelperAssignment]
    waiting_too: Sequence[HelperAssignment]
    soon: Sequence[HelperAssignment]
    weeks: Sequence[tuple[str, Sequence[HelperAssignment]]]

    def __bool__(self) -> bool:
        """Whether anything is coming."""
        return bool(self.today or self.waiting or self.soon or self.weeks)


def agenda(jobs: Sequence[HelperAssignment], now: datetime) -> Agenda:
    """`jobs`, which are in order of their start, by what they ask of the helper."""
    today = clock.local_day(now)
    waiting = [job for job in jobs if job.is_waiting(now)]
    settled = [job for job in jobs if not job.is_waiting(now)]
    shown = _first_of_each_series(waiting)[:MOST_WAITING]
    later = [job for job in settled if _day(job) >= today + SOON]
    return Agenda(
        today=[job for job in settled if _day(job) <= today],
        waiting=shown,
        waiting_too=[job for job in waiting if job not in shown],
        soon=[job for job in settled if today < _day(job) < today + SOON],
        weeks=[
            (_week_label(monday, today), list(found))
            for monday, found in groupby(later, key=lambda job: _monday(_day(job)))
        ],
    )


def _first_of_each_series(jobs: Sequence[HelperAssignment]) -> list[HelperAssignment]:
    first: dict[object, HelperAssignment] = {}
    for job in jobs:
        first.setdefault(job.session.series_id or ("alone", job.session.id), job)
    return list(first.values())


def _week_label(monday: date, today: date) -> str:
    return formatting.week(monday, monday + timedelta(days=6), today=today)


def _day(job: HelperAssignment) -> date:
    return clock.local_day(job.session.starts_at)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
