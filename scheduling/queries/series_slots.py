"""Weekly times of series."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from scheduling.models import ClassSession, SeriesSlot
from scheduling.queries.series_scope import family_of
from scheduling.rules.recurrence import WeeklySlot


async def slots_of_family(db: AsyncSession, session: ClassSession) -> Mapping[int, Sequence[WeeklySlot]]:
    """Weekly times of the session's series and of those that were one with it, by series; one statement."""
    rows = await db.scalars(
        select(SeriesSlot)
        .where(SeriesSlot.series_id.in_(family_of(session.ward_id, session.series_id)))
        .order_by(SeriesSlot.series_id, SeriesSlot.weekday, SeriesSlot.starts_at)
    )
    found: dict[int, list[WeeklySlot]] = {}
    for row in rows:
        slot = WeeklySlot(row.weekday, row.starts_at, row.duration_minutes)
        found.setdefault(row.series_id, []).append(slot)
    return found
