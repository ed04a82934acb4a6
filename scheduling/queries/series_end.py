"""What would end with a series."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.clock import start_of_day
from scheduling.models import ClassSession
from scheduling.queries.places import with_place
from scheduling.queries.series_scope import family_of


async def meetings_after(
    db: AsyncSession, ward_id: str, series_id: int, day: date, *, now: datetime
) -> Sequence[ClassSession]:
    """Meetings after `day` that stand and are to come, of a series and those that were one with it.

    One statement.
    """
    found = await db.scalars(
        select(ClassSession)
        .options(*with_place())
        .where(
            ClassSession.ward_id == ward_id,
            ClassSession.series_id.in_(family_of(ward_id, series_id)),
            ClassSession.cancelled_at.is_(None),
            ClassSession.starts_at >= start_of_day(day + timedelta(days=1)),
            ClassSession.starts_at > now,
        )
        .order_by(ClassSession.starts_at, ClassSession.id)
    )
    return found.all()
