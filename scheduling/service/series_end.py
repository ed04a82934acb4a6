"""Ending a series early."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.clock import local_day
from lopso.kernel.errors import InvalidInput, NotFound
from lopso.kernel.i18n import gettext as _
from scheduling.errors import NotPossibleNow
from scheduling.models import ClassSession, Series
from scheduling.queries.series_changes import state_of
from scheduling.queries.series_end import meetings_after
from scheduling.queries.series_scope import family_of
from scheduling.service.locking import lock_series
from scheduling.service.sessions import cancel_locked, delete_draft


@dataclass(frozen=True, slots=True)
class EndedSeries:
    """What became of the meetings after the last day: ids of those cancelled, number of drafts deleted."""

    cancelled: tuple[int, ...]
    deleted: int


async def end_series(
    db: AsyncSession,
    ward_id: str,
    series_id: int,
    *,
    last_day: date,
    reason: str,
    seen: str = "",
    by: Actor,
    now: datetime,
) -> EndedSeries:
    """End a series after `last_day`: later meetings are cancelled by one act. Does not commit.

    Drafts in which nobody takes part are deleted. Series that were one with it end too.

    Args:
        seen: how those meetings stood for whoever decided this (`state_of`); "" does not say it.

    Raises:
        NotFound: no such series.
        InvalidInput: there is no meeting after that day, or a reason is missing.
        NotPossibleNow: they do not stand as they were `seen`.
    """
    family = await lock_series(db, family_of(ward_id, series_id))
    if not family:
        raise NotFound(_("Không tìm thấy chuỗi buổi học này."))
    found = await meetings_after(db, ward_id, series_id, last_day, now=now)
    if not found:
        raise InvalidInput({"last_day": _("Sau ngày này chuỗi không còn buổi nào sắp tới.")})
    if seen and seen != state_of(found):
        raise NotPossibleNow(
            _("Vừa có người đổi các buổi này. Chưa hủy buổi nào; xin xem lại bên dưới rồi bấm lần nữa.")
        )
    sessions = await _lock(db, [each.id for each in found])
    kept = [each for each in sessions if not await _deleted(db, each, by=by, now=now)]
    if kept:
        await cancel_locked(db, kept, reason=reason, by=by, now=now)
    for series in family:
        if series.starts_on <= last_day:
            if series.ended_at is None:
                series.ends_on_before, series.meetings_before = series.ends_on, series.meetings
            series.ended_at = now
            series.ends_on, series.meetings = last_day, None
            audit.note(db, series, "series.ended", by=by, now=now, last_day=last_day.isoformat())
    await db.flush()
    return EndedSeries(tuple(sorted(each.id for each in kept)), len(sessions) - len(kept))


async def restore_ends(db: AsyncSession, sessions: Mapping[ClassSession, datetime]) -> None:
    """Give the series of reopened sessions the end that their rules had before they were ended early.

    While others that ended with them stay cancelled, a rule ends on the last day of those that take place.
    Three statements.

    Args:
        sessions: those reopened, with when each was cancelled.
    """
    days: dict[int, date] = {}
    for each in sessions:
        if each.series_id is not None:
            day = local_day(each.rule_start or each.starts_at)
            days[each.series_id] = max(day, days.get(each.series_id, day))
    series = (await db.scalars(select(Series).where(Series.id.in_(days)))).all()
    still = await _still_ended(db, days)
    for each in series:
        if each.ended_at in sessions.values() and each.id not in still:
            each.ends_on, each.meetings = each.ends_on_before, each.meetings_before
            forget_end(each)
        elif each.ends_on is not None:
            each.ends_on = max(each.ends_on, days[each.id])
    await db.flush()


def forget_end(series: Series) -> None:
    """The series goes on otherwise than it did before it was ended early, if it was."""
    series.ended_at = series.ends_on_before = series.meetings_before = None


async def _still_ended(db: AsyncSession, series_ids: Collection[int]) -> set[int | None]:
    """Which of these series have meetings that stay cancelled since they were ended early."""
    found = await db.scalars(
        select(ClassSession.series_id)
        .join(Series, Series.id == ClassSession.series_id)
        .where(ClassSession.series_id.in_(series_ids), ClassSession.cancelled_at == Series.ended_at)
    )
    return set(found)


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
