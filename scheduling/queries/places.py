"""Places of a ward that a session may be planned in."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager

from venues.models import Aisle, Market, Room, Venue


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
