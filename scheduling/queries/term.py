"""Series of a ward with their sessions in some weeks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.clock import start_of_day
from lopso.kernel.paging import Page, offset
from scheduling.models import ClassSession
from scheduling.queries.calendar import IN_ORDER, WeekSession, sessions_shown
from scheduling.queries.calendar_filters import CalendarFilters

SERIES_SHOWN = 20


@dataclass(frozen=True, slots=True)
class SeriesTerm:
    """A series and its sessions in the term, earliest first; there is at least one."""

    series_id: int
    sessions: Sequence[WeekSession]


async def series_in_term(
    db: AsyncSession,
    ward_id: str,
    first: date,
    until: date,
    *,
    filters: CalendarFilters,
    now: datetime,
    number: int,
) -> Page[SeriesTerm]:
    """A page of the series that have sessions from `first` on and before `until`, that with the earliest
    first; two statements.

    Args:
        filters: sessions that they leave out do not count.
    """
    statement = (
        sessions_shown([ward_id], filters, now)
        .where(ClassSession.series_id.is_not(None))
        .with_only_columns(ClassSession.series_id, func.count().over(), maintain_column_froms=True)
        .group_by(ClassSession.series_id)
        .order_by(func.min(ClassSession.starts_at), ClassSession.series_id)
        .limit(SERIES_SHOWN)
        .offset(offset(number, SERIES_SHOWN))
    )
    bounds = {"since": start_of_day(first), "until": start_of_day(until)}
    rows = (await db.execute(statement, bounds)).all()
    ids = [series_id for series_id, _total in rows if series_id is not None]
    by_series: dict[int, list[WeekSession]] = {each: [] for each in ids}
    meetings = sessions_shown([ward_id], filters, now).where(ClassSession.series_id.in_(ids))
    for row in await db.execute(meetings.order_by(*IN_ORDER), bounds):
        each = WeekSession._make(row)
        if each.series_id is not None:
            by_series[each.series_id].append(each)
    items = [SeriesTerm(each, by_series[each]) for each in ids]
    return Page(items, max(1, number), rows[0][1] if rows else 0, SERIES_SHOWN)
