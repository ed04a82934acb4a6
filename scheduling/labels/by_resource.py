"""A week of rooms, markets or helpers: a row for each, a cell for each day."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from urllib.parse import urlencode

from lopso.kernel import formatting
from lopso.kernel.clock import at, local, local_day
from lopso.kernel.i18n import gettext as _
from scheduling.labels.month import SessionLine, session_line
from scheduling.labels.week import days_of
from scheduling.queries.calendar import WeekSession
from scheduling.rules.free_spans import free_spans
from scheduling.rules.recurrence import Slot

OPENS, CLOSES = time(7), time(21)
"""Hours at which rooms are looked for (our judgement)."""

SHORTEST_FREE = timedelta(minutes=60)


class FreeSpan(NamedTuple):
    """When a room is free; `href` plans a session there, None for those who may not."""

    words: str
    href: str | None


@dataclass(frozen=True, slots=True)
class DayCell:
    """A day of one row."""

    lines: list[SessionLine] = field(default_factory=list[SessionLine])
    free: Sequence[FreeSpan] = ()


@dataclass(frozen=True, slots=True)
class ResourceRow:
    """A room, a market or a helper; `about` may be empty, `href` None.

    `idle`: `about` says already that there is nothing this week.
    """

    name: str
    about: str
    href: str | None
    cells: Sequence[DayCell]
    idle: bool = False

    @property
    def total(self) -> int:
        """How many sessions stand in the row."""
        return sum(len(each.lines) for each in self.cells)


def cells_of(
    sessions: Iterable[WeekSession],
    monday: date,
    now: datetime,
    *,
    may_see: Callable[[str], bool] = lambda _ward_id: True,
) -> list[DayCell]:
    """`sessions`, which are in order, in the seven days from `monday`.

    Args:
        may_see: whether the reader sees the calendar of a ward; sessions of others have their hours only.
    """
    cells = [DayCell() for _day in range(7)]
    for each in sessions:
        hours = formatting.hours(each.starts_at, each.ends_at)
        if may_see(each.ward_id):
            line = session_line(each, now)._replace(hour=hours, place="")
        else:
            line = SessionLine("", hours, _("buổi ở nơi khác"), "", "", "")
        cells[(local_day(each.starts_at) - monday).days].lines.append(line)
    return cells


def with_free_spans(
    cells: Sequence[DayCell],
    taken: Sequence[WeekSession],
    monday: date,
    now: datetime,
    *,
    plan_at: str | None,
) -> list[DayCell]:
    """`cells` with when the room is free from now on.

    Args:
        taken: all that holds the room in the week, shown or not.
        plan_at: address of the form of a session in this room; None for those who do not plan.
    """
    return [
        DayCell(cell.lines, [_free(each, plan_at) for each in _spans(day, taken, now)])
        for day, cell in zip(days_of(monday), cells, strict=True)
    ]


def _spans(day: date, taken: Sequence[WeekSession], now: datetime) -> list[Slot]:
    since, until = at(day, OPENS), at(day, CLOSES)
    if now > since:
        since = now - timedelta(minutes=local(now).minute % 30, seconds=now.second) + timedelta(minutes=30)
    return free_spans(taken, since, until, at_least=SHORTEST_FREE)


def _free(span: Slot, plan_at: str | None) -> FreeSpan:
    query = {"day": span.day.isoformat(), "since": formatting.hour(span.starts_at)}
    href = f"{plan_at}&{urlencode(query)}" if plan_at else None
    return FreeSpan(_("Trống %(hours)s", hours=formatting.hours(span.starts_at, span.ends_at)), href)


def by_place(sessions: Iterable[WeekSession], column: str) -> Mapping[int, list[WeekSession]]:
    """`sessions` by their `room_id` or `market_id`; those without one left out."""
    found: dict[int, list[WeekSession]] = {}
    for each in sessions:
        place_id: int | None = getattr(each, column)
        if place_id is not None:
            found.setdefault(place_id, []).append(each)
    return found
