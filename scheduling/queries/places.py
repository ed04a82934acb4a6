"""Where sessions are held, and the places of a ward in which they may be planned."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload
from sqlalchemy.sql.base import ExecutableOption

from scheduling.models import Assignment, ClassSession
from scheduling.rules.places import place_name
from venues.models import Aisle, Market, Room, Venue


@dataclass(frozen=True, slots=True)
class PlaceText:
    """A place as people say it; `address` and `landmark` may be empty."""

    name: str
    address: str
    landmark: str

    @property
    def line(self) -> str:
        """All of it on one line."""
        return ", ".join(part for part in (self.name, self.address, self.landmark) if part)


def with_place() -> tuple[ExecutableOption, ...]:
    """Loader options for a session whose place will be shown; no further statement."""
    return (joinedload(ClassSession.room).joinedload(Room.venue), joinedload(ClassSession.market))


def with_session_and_place() -> tuple[ExecutableOption, ...]:
    """The same for an assignment and its session."""
    session = joinedload(Assignment.session)
    return (
        session.joinedload(ClassSession.room).joinedload(Room.venue),
        session.joinedload(ClassSession.market),
    )


def place_of(session: ClassSession) -> PlaceText:
    """The place of a session loaded `with_place`; what is typed in `place` says more than the room alone."""
    venue = session.room.venue if session.room is not None else None
    name = place_name(
        words=session.place,
        room=session.room.name if session.room is not None else None,
        venue=venue.name if venue is not None else None,
        market=session.market.name if session.market is not None else None,
    )
    return PlaceText(name, venue.address if venue else "", venue.landmark if venue else "")


async def open_rooms(db: AsyncSession, ward_id: str) -> Sequence[Room]:
    """Rooms of a ward with their venues, by venue and name; one statement."""
    found = await db.scalars(
        select(Room)
        .join(Room.venue)
        .where(Room.ward_id == ward_id, Room.closed_at.is_(None), Venue.closed_at.is_(None))
        .options(contains_eager(Room.venue))
        .order_by(Venue.name_key, Venue.id, Room.name_key, Room.id)
    )
    return found.all()


async def open_markets(db: AsyncSession, ward_id: str) -> Sequence[Market]:
    """Markets of a ward, by name; one statement."""
    found = await db.scalars(
        select(Market)
        .where(Market.ward_id == ward_id, Market.closed_at.is_(None))
        .order_by(Market.name_key, Market.id)
    )
    return found.all()


async def aisles(db: AsyncSession, ward_id: str) -> Sequence[str]:
    """Names of the aisles of a ward's markets, each once; one statement."""
    found = await db.scalars(
        select(Aisle.name)
        .join(Market, Market.id == Aisle.market_id)
        .where(Market.ward_id == ward_id)
        .group_by(Aisle.name)
        .order_by(Aisle.name)
    )
    return found.all()
