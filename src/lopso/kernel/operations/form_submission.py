"""Forms that were processed, so that one posted twice creates once what it creates."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Index, Uuid, delete
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from lopso.kernel.db import Base, Instant

KEPT = timedelta(days=2)


class FormSubmission(Base):
    """A post that was processed. `location`: where it led to; NULL if it was answered with a page."""

    __tablename__ = "form_submission"
    __table_args__ = (Index("ix_form_submission_at", "at"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    at: Mapped[Instant]
    location: Mapped[str | None]


async def clear_submissions(db: AsyncSession, *, now: datetime) -> int:
    """Delete what is older than `KEPT`; returns how many. Does not commit."""
    old = delete(FormSubmission).where(FormSubmission.at < now - KEPT)
    return len((await db.scalars(old.returning(FormSubmission.id))).all())
