"""Preview of a change: what each session becomes, and which bookings prevent it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from scheduling.models import ClassSession
from scheduling.queries.change_clashes import SeatClash, room_clashes, seat_clashes
from scheduling.queries.holidays import days_off
from scheduling.queries.sessions import HelperBooking, helper_bookings
from scheduling.rules.clashes import Booking
from scheduling.rules.plan import SessionValues
from scheduling.rules.recurrence import DayOff, Slot, span_of
from scheduling.rules.series_change import crossing


@dataclass(frozen=True, slots=True)
class WantedChange:
    """A session and what it is to become; `apart`: it was moved by itself and stays unless it is wanted."""

    session: ClassSession
    before: SessionValues
    after: SessionValues
    apart: bool = False

    @property
    def moves(self) -> bool:
        """Whether time or place change."""
        return self.after.moves_from(self.before)


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """One session before and after, and the bookings that prevent it.

    Attributes:
        there, busy: what is in the room, and where its helpers are.
        seats: other classes of its learners; they are warned of, they prevent nothing.
        day_off: the holiday on a new day.
        twice: another meeting of its series takes place then.
        past: the new time is over.
    """

    wanted: WantedChange
    there: Sequence[Booking]
    busy: Sequence[HelperBooking]
    seats: Sequence[SeatClash]
    day_off: DayOff | None
    twice: bool
    past: bool

    @property
    def session(self) -> ClassSession:
        return self.wanted.session

    @property
    def too_few_seats(self) -> bool:
        """Whether more people have a seat than there would be seats."""
        return self.wanted.after.capacity < self.session.seats_taken

    @property
    def possible(self) -> bool:
        """Whether nothing prevents it."""
        return not (self.there or self.busy or self.too_few_seats or self.twice or self.past)

    @property
    def proposed(self) -> bool:
        """Whether it is to be ticked: not where it was moved by itself, nor onto a day off."""
        return self.possible and not self.wanted.apart and self.day_off is None

    @property
    def notifies(self) -> bool:
        """Whether people are told of it."""
        return self.session.published_at is not None and self.wanted.moves


async def planned_changes(
    db: AsyncSession,
    wanted: Sequence[WantedChange],
    *,
    meetings: Mapping[int, Slot],
    now: datetime,
) -> Sequence[PlannedChange]:
    """What prevents each change; three statements and one for each room, none where nothing moves.

    Args:
        meetings: times of the other meetings of the series as they are, by session.
    """
    moving = {each.session.id: each.after.slot for each in wanted if each.moves}
    if not moving:
        return [PlannedChange(each, (), (), (), None, twice=False, past=False) for each in wanted]
    leaving = {each.session.id for each in wanted if each.moves and not each.apart}
    staying = {number: slot for number, slot in meetings.items() if number not in leaving}
    there = await room_clashes(db, wanted, leaving=leaving)
    busy = await _busy(db, moving, leaving)
    seats = await seat_clashes(db, moving, leaving=leaving)
    off = await _days_off(db, wanted)
    return [
        PlannedChange(
            each,
            there.get(each.session.id, ()),
            busy.get(each.session.id, ()),
            seats.get(each.session.id, ()),
            off.get(each.after.slot.day) if each.after.slot.day != each.before.slot.day else None,
            twice=each.after.slot != each.before.slot and _twice(each, staying),
            past=each.after.slot != each.before.slot and each.after.slot.starts_at <= now,
        )
        for each in wanted
    ]


def _twice(each: WantedChange, staying: Mapping[int, Slot]) -> bool:
    """Whether another meeting is there; in one room the booking of the room says so already."""
    if each.after.place.room_id is not None:
        return False
    others = {number: slot for number, slot in staying.items() if number != each.session.id}
    return crossing(each.after.slot, others) is not None


async def _busy(
    db: AsyncSession, moving: Mapping[int, Slot], leaving: Collection[int]
) -> dict[int, list[HelperBooking]]:
    since, until = span_of(moving.values())
    found = await helper_bookings(db, moving, since=since, until=until)
    return {
        session_id: [
            each
            for each in found.get(session_id, ())
            if each.booking.session_id not in leaving
            and each.booking.starts_at < slot.ends_at
            and slot.starts_at < each.booking.ends_at
        ]
        for session_id, slot in moving.items()
    }


async def _days_off(db: AsyncSession, wanted: Sequence[WantedChange]) -> Mapping[date, DayOff]:
    days = [each.after.slot.day for each in wanted]
    return await days_off(db, ward_id=wanted[0].session.ward_id, since=min(days), until=max(days))
