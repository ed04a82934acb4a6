"""The last change of a series that can be undone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from scheduling.models import ClassSession, SeriesChange, SeriesChangeSession
from scheduling.queries.series_scope import family_of
from scheduling.queries.series_state import moved, visible


@dataclass(frozen=True, slots=True)
class LastChange:
    """A change of a series.

    Attributes:
        number: how many sessions it changed.
        versions: of the sessions that moved: id → the version that they have since.
        anchor: the first session that it changed and that is still to come, with its values before.
    """

    id: int
    changed_at: datetime
    number: int
    versions: Mapping[int, int]
    anchor: tuple[ClassSession, dict[str, Any]] | None


async def last_change(db: AsyncSession, ward_id: str, series_id: int, *, now: datetime) -> LastChange | None:
    """The last change of a series, or of those that were one with it, that was not undone; two statements."""
    found = await db.scalar(
        select(SeriesChange)
        .where(
            SeriesChange.ward_id == ward_id,
            SeriesChange.series_id.in_(family_of(ward_id, series_id)),
            SeriesChange.undone_at.is_(None),
        )
        .order_by(SeriesChange.id.desc())
        .limit(1)
    )
    return None if found is None else await _described(db, found, now=now)


async def was_changed(db: AsyncSession, ward_id: str, series_id: int) -> bool:
    """Whether there is a change of a series, or of those that were one with it, to undo; one statement."""
    found = await db.scalar(
        select(
            select(SeriesChange.id)
            .where(
                SeriesChange.ward_id == ward_id,
                SeriesChange.series_id.in_(family_of(ward_id, series_id)),
                SeriesChange.undone_at.is_(None),
            )
            .exists()
        )
    )
    return bool(found)


async def change_of(
    db: AsyncSession, ward_id: str, series_id: int, change_id: int, *, now: datetime
) -> LastChange | None:
    """A change of a series, or of those that were one with it, undone or not; two statements."""
    found = await db.scalar(
        select(SeriesChange).where(
            SeriesChange.ward_id == ward_id,
            SeriesChange.id == change_id,
            SeriesChange.series_id.in_(family_of(ward_id, series_id)),
        )
    )
    return None if found is None else await _described(db, found, now=now)


async def _described(db: AsyncSession, change: SeriesChange, *, now: datetime) -> LastChange:
    """A change with its sessions; one statement."""
    rows = (
        await db.execute(
            select(SeriesChangeSession, ClassSession)
            .join(ClassSession, ClassSession.id == SeriesChangeSession.session_id)
            .where(SeriesChangeSession.change_id == change.id, ClassSession.ward_id == change.ward_id)
            .order_by(ClassSession.starts_at, ClassSession.id)
        )
    ).all()
    coming = (
        (session, row.before)
        for row, session in rows
        if session.starts_at > now and not session.cancelled_at and visible(row.before) != visible(row.after)
    )
    return LastChange(
        change.id,
        change.changed_at,
        sum(visible(row.before) != visible(row.after) for row, _session in rows),
        {row.session_id: row.after["version"] for row, _session in rows if moved(row.before, row.after)},
        next(coming, None),
    )
