"""Reasons why somebody did not come, cleared after their time: they may say something about health."""

from datetime import datetime, timedelta

from sqlalchemy import CursorResult, case, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import Update

from scheduling.models import REASON_CLEARED, Assignment, ClassSession, Enrolment

REASONS_KEPT = timedelta(days=30)
"""After the session, or the last day of the absence: until then somebody may have to look who was away."""


async def clear_reasons(db: AsyncSession, *, now: datetime) -> dict[str, int]:
    """Clear the reasons of helpers and learners for sessions long past; rows by table.

    That somebody declined, and when, stays. Does not commit.
    """
    long_ago = now - REASONS_KEPT
    of_helpers = (
        update(Assignment)
        .where(Assignment.reason.not_in(("", REASON_CLEARED)), Assignment.ends_at < long_ago)
        .values(reason=case((Assignment.state == "declined", REASON_CLEARED), else_=""))
    )
    past = select(ClassSession.id).where(
        ClassSession.id == Enrolment.session_id, ClassSession.ends_at < long_ago
    )
    of_learners = (
        update(Enrolment).where(Enrolment.cancel_reason != "", past.exists()).values(cancel_reason="")
    )
    return {
        "assignment_reason": await count_cleared(db, of_helpers),
        "enrolment_reason": await count_cleared(db, of_learners),
    }


async def count_cleared(db: AsyncSession, statement: Update) -> int:
    """Run a statement that clears reasons; how many rows it changed."""
    done = await db.execute(statement.execution_options(synchronize_session=False))
    return done.rowcount if isinstance(done, CursorResult) else 0
