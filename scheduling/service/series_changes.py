"""Changing the sessions of a series that are still to come."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.clock import local, local_day
from lopso.kernel.errors import Refused
from lopso.kernel.i18n import gettext as _
from scheduling.errors import NotPossibleNow
from scheduling.models import ClassSession, Series, SeriesSlot
from scheduling.rules.plan import SessionChange, SessionValues, apply_change
from scheduling.rules.recurrence import weekly_slot
from scheduling.service.changes import change_locked_session, publish_changes, values_of
from scheduling.service.sessions import cancel_locked, lock_session

SeriesScope = Literal["following", "all"]
"""Which sessions of a series: this one and those after it, or every one still to come."""


@dataclass(frozen=True, slots=True)
class SeriesChangeResult:
    """Ids of the sessions changed, and why others were not."""

    session_ids: tuple[int, ...]
    left_out: tuple[str, ...]


async def in_scope(
    db: AsyncSession, anchor: ClassSession, scope: SeriesScope, now: datetime
) -> Sequence[ClassSession]:
    """Sessions of the anchor's series that are still to come and not cancelled, earliest first."""
    since = max(now, anchor.starts_at) if scope == "following" else now
    found = await db.scalars(
        select(ClassSession)
        .where(
            ClassSession.ward_id == anchor.ward_id,
            ClassSession.series_id == anchor.series_id,
            ClassSession.cancelled_at.is_(None),
            ClassSession.starts_at >= since,
            ClassSession.starts_at > now,
        )
        .order_by(ClassSession.starts_at, ClassSession.id)
    )
    return found.all()


async def change_series(
    db: AsyncSession,
    session_id: int,
    change: SessionChange,
    *,
    scope: SeriesScope,
    picked: Collection[int] | None = None,
    by: Actor,
    now: datetime,
) -> SeriesChangeResult:
    """Change the coming sessions of a series as the one of `session_id`; past ones stay. Does not commit.

    Another time cuts the series in two where the change begins, each half with a rule of its own. Sessions
    whose new time or place is taken stay as they are and are named.

    Args:
        picked: ids of the sessions wanted; None takes all in `scope`.

    Raises:
        SessionNotFound: no such session.
        NotPossibleNow: it is not of a series, or nothing in `scope` could be changed.
    """
    if change.day is not None:
        raise ValueError("a series keeps its weekdays; one session can be moved to another day")
    anchor = await lock_session(db, session_id)
    if anchor.series_id is None:
        raise NotPossibleNow(_("Buổi này không thuộc một chuỗi."))
    like = values_of(anchor)
    wanted = [each for each in await in_scope(db, anchor, scope, now) if picked is None or each.id in picked]
    await _lock_all(db, wanted)
    if not wanted:
        raise NotPossibleNow(_("Không có buổi nào được chọn."))
    if change.retimes and apply_change(like, change).slot.starts_at > like.slot.starts_at:
        wanted.reverse()  # later first: each then leaves its place before the next one needs it
    done: list[tuple[ClassSession, SessionValues]] = []
    left_out: list[str] = []
    for session in wanted:
        before = values_of(session)
        try:
            if await change_locked_session(
                db, session, apply_change(before, change, like=like), by=by, now=now
            ):
                done.append((session, before))
        except Refused as refusal:
            left_out.append(refusal.sentence)
    if not done and left_out:
        raise NotPossibleNow(" ".join(left_out))
    # Told while it is still one series: what people have read of it speaks of the whole.
    await publish_changes(db, done, by=by, now=now)
    sessions = [session for session, _before in done]
    if change.retimes and done:
        first = min(sessions, key=lambda each: each.original_start)
        await _split_series(db, anchor, first, like, change, by=by, now=now)
    return SeriesChangeResult(tuple(sorted(each.id for each in sessions)), tuple(left_out))


