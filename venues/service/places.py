"""Venues and their rooms: add, correct, close, reopen."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.errors import InvalidInput, Refused
from lopso.kernel.events import publish
from lopso.kernel.i18n import gettext as _
from lopso.kernel.locking import locked_row
from lopso.kernel.text import fold
from venues.events import PlaceChanged
from venues.models import Room, Venue
from venues.service.rows import change, named, store, tidy


async def add_venue(
    db: AsyncSession,
    ward_id: str,
    *,
    name: str,
    address: str,
    landmark: str = "",
    neighbourhood_id: int | None = None,
    by: Actor,
    now: datetime,
) -> Venue:
    """A place with rooms.

    Raises:
        InvalidInput: no name, no address, or a name that an open venue of the ward has.
    """
    values = _venue_values(name, address, landmark, neighbourhood_id)
    row = Venue(ward_id=ward_id, **values)
    await store(db, row)
    audit.note(db, row, "venue.added", by=by, now=now)
    return row


async def edit_venue(
    db: AsyncSession,
    ward_id: str,
    venue_id: int,
    *,
    name: str,
    address: str,
    landmark: str,
    neighbourhood_id: int | None,
    by: Actor,
    now: datetime,
) -> Venue:
    """Correct a venue.

    Raises:
        NotFound: no such venue in this ward.
        InvalidInput: as `add_venue`.
    """
    row = await locked_row(db, Venue, ward_id, venue_id)
    before = (row.name, row.address, row.landmark)
    await change(db, row, _venue_values(name, address, landmark, neighbourhood_id))
    audit.note(db, row, "venue.edited", by=by, now=now)
    if (row.name, row.address, row.landmark) != before:
        rooms = await db.scalars(select(Room.id).where(Room.venue_id == venue_id).order_by(Room.id))
        await publish(db, PlaceChanged(ward_id, tuple(rooms), (), by, now))
    return row


def _venue_values(
    name: str, address: str, landmark: str, neighbourhood_id: int | None
) -> dict[str, str | int | None]:
    if not address.strip():
        raise InvalidInput({"address": _("Xin ghi địa chỉ bằng lời, để người học tìm được.")})
    name = named(name)
    return {
        "name": name,
        "name_key": fold(name),
        "address": tidy(address),
        "landmark": tidy(landmark),
        "neighbourhood_id": neighbourhood_id,
    }


@dataclass(frozen=True, slots=True)
class RoomFacts:
    """Data of a room; `seats` from 1 to 2,000."""

    name: str
    seats: int
    has_power: bool = True
    has_wifi: bool = False
    has_projector: bool = False


async def add_room(
    db: AsyncSession, ward_id: str, venue_id: int, facts: RoomFacts, *, by: Actor, now: datetime
) -> Room:
    """A room in an open venue.

    Raises:
        NotFound: no such venue in this ward.
        InvalidInput: no name, an impossible number of seats, or a name already used in the venue.
    """
    venue = await locked_row(db, Venue, ward_id, venue_id)
    row = Room(ward_id=ward_id, venue_id=venue.id, **_room_values(facts))
    await store(db, row)
    audit.note(db, row, "room.added", by=by, now=now)
    return row


async def edit_room(
    db: AsyncSession, ward_id: str, room_id: int, facts: RoomFacts, *, by: Actor, now: datetime
) -> Room:
    """Correct a room.

    Raises:
        NotFound: no such room in this ward.
        InvalidInput: as `add_room`.
    """
    row = await locked_row(db, Room, ward_id, room_id)
    before = row.name
    await change(db, row, _room_values(facts))
    audit.note(db, row, "room.edited", by=by, now=now)
    if row.name != before:
        await publish(db, PlaceChanged(ward_id, (room_id,), (), by, now))
    return row


def _room_values(facts: RoomFacts) -> dict[str, str | int | bool]:
    if not 1 <= facts.seats <= 2000:
        raise InvalidInput({"seats": _("Số chỗ ngồi từ 1 đến 2.000.")})
    name = named(facts.name)
    return {
        "name": name,
        "name_key": fold(name),
        "seats": facts.seats,
        "has_power": facts.has_power,
        "has_wifi": facts.has_wifi,
        "has_projector": facts.has_projector,
    }


async def close_venue(db: AsyncSession, ward_id: str, venue_id: int, *, by: Actor, now: datetime) -> None:
    """Take a venue and its rooms off the lists for new sessions; what is planned there stays.

    Raises:
        NotFound: no such venue in this ward.
    """
    row = await locked_row(db, Venue, ward_id, venue_id)
    row.closed_at = row.closed_at or now
    await db.execute(
        update(Room).where(Room.venue_id == venue_id, Room.closed_at.is_(None)).values(closed_at=now)
    )
    audit.note(db, row, "venue.closed", by=by, now=now)


async def close_room(db: AsyncSession, ward_id: str, room_id: int, *, by: Actor, now: datetime) -> None:
    """Take one room off the lists for new sessions; what is planned there stays.

    Raises:
        NotFound: no such room in this ward.
    """
    row = await locked_row(db, Room, ward_id, room_id)
    row.closed_at = row.closed_at or now
    audit.note(db, row, "room.closed", by=by, now=now)


async def reopen_venue(db: AsyncSession, ward_id: str, venue_id: int, *, by: Actor, now: datetime) -> None:
    """Put a closed venue, with the rooms that closed with it, back on the lists.

    Raises:
        NotFound: no such venue in this ward.
        InvalidInput: another open venue took its name meanwhile.
    """
    row = await locked_row(db, Venue, ward_id, venue_id)
    closed_at = row.closed_at
    await change(db, row, {"closed_at": None})
    await db.execute(
        update(Room).where(Room.venue_id == venue_id, Room.closed_at == closed_at).values(closed_at=None)
    )
    audit.note(db, row, "venue.reopened", by=by, now=now)


async def reopen_room(db: AsyncSession, ward_id: str, room_id: int, *, by: Actor, now: datetime) -> None:
    """Put a closed room of an open venue back on the lists.

    Raises:
        NotFound: no such room in this ward.
        InvalidInput: another open room of the venue took its name meanwhile.
        Refused: its venue is closed.
    """
    row = await locked_row(db, Room, ward_id, room_id)
    venue = await locked_row(db, Venue, ward_id, row.venue_id)
    if venue.closed_at is not None:
        raise Refused(_("%(venue)s đang đóng. Xin mở lại địa điểm trước.", venue=venue.name))
    await change(db, row, {"closed_at": None})
    audit.note(db, row, "room.reopened", by=by, now=now)
