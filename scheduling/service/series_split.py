"""Splitting a series where its weekly times change."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.clock import local_day
from scheduling.models import ClassSession, Series, SeriesSlot
from scheduling.queries.series_scope import RULE_START
from scheduling.queries.session_values import meeting_of, values_of
from scheduling.rules.plan import SessionChange
from scheduling.rules.recurrence import WeeklySlot
from scheduling.rules.series_change import SeriesMeeting, change_meeting, change_slots
from scheduling.service.series_end import forget_end


@dataclass(frozen=True, slots=True)
class ChangedMeetings:
    """A change of series: the meeting on which it was made, and the sessions changed, as they were before."""

    change: SessionChange
    like: SeriesMeeting
    done: Sequence[tuple[ClassSession, SeriesMeeting]]

    def retimed(self, series_id: int) -> Sequence[ClassSession]:
        """The sessions of a series that are at another time now, earliest first."""
        theirs = [
            session
            for session, before in self.done
            if session.series_id == series_id and values_of(session).slot != before.values.slot
        ]
        return sorted(theirs, key=lambda each: each.original_start)

    def after(self, before: SeriesMeeting) -> SeriesMeeting:
        """A meeting that stays at its time, with its place in the new rule."""
        return change_meeting(before, self.change, like=self.like, follow=False)


async def split_family(db: AsyncSession, changed: ChangedMeetings, *, by: Actor, now: datetime) -> None:
    """Give the sessions changed, and those after them in their series, a rule with the new times."""
    for series_id in sorted({session.series_id or 0 for session, _before in changed.done}):
        if retimed := changed.retimed(series_id):
            await _split(db, series_id, retimed, changed, by=by, now=now)


async def _split(
    db: AsyncSession,
    series_id: int,
    retimed: Sequence[ClassSession],
    changed: ChangedMeetings,
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Earlier meetings keep the old rule in a series of their own, where there are any."""
    series = await db.get_one(Series, series_id, with_for_update=True)
    before = await rule_of(db, series)
    forget_end(series)
    slots = change_slots(before.slots, changed.change, like=changed.like)
    first = retimed[0]
    days = [local_day(each.rule_start or each.starts_at) for each in retimed]
    await _move_in_rule(db, series, first, changed)
    if slots == before.slots:
        # By whole weeks, or only meetings of which the rule never spoke.
        series.ends_on = series.ends_on and max(series.ends_on, *days)
        return
    staying, last = await _earlier(db, series, first)
    later: Series | None = None
    if staying:
        later = await _later_series(db, series, first, staying, min(days), by=by, now=now)
        series.ends_on, series.meetings = max(local_day(last or first.starts_at), series.starts_on), None
    target = later or series
    if target.ends_on is not None:
        target.ends_on = max(target.ends_on, *days)
    target.starts_on = min(days) if later is None and series.starts_on > min(days) else target.starts_on
    await set_slots(db, target.id, slots)
    facts: dict[str, Any] = {"before": before.facts}
    if later is not None:
        facts |= {"later": later.id, "from": later.starts_on.isoformat()}
    audit.note(db, series, "series.split" if later else "series.rule_changed", by=by, now=now, **facts)


async def _earlier(db: AsyncSession, series: Series, first: ClassSession) -> tuple[int, datetime | None]:
    """How many meetings of a series come before `first`, and where the rule puts the last of them."""
    row = await db.execute(
        select(func.count(), func.max(RULE_START)).where(
            ClassSession.ward_id == series.ward_id,
            ClassSession.series_id == series.id,
            ClassSession.original_start < first.original_start,
        )
    )
    number, last = row.one()
    return number, last


async def _move_in_rule(
    db: AsyncSession, series: Series, first: ClassSession, changed: ChangedMeetings
) -> None:
    """Note of the meetings that did not move, cancelled ones too, where the new rule would have them."""
    moved = {session.id for session, _before in changed.done}
    rest = await db.scalars(
        select(ClassSession).where(
            ClassSession.ward_id == series.ward_id,
            ClassSession.series_id == series.id,
            ClassSession.original_start >= first.original_start,
            ClassSession.id.not_in(moved),
        )
    )
    for session in rest:
        start = changed.after(meeting_of(session)).rule_start
        session.rule_start = start if start != session.starts_at else None
    await db.flush()


async def _later_series(
    db: AsyncSession,
    series: Series,
    first: ClassSession,
    staying: int,
    starts_on: date,
    *,
    by: Actor,
    now: datetime,
) -> Series:
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
    return later


@dataclass(frozen=True, slots=True)
class StoredRule:
    """The rule of a series as it stands, and as the audit trail keeps it."""

    slots: tuple[WeeklySlot, ...]
    facts: dict[str, Any]


async def rule_of(db: AsyncSession, series: Series) -> StoredRule:
    """The rule of a series; one statement."""
    rows = await db.scalars(select(SeriesSlot).where(SeriesSlot.series_id == series.id))
    slots = tuple(sorted(WeeklySlot(each.weekday, each.starts_at, each.duration_minutes) for each in rows))
    return StoredRule(
        slots,
        {
            "starts_on": series.starts_on.isoformat(),
            "ends_on": series.ends_on and series.ends_on.isoformat(),
            "meetings": series.meetings,
            "slots": [[each.weekday, each.starts_at.isoformat(), each.duration_minutes] for each in slots],
        },
    )


async def set_slots(db: AsyncSession, series_id: int, slots: Collection[WeeklySlot]) -> None:
    """Put these weekly times in place of those of a series; two statements."""
    await db.execute(delete(SeriesSlot).where(SeriesSlot.series_id == series_id))
    db.add_all(
        SeriesSlot(
            series_id=series_id,
            weekday=each.weekday,
            starts_at=each.starts_at,
            duration_minutes=each.duration_minutes,
        )
        for each in slots
    )
    await db.flush()
