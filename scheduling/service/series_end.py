"""Ending a series early."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.errors import InvalidInput, NotFound
from lopso.kernel.i18n import gettext as _
from scheduling.errors import NotPossibleNow
from scheduling.models import ClassSession, Series
from scheduling.queries.series_end import meetings_after
from scheduling.queries.series_scope import family_of
from scheduling.service.sessions import cancel_locked, delete_draft


@dataclass(frozen=True, slots=True)
class EndedSeries:
    """What became of the meetings after the last day: ids of those cancelled, number of drafts deleted."""

    cancelled: tuple[int, ...]
    deleted: int


async def end_series(
    db: AsyncSession, ward_id: str, series_id: int, *, last_day: date, reason: str, by: Actor, now: datetime
) -> EndedSeries:
    """End a series after `last_day`: later meetings are cancelled by one act. Does not commit.

    Drafts in which nobody takes part are deleted. Series that were one with it end too.

    Raises:
        NotFound: no such series.
        InvalidInput: there is no meeting after that day, or a reason is missing.
    """
    rows = await db.scalars(
        select(Series)
        .where(Series.id.in_(family_of(ward_id, series_id)))
        .order_by(Series.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    family = rows.all()
    if not family:
        raise NotFound(_("Không tìm thấy chuỗi buổi học này."))
    found = await meetings_after(db, ward_id, series_id, last_day, now=now)
    if not found:
        raise InvalidInput({"last_day": _("Sau ngày này chuỗi không còn buổi nào sắp tới.")})
    sessions = await _lock(db, [each.id for each in found])
    kept = [each for each in sessions if not await _deleted(db, each, by=by, now=now)]
    if kept:
        await cancel_locked(db, kept, reason=reason, by=by, now=now)
    for series in family:
        if series.starts_on <= last_day:
            series.ends_on, series.meetings = last_day, None
            audit.note(db, series, "series.ended", by=by, now=now, last_day=last_day.isoformat())
    await db.flush()
    return EndedSeries(tuple(sorted(each.id for each in kept)), len(sessions) - len(kept))


async def _lock(db: AsyncSession, ids: list[int]) -> list[ClassSession]:
    found = await db.scalars(
        select(ClassSession)
        .where(ClassSession.id.in_(ids), ClassSession.cancelled_at.is_(None))
        .order_by(ClassSession.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list(found)


async def _deleted(db: AsyncSession, session: ClassSession, *, by: Actor, now: datetime) -> bool:
    """Delete a draft in which nobody takes part; whether it was one."""
    if session.published_at is not None:
        return False
    try:
        await delete_draft(db, session.id, by=by, now=now)
    except NotPossibleNow:
        return False
    return True
