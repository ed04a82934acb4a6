"""Earlier classes of a ward whose people may be chosen again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from scheduling.models import ClassSession

CLASSES_SHOWN = 40
_PAST = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class EarlierClass:
    """A series, or a single session outside any, known by the latest of its sessions with people.

    Attributes:
        series_id: None outside a series. session_id: of the latest session.
        starts_at: when that session begins or began, in UTC.
    """

    series_id: int | None
    session_id: int
    title: str
    starts_at: datetime


async def earlier_classes(db: AsyncSession, session: ClassSession) -> Sequence[EarlierClass]:
    """Classes of the ward with people in them before `session`, the latest first; one statement.

    `CLASSES_SHOWN` at most, of a bit more than a year. The series of `session` is among them when it has
    people in earlier sessions.
    """
    latest = (
        select(ClassSession.series_id, ClassSession.id, ClassSession.title, ClassSession.starts_at)
        .ext(distinct_on(func.coalesce(ClassSession.series_id, -ClassSession.id)))
        .where(
            ClassSession.ward_id == session.ward_id,
            ClassSession.starts_at > session.starts_at - _PAST,
            ClassSession.starts_at < session.starts_at,
            ClassSession.id != session.id,
            ClassSession.cancelled_at.is_(None),
            ClassSession.seats_taken > 0,
        )
        .order_by(
            func.coalesce(ClassSession.series_id, -ClassSession.id),
            ClassSession.starts_at.desc(),
            ClassSession.id.desc(),
        )
        .subquery()
    )
    rows = await db.execute(
        select(latest).order_by(latest.c.starts_at.desc(), latest.c.id.desc()).limit(CLASSES_SHOWN)
    )
    return [EarlierClass(*row) for row in rows]
