"""Sessions by day: how many there are, and the first of each."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Date, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.clock import HUE, start_of_day
from scheduling.models import ClassSession
from scheduling.queries.calendar import IN_ORDER, PEOPLE, WeekSession, sessions_shown
from scheduling.queries.calendar_filters import CalendarFilters, is_short

_DAY = cast(func.timezone(HUE.key, ClassSession.starts_at), Date)
_STANDS = ClassSession.cancelled_at.is_(None)


class DayCounts(NamedTuple):
    """Sessions of one day: all, those not cancelled, and those of them that are short of helpers."""

    listed: int
    standing: int
    short: int


@dataclass(frozen=True, slots=True)
class DaySessions:
    """A day with its counts and the first of its sessions by time, cancelled ones last."""

    counts: DayCounts
    first: list[WeekSession] = field(default_factory=list[WeekSession])


async def first_of_days(
    db: AsyncSession,
    *,
    ward_id: str,
    first: date,
    until: date,
    filters: CalendarFilters,
    now: datetime,
    per_day: int,
) -> Mapping[date, DaySessions]:
    """Days from `first` on and before `until` that have sessions; one statement, `per_day` rows a day.

    Args:
        filters: what they leave out is not counted either.
    """
    counts = [each.over(partition_by=_DAY) for each in _counts(now)]
    place = func.row_number().over(
        partition_by=_DAY, order_by=(ClassSession.cancelled_at.is_not(None), *IN_ORDER)
    )
    found = (
        sessions_shown([ward_id], filters, now)
        .add_columns(_DAY.label("day"), *counts, place.label("place_in_day"))
        .subquery()
    )
    columns = [each for each in found.c if each is not found.c.place_in_day]
    statement = (
        select(*columns).where(found.c.place_in_day <= per_day).order_by(found.c.day, found.c.place_in_day)
    )
    size = len(WeekSession._fields)
    days: dict[date, DaySessions] = {}
    for row in await db.execute(statement, _bounds(first, until)):
        day = days.setdefault(row[size], DaySessions(DayCounts._make(row[size + 1 :])))
        day.first.append(WeekSession._make(row[:size]))
    return days


async def counts_of_days(
    db: AsyncSession,
    *,
    wards: Collection[str] | None,
    first: date,
    until: date,
    filters: CalendarFilters,
    now: datetime,
) -> Mapping[date, DaySessions]:
    """The same for several wards, without any session; one statement, a row a day."""
    statement = (
        sessions_shown(wards, filters, now)
        .with_only_columns(_DAY, *_counts(now), maintain_column_froms=True)
        .group_by(_DAY)
    )
    rows = await db.execute(statement, _bounds(first, until))
    return {row[0]: DaySessions(DayCounts._make(row[1:])) for row in rows}


def _counts(now: datetime) -> tuple[Any, Any, Any]:
    """The columns of `DayCounts`, as aggregates."""
    return func.count(), func.count().filter(_STANDS), func.count().filter(is_short(PEOPLE, now))


def _bounds(first: date, until: date) -> dict[str, datetime]:
    return {"since": start_of_day(first), "until": start_of_day(until)}
