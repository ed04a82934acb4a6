"""What holds a room on one day, and which rooms are taken at a time."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.clock import start_of_day
from scheduling.models import ClassSession
from scheduling.queries.sessions import room_bookings
from scheduling.rules.clashes import Booking
from scheduling.rules.recurrence import Slot


async def bookings_of_day(
    db: AsyncSession, room_id: int, day: date, *, slot: Slot | None, without: Collection[int] = ()
) -> Sequence[Booking]:
    """What is in a room on a day in Huế, earliest first; a `slot` past midnight is covered. One statement."""
    until = start_of_day(day + timedelta(days=1))
    if slot is not None:
        until = max(until, slot.ends_at)
    return await room_bookings(db, room_id, since=start_of_day(day), until=until, without=without)


async def taken_rooms(
    db: AsyncSession, ward_id: str, slot: Slot, *, without: Collection[int] = ()
) -> Collection[int]:
    """Ids of the rooms of a ward that a session holds at some moment of `slot`; one statement."""
    found = await db.scalars(
        select(ClassSession.room_id).where(
            ClassSession.ward_id == ward_id,
            ClassSession.room_id.is_not(None),
            ClassSession.cancelled_at.is_(None),
            ClassSession.starts_at < slot.ends_at,
            ClassSession.starts_at > slot.starts_at - timedelta(days=1),
            ClassSession.ends_at > slot.starts_at,
            ClassSession.id.not_in(without),
        )
    )
    return {room_id for room_id in found if room_id is not None}
