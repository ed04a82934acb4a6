"""A whole roster in one request: marks, then demonstrations."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from attendance.queries import RollSession
from attendance.service.marks import Mark, SaveResult, record_marks
from competency.service.demonstrations import ObservedSkill, record_demonstrations
from lopso.kernel.access import Actor


async def save_roster(
    db: AsyncSession,
    session: RollSession,
    marks: Sequence[Mark],
    shown: Sequence[ObservedSkill],
    *,
    by: Actor,
    now: datetime,
) -> SaveResult:
    """Save marks first: a demonstration may rest on a mark of the same request."""
    came = await record_marks(db, session, marks, by=by, now=now)
    did = await record_demonstrations(db, session, shown, by=by, now=now)
    return SaveResult(came.saved + did.saved, came.known + did.known, came.refused | did.refused)
