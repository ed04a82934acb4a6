"""Preview of a change: what each session becomes, and which bookings prevent it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from scheduling.models import ClassSession
from scheduling.queries.series import bookings_at
from scheduling.queries.sessions import HelperBooking, helper_bookings
from scheduling.rules.clashes import Booking
from scheduling.rules.plan import SessionChange, SessionValues, apply_change
from scheduling.rules.recurrence import Slot


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """One session before and after, and the bookings that prevent it."""

    session: ClassSession
    before: SessionValues
    after: SessionValues
    there: Sequence[Booking]
    busy: Sequence[HelperBooking]

    @property
    def too_few_seats(self) -> bool:
        """Whether more people have a seat than there would be seats."""
        return self.after.capacity < self.session.seats_taken

    @property
    def possible(self) -> bool:
        """Whether nothing prevents it."""
        return not self.there and not self.busy and not self.too_few_seats

    @property
    def notifies(self) -> bool:
        """Whether people are told of it."""
        return self.session.published_at is not None and self.after.moves_from(self.before)


async def planned_changes(
    db: AsyncSession,
    sessions: Sequence[tuple[ClassSession, SessionValues]],
    change: SessionChange,
    *,
    like: SessionValues | None,
) -> Sequence[PlannedChange]:
    """What `change` does to each session, those left out that it does not touch.

    One statement for the helpers and one for each room.

    Args:
        sessions: with their facts as they are now.
        like: as in `rules.plan.changed`.
    """
    after = {session.id: apply_change(facts, change, like=like) for session, facts in sessions}
    touched = [(session, facts) for session, facts in sessions if after[session.id] != facts]
    moving = [session.id for session, facts in touched if after[session.id].moves_from(facts)]
    slots = {session_id: after[session_id].slot for session_id in moving}
    rooms: dict[int, list[Slot]] = {}
    for session_id in moving:
        if (room_id := after[session_id].place.room_id) is not None:
            rooms.setdefault(room_id, []).append(slots[session_id])
    there = {room_id: await bookings_at(db, room_id, each, without=moving) for room_id, each in rooms.items()}
    elsewhere = (
        await helper_bookings(
            db,
            moving,
            since=min(slot.starts_at for slot in slots.values()),
            until=max(slot.ends_at for slot in slots.values()),
        )
        if moving
        else {}
    )
    found: list[PlannedChange] = []
    for session, facts in touched:
        new = after[session.id]
        room_id = new.place.room_id
        met = there[room_id].get(new.slot, ()) if session.id in slots and room_id is not None else ()
        found.append(
            PlannedChange(
                session,
                facts,
                new,
                met,
                [
                    each
                    for each in elsewhere.get(session.id, ())
                    if each.booking.session_id not in slots
                    and each.booking.starts_at < new.slot.ends_at
                    and new.slot.starts_at < each.booking.ends_at
                ],
            )
        )
    return found
