"""A series: the preview of its dates with what is in the room on them, and what was split off it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from scheduling.models import ClassSession, Series
from scheduling.queries.holidays import days_off
from scheduling.queries.places import with_place
from scheduling.queries.sessions import room_bookings
from scheduling.rules.clashes import Booking, clashing
from scheduling.rules.plan import SeriesPlan
from scheduling.rules.recurrence import LONGEST_SERIES, Meeting, SeriesDates, Slot, dates_of_rule


@dataclass(frozen=True, slots=True)
class SeriesDate:
    """One date: what is in the room then (`there`), and whether it lies in the past."""

    meeting: Meeting
    there: Sequence[Booking]
    past: bool

    @property
    def possible(self) -> bool:
        """Whether a session can be planned on it: not passed over, and the room free."""
        return not self.meeting.skipped and not self.there


@dataclass(frozen=True, slots=True)
class SeriesPreview:
    """Every date of a series, earliest first. `cut_short` when the rule asks for more than is planned."""

    lines: Sequence[SeriesDate]
    cut_short: bool

    @property
    def free(self) -> int:
        """How many dates are free and still to come."""
        return sum(line.possible and not line.past for line in self.lines)


async def split_off(db: AsyncSession, ward_id: str, series_id: int) -> Sequence[Series]:
    """The series that later changes cut off this one, earliest first; one statement."""
    statement = (
        select(Series)
        .where(Series.ward_id == ward_id, Series.split_from_id == series_id)
        .order_by(Series.starts_on, Series.id)
    )
    return (await db.scalars(statement)).all()


async def series_dates(db: AsyncSession, ward_id: str, plan: SeriesPlan) -> SeriesDates:
    """The dates of a series with the ward's days off; one statement."""
    until = plan.rule.ends_on or plan.rule.starts_on + LONGEST_SERIES
    off = await days_off(db, ward_id=ward_id, since=plan.rule.starts_on, until=until)
    return dates_of_rule(plan.rule, off, skip_days_off=plan.skips_holidays)


async def series_preview(db: AsyncSession, ward_id: str, plan: SeriesPlan, *, now: datetime) -> SeriesPreview:
    """The dates of a series and what is in the room on them; two statements."""
    dates = await series_dates(db, ward_id, plan)
    there = await bookings_at(db, plan.details.place.room_id, [each.slot for each in dates.meetings])
    lines = [
        SeriesDate(meeting, there.get(meeting.slot, ()), meeting.slot.starts_at <= now)
        for meeting in dates.meetings
    ]
    return SeriesPreview(lines, dates.cut_short)


async def bookings_at(
    db: AsyncSession, room_id: int | None, slots: Sequence[Slot], *, without: Sequence[int] = ()
) -> dict[Slot, list[Booking]]:
    """For slots at which a room is taken, what is there; one statement, none without a room."""
    if room_id is None or not slots:
        return {}
    since = min(slot.starts_at for slot in slots)
    until = max(slot.ends_at for slot in slots) + timedelta(minutes=1)
    return clashing(slots, await room_bookings(db, room_id, since=since, until=until, without=without))


async def coming_in_series(db: AsyncSession, session: ClassSession, *, now: datetime) -> list[ClassSession]:
    """`session` and the later ones of its series that are neither cancelled nor over; one statement."""
    if session.series_id is None:
        return [session]
    statement = (
        select(ClassSession)
        .where(
            ClassSession.series_id == session.series_id,
            ClassSession.starts_at >= session.starts_at,
            ClassSession.ends_at > now,
            ClassSession.cancelled_at.is_(None),
        )
        .order_by(ClassSession.starts_at, ClassSession.id)
        .options(*with_place())
    )
    return list((await db.scalars(statement)).all())
