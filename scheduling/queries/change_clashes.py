"""What is elsewhere at the new times of sessions: in their rooms, and in their learners' calendars."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from scheduling.models import ClassSession, Enrolment
from scheduling.queries.series import bookings_at
from scheduling.rules.clashes import Booking
from scheduling.rules.plan import SessionValues
from scheduling.rules.recurrence import Slot, overlap, span_of


class Moving(Protocol):
    """A session with what it is to become."""

    @property
    def session(self) -> ClassSession: ...

    @property
    def after(self) -> SessionValues: ...

    @property
    def moves(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class SeatClash:
    """Another class at that time, in which so many of the learners have a seat."""

    booking: Booking
    learners: int


async def room_clashes(
    db: AsyncSession, wanted: Sequence[Moving], *, leaving: Collection[int]
) -> dict[int, Sequence[Booking]]:
    """By session, what is in its room at its new time; one statement a room.

    Args:
        leaving: sessions that leave their times by the same change: they are in nobody's way.
    """
    rooms: dict[int, list[Slot]] = {}
    for each in wanted:
        if each.moves and (room_id := each.after.place.room_id) is not None:
            rooms.setdefault(room_id, []).append(each.after.slot)
    there = {
        room_id: await bookings_at(db, room_id, slots, without=list(leaving))
        for room_id, slots in rooms.items()
    }
    return {
        each.session.id: [
            booking
            for booking in there.get(each.after.place.room_id or 0, {}).get(each.after.slot, ())
            if booking.session_id != each.session.id
        ]
        for each in wanted
        if each.moves
    }


async def seat_clashes(
    db: AsyncSession, slots: Mapping[int, Slot], *, leaving: Collection[int]
) -> dict[int, list[SeatClash]]:
    """By session, other classes of its learners at its new time, earliest first; one statement."""
    mine, other = aliased(Enrolment), aliased(Enrolment)
    since, until = span_of(slots.values())
    rows = await db.execute(
        select(
            mine.session_id,
            ClassSession.id,
            ClassSession.title,
            ClassSession.starts_at,
            ClassSession.ends_at,
            func.count(mine.learner_id.distinct()),
        )
        .select_from(mine)
        .join(other, other.learner_id == mine.learner_id)
        .join(ClassSession, ClassSession.id == other.session_id)
        .where(
            mine.session_id.in_(slots),
            mine.state == "enrolled",
            other.state == "enrolled",
            other.session_id != mine.session_id,
            other.session_id.not_in(leaving),
            ClassSession.cancelled_at.is_(None),
            ClassSession.starts_at < until,
            ClassSession.ends_at > since,
        )
        .group_by(mine.session_id, ClassSession.id)
        .order_by(ClassSession.starts_at, ClassSession.id)
    )
    found: dict[int, list[SeatClash]] = {}
    for session_id, other_id, title, starts_at, ends_at, learners in rows:
        there, slot = Booking(other_id, title, starts_at, ends_at), slots[session_id]
        if overlap(there, slot):
            found.setdefault(session_id, []).append(SeatClash(there, learners))
    return found