async def cancel_series(
    db: AsyncSession,
    session_id: int,
    *,
    reason: str,
    scope: SeriesScope,
    picked: Collection[int] | None = None,
    by: Actor,
    now: datetime,
) -> tuple[int, ...]:
    """Cancel coming sessions of a series by one act; their ids, ascending. Does not commit.

    Args:
        picked: ids of the sessions wanted; None takes all in `scope`.

    Raises:
        SessionNotFound: no such session.
        InvalidInput: without a reason.
        NotPossibleNow: it is not of a series, or no session was picked.
    """
    anchor = await lock_session(db, session_id)
    if anchor.series_id is None:
        raise NotPossibleNow(_("Buổi này không thuộc một chuỗi."))
    wanted = [each for each in await in_scope(db, anchor, scope, now) if picked is None or each.id in picked]
    await _lock_all(db, wanted)
    still = [each for each in wanted if each.cancelled_at is None]
    if not still:
        raise NotPossibleNow(_("Không có buổi nào được chọn."))
    await cancel_locked(db, still, reason=reason, by=by, now=now)
    return tuple(sorted(each.id for each in still))


async def _lock_all(db: AsyncSession, sessions: Sequence[ClassSession]) -> None:
    # In id order: two changes at once would otherwise wait for each other.
    await db.scalars(
        select(ClassSession)
        .where(ClassSession.id.in_([each.id for each in sessions]))
        .order_by(ClassSession.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


async def _split_series(
    db: AsyncSession,
    anchor: ClassSession,
    first: ClassSession,
    like: SessionValues,
    change: SessionChange,
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Give the sessions from `first` on a rule with the new time; earlier ones keep the old rule."""
    series = await db.get_one(Series, anchor.series_id, with_for_update=True)
    slots = (await db.scalars(select(SeriesSlot).where(SeriesSlot.series_id == series.id))).all()
    moved = apply_change(like, change).slot
    new, old_time = weekly_slot(moved.starts_at, moved.ends_at), local(like.slot.starts_at).time()
    if all(slot.starts_at != old_time for slot in slots):
        return  # the anchor was moved by itself before: the rule never spoke of this time
    minutes: dict[tuple[int, time], int] = {}
    for slot in slots:
        hit = slot.starts_at == old_time
        key = (slot.weekday, new.starts_at if hit else slot.starts_at)
        minutes[key] = new.duration_minutes if hit else slot.duration_minutes
    earlier = (
        ClassSession.ward_id == series.ward_id,
        ClassSession.series_id == series.id,
        ClassSession.original_start < first.original_start,
    )
    staying, last = (
        await db.execute(select(func.count(), func.max(ClassSession.original_start)).where(*earlier))
    ).one()
    target = series
    if staying:
        target = await _later_series(db, series, first, staying, local_day(last), by=by, now=now)
    await db.execute(delete(SeriesSlot).where(SeriesSlot.series_id == target.id))
    db.add_all(
        SeriesSlot(series_id=target.id, weekday=weekday, starts_at=starts_at, duration_minutes=duration)
        for (weekday, starts_at), duration in minutes.items()
    )
    await db.flush()


async def _later_series(
    db: AsyncSession,
    series: Series,
    first: ClassSession,
    staying: int,
    last_staying: date,
    *,
    by: Actor,
    now: datetime,
) -> Series:
    starts_on = local_day(first.original_start)
    later = Series(
        ward_id=series.ward_id,
        course_id=series.course_id,
        split_from_id=series.id,
        starts_on=starts_on,
        ends_on=max(series.ends_on, starts_on) if series.ends_on else None,
        meetings=max(1, series.meetings - staying) if series.meetings else None,
        skips_holidays=series.skips_holidays,
        created_at=now,
        created_by=by.user_id,
    )
    series.ends_on, series.meetings = max(last_staying, series.starts_on), None
    db.add(later)
    await db.flush()
    await db.execute(
        update(ClassSession)
        .where(
            ClassSession.ward_id == series.ward_id,
            ClassSession.series_id == series.id,
            ClassSession.original_start >= first.original_start,
        )
        .values(series_id=later.id)
    )
    facts = {"later": later.id, "from": starts_on.isoformat()}
    audit.note(db, series, "series.split", by=by, now=now, **facts)
    return later
