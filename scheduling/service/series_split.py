"""Splitting a series where its weekly time changes."""

from datetime import date, datetime, time

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.clock import local, local_day
from scheduling.models import ClassSession, Series, SeriesSlot
from scheduling.rules.plan import SessionChange, SessionValues, apply_change
from scheduling.rules.recurrence import weekly_slot


async def split_series(
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
