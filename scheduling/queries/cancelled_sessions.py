"""Sessions that one act cancelled."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from scheduling.models import ClassSession
from scheduling.queries.places import with_place


async def cancelled_together(
    db: AsyncSession, session: ClassSession, *, now: datetime
) -> Sequence[ClassSession]:
    """The sessions of the series that were cancelled with `session` and have not ended, itself included.

    Earliest first, with place; one statement. Empty when it is not cancelled.
    """
    if session.cancelled_at is None:
        return []
    same = (
        ClassSession.series_id == session.series_id
        if session.series_id is not None
        else ClassSession.id == session.id
    )
    found = await db.scalars(
        select(ClassSession)
        .where(
            ClassSession.ward_id == session.ward_id,
            same,
            ClassSession.cancelled_at == session.cancelled_at,
            ClassSession.ends_at > now,
        )
        .order_by(ClassSession.starts_at, ClassSession.id)
        .options(*with_place())
    )
    return found.all()
