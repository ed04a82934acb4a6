"""Sessions and series of a ward that rows of a plan sheet may be."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.clock import local_day, start_of_day
from plan_sheets.models import SheetSeries
from plan_sheets.rules.decided_rows import WardSession
from plan_sheets.rules.known_series import KnownSeries, place_key
from scheduling.models import ClassSession, Series, SeriesSlot
from scheduling.rules.plan import SessionPlace
from scheduling.rules.recurrence import Slot, WeeklySlot

AROUND = timedelta(days=60)
"""So far before and after the dates of a file a series may lie that one of its rows changes."""


async def sessions_between(db: AsyncSession, ward_id: str, first: date, last: date) -> Sequence[WardSession]:
    """The sessions of a ward, in any state, that begin on these days; one statement."""
    found = await db.scalars(
        select(ClassSession)
        .where(
            ClassSession.ward_id == ward_id,
            ClassSession.starts_at >= start_of_day(first - AROUND),
            ClassSession.starts_at < start_of_day(last + AROUND),
        )
        .order_by(ClassSession.starts_at, ClassSession.id)
    )
    return [
        WardSession(
            id=each.id,
            series_id=each.series_id,
            course_id=each.course_id,
            place=place_key(SessionPlace(each.room_id, each.market_id, each.place)),
            title=each.title,
            slot=Slot(each.starts_at, each.ends_at),
            original_start=each.original_start,
            cancelled=each.cancelled_at is not None,
            seats=each.capacity,
        )
        for each in found
    ]


async def series_of_sessions(
    db: AsyncSession, ward_id: str, sessions: Sequence[WardSession]
) -> Sequence[KnownSeries]:
    """The series that some sessions belong to, and what sheets said of them; three statements."""
    of_series: defaultdict[int, list[WardSession]] = defaultdict(list)
    for each in sessions:
        if each.series_id is not None:
            of_series[each.series_id].append(each)
    slots = await _slots(db, of_series)
    stated = {
        each.series_id: each
        for each in await db.scalars(select(SheetSeries).where(SheetSeries.series_id.in_(of_series)))
    }
    rows = await db.scalars(select(Series).where(Series.ward_id == ward_id, Series.id.in_(of_series)))
    return [
        _known(row, of_series[row.id], slots.get(row.id, ()), stated.get(row.id))
        for row in sorted(rows, key=lambda each: each.id)
    ]


def _known(
    series: Series,
    sessions: Sequence[WardSession],
    slots: Sequence[WeeklySlot],
    stated: SheetSeries | None,
) -> KnownSeries:
    standing = [each for each in sessions if not each.cancelled] or list(sessions)
    usual = standing[-1]
    return KnownSeries(
        id=series.id,
        course_id=series.course_id,
        title=usual.title,
        place=usual.place,
        times=slots,
        starts_on=series.starts_on,
        ends_on=series.ends_on,
        meetings=series.meetings,
        first=local_day(min(each.original_start for each in sessions)),
        last=local_day(max(each.slot.starts_at for each in sessions)),
        total=sum(not each.cancelled for each in sessions),
        seats=usual.seats,
        stated_texts=stated.texts if stated else "",
        stated_facts=stated.facts if stated else None,
    )


async def _slots(db: AsyncSession, series_ids: Collection[int]) -> Mapping[int, Sequence[WeeklySlot]]:
    found: defaultdict[int, list[WeeklySlot]] = defaultdict(list)
    statement = select(SeriesSlot).where(SeriesSlot.series_id.in_(series_ids))
    for row in await db.scalars(statement.order_by(SeriesSlot.weekday, SeriesSlot.starts_at)):
        found[row.series_id].append(WeeklySlot(row.weekday, row.starts_at, row.duration_minutes))
    return found
