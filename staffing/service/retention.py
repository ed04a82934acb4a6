"""Reasons of absences, cleared as those of assignments are."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.clock import local_day
from scheduling.models import REASON_CLEARED
from scheduling.service.retention import REASONS_KEPT, count_cleared
from staffing.models import Absence


async def clear_absence_reasons(db: AsyncSession, *, now: datetime) -> dict[str, int]:
    """Clear the reasons of absences long past; rows by table. Does not commit.

    That somebody was away, and when, stays.
    """
    statement = (
        update(Absence)
        .where(Absence.reason != REASON_CLEARED, Absence.last < local_day(now - REASONS_KEPT))
        .values(reason=REASON_CLEARED)
    )
    return {"absence_reason": await count_cleared(db, statement)}
