"""Venues, rooms, markets: added, corrected, closed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.errors import InvalidInput, NotFound
from lopso.kernel.i18n import gettext as _
from lopso.kernel.text import fold, nfc
from venues.errors import NameTaken
from venues.models import Aisle, Market, Room, Venue

T = TypeVar("T", Venue, Room, Market)


def _name(text: str) -> str:
    name = " ".join(nfc(text).split())
    if not name:
        raise InvalidInput({"name": _("Xin ghi tên.")})
    return name[:200]


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
    await _store(db, row)
    _note(db, "venue.added", ward_id, "venue", row.id, by=by, now=now)
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
    row = await _locked(db, Venue, ward_id, venue_id)
    await _change(db, row, _venue_values(name, address, landmark, neighbourhood_id))
    _note(db, "venue.edited", ward_id, "venue", venue_id, by=by, now=now)
    return row


def _venue_values(
    name: str, address: str, landmark: str, neighbourhood_id: int | None
) -> dict[str, str | int | None]:
    if not address.strip():
        raise InvalidInput({"address": _("Xin ghi địa chỉ bằng lời, để người học tìm được.")})
    name = _name(name)
    return {
        "name": name,
        "name_key": fold(name),
        "address": " ".join(nfc(address).split()),
        "landmark": " ".join(nfc(landmark).split()),
        "neighbourhood_id": neighbourhood_id,
    }


@dataclass(frozen=True, slots=True)
class RoomFacts:
    """What is written down about a room; `seats` from 1 to 2,000."""

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
    venue = await _locked(db, Venue, ward_id, venue_id)
    row = Room(ward_id=ward_id, venue_id=venue.id, **_room_values(facts))
    await _store(db, row)
    _note(db, "room.added", ward_id, "room", row.id, by=by, now=now)
    return row


async def edit_room(
    db: AsyncSession, ward_id: str, room_id: int, facts: RoomFacts, *, by: Actor, now: datetime
) -> Room:
    """Correct a room.

    Raises:
        NotFound: no such room in this ward.
        InvalidInput: as `add_room`.
    """
    row = await _locked(db, Room, ward_id, room_id)
    await _change(db, row, _room_values(facts))
    _note(db, "room.edited", ward_id, "room", room_id, by=by, now=now)
    return row


def _room_values(facts: RoomFacts) -> dict[str, str | int | bool]:
    if not 1 <= facts.seats <= 2000:
        raise InvalidInput({"seats": _("Số chỗ ngồi từ 1 đến 2.000.")})
    name = _name(facts.name)
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
    row = await _locked(db, Venue, ward_id, venue_id)
    row.closed_at = row.closed_at or now
    await db.execute(
        update(Room).where(Room.venue_id == venue_id, Room.closed_at.is_(None)).values(closed_at=now)
    )
    _note(db, "venue.closed", ward_id, "venue", venue_id, by=by, now=now)


async def close_room(db: AsyncSession, ward_id: str, room_id: int, *, by: Actor, now: datetime) -> None:
    """Take one room off the lists for new sessions; what is planned there stays.

    Raises:
        NotFound: no such room in this ward.
    """
    row = await _locked(db, Room, ward_id, room_id)
    row.closed_at = row.closed_at or now
    _note(db, "room.closed", ward_id, "room", room_id, by=by, now=now)


async def reopen_venue(db: AsyncSession, ward_id: str, venue_id: int, *, by: Actor, now: datetime) -> None:
    """Put a closed venue, with the rooms that closed with it, back on the lists.

    Raises:
        NotFound: no such venue in this ward.
        InvalidInput: another open venue took its name meanwhile.
    """
    row = await _locked(db, Venue, ward_id, venue_id)
    closed_at = row.closed_at
    await _change(db, row, {"closed_at": None})
    await db.execute(
        update(Room).where(Room.venue_id == venue_id, Room.closed_at == closed_at).values(closed_at=None)
    )
    _note(db, "venue.reopened", ward_id, "venue", venue_id, by=by, now=now)


async def add_market(db: AsyncSession, ward_id: str, *, name: str, by: Actor, now: datetime) -> Market:
    """A market of the ward.

    Raises:
        InvalidInput: no name, or one the ward has already.
    """
    name = _name(name)
    row = Market(ward_id=ward_id, name=name, name_key=fold(name), verified=True)
    await _store(db, row)
    _note(db, "market.added", ward_id, "market", row.id, by=by, now=now)
    return row


async def add_aisle(
    db: AsyncSession, ward_id: str, market_id: int, name: str, *, by: Actor, now: datetime
) -> Aisle:
    """An aisle, by the name people use; adding it twice gives the first.

    Raises:
        NotFound: no such market in this ward.
    """
    market = await _locked(db, Market, ward_id, market_id)
    name = _name(name)
    aisles = (await db.scalars(select(Aisle).where(Aisle.market_id == market.id))).all()
    there = next((aisle for aisle in aisles if aisle.name_key == fold(name)), None)
    if there is not None:
        return there
    row = Aisle(market_id=market.id, name=name, name_key=fold(name), position=len(aisles) + 1)
    db.add(row)
    await db.flush()
    _note(db, "aisle.added", ward_id, "aisle", row.id, by=by, now=now)
    return row


async def _locked(db: AsyncSession, kind: type[T], ward_id: str, row_id: int) -> T:
    row = await db.scalar(select(kind).where(kind.id == row_id, kind.ward_id == ward_id).with_for_update())
    if row is None:
        raise NotFound
    return row


async def _store(db: AsyncSession, row: Venue | Room | Market) -> None:
    try:
        async with db.begin_nested():
            db.add(row)
    except IntegrityError as error:
        raise NameTaken from error


async def _change(db: AsyncSession, row: Venue | Room, values: Mapping[str, object]) -> None:
    try:
        async with db.begin_nested():
            for name, value in values.items():
                setattr(row, name, value)
    except IntegrityError as error:
        raise NameTaken from error


def _note(
    db: AsyncSession, action: str, ward_id: str, subject: str, subject_id: int, *, by: Actor, now: datetime
) -> None:
    audit.record(db, by=by, now=now, action=action, ward_id=ward_id, subject=subject, subject_id=subject_id)
