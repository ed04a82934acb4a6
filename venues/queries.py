"""Queries on wards and the places in them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.errors import NotFound
from lopso.kernel.paging import PAGE_SIZE, Page, offset
from lopso.kernel.text import fold
from venues.errors import NoSuchWard
from venues.models import Aisle, Market, Neighbourhood, Room, Venue, Ward


@dataclass(frozen=True, slots=True)
class WardFound:
    """A ward, and the names of former units through which a search found it ("Phường Tây Lộc")."""

    ward: Ward
    through: tuple[str, ...] = ()


async def wards_matching(db: AsyncSession, text: str = "") -> Sequence[WardFound]:
    """Wards by code, present or former name, in either spelling, with or without accents; one statement.

    Those that bear the name now come first, then those merged from a unit of that name, each by name.
    Only where there is neither: those of a former district of that name. All 40 for an empty text.
    """
    wanted = fold(text)
    rows = await db.scalars(
        select(Ward).where(Ward.search.contains(wanted, autoescape=True)).order_by(Ward.slug)
    )
    bearing: list[WardFound] = []
    merged: list[WardFound] = []
    of_district: list[WardFound] = []
    for ward in rows:
        units = [name.split(",")[0] for name in ward.former_names]
        through = tuple(unit for unit in units if wanted in fold(unit))
        if wanted in fold(f"{ward.full_name} {ward.spelling_variant or ''} {ward.id}"):
            bearing.append(WardFound(ward))
        elif through:
            merged.append(WardFound(ward, through))
        else:
            of_district.append(WardFound(ward))
    return bearing + merged or of_district


async def ward(db: AsyncSession, ward_id: str) -> Ward:
    """One ward.

    Raises:
        NoSuchWard: no ward has this code.
    """
    row = await db.get(Ward, ward_id)
    if row is None:
        raise NoSuchWard(ward_id)
    return row


# "TDP 2" before "TDP 10": by the words, then by the number in them.
_NEIGHBOURHOOD_ORDER = (
    func.regexp_replace(Neighbourhood.name_key, "[0-9].*", ""),
    cast(func.substring(Neighbourhood.name_key, "[0-9]{1,9}"), BigInteger).nulls_first(),
    Neighbourhood.name_key,
)


async def neighbourhoods_page(db: AsyncSession, ward_id: str, *, number: int) -> Page[Neighbourhood]:
    """A ward's thôn and tổ dân phố, "TDP 2" before "TDP 10"; two statements."""
    mine = Neighbourhood.ward_id == ward_id
    total = await db.scalar(select(func.count()).select_from(Neighbourhood).where(mine)) or 0
    rows = await db.scalars(
        select(Neighbourhood)
        .where(mine)
        .order_by(*_NEIGHBOURHOOD_ORDER)
        .limit(PAGE_SIZE)
        .offset(offset(number))
    )
    return Page(rows.all(), number, total)


async def neighbourhood_choices(db: AsyncSession, ward_id: str) -> list[tuple[int, str]]:
    """All of a ward's neighbourhoods as (id, name), for a form; one statement."""
    rows = await db.execute(
        select(Neighbourhood.id, Neighbourhood.name)
        .where(Neighbourhood.ward_id == ward_id)
        .order_by(*_NEIGHBOURHOOD_ORDER)
    )
    return [(row.id, row.name) for row in rows]


async def neighbourhood(db: AsyncSession, ward_id: str, neighbourhood_id: int) -> Neighbourhood:
    """One neighbourhood of a ward; one statement.

    Raises:
        NotFound: no such neighbourhood in this ward.
    """
    row = await db.scalar(
        select(Neighbourhood).where(Neighbourhood.ward_id == ward_id, Neighbourhood.id == neighbourhood_id)
    )
    if row is None:
        raise NotFound
    return row


@dataclass(frozen=True, slots=True)
class VenueWithRooms:
    """A venue with its rooms, open ones first, by name."""

    venue: Venue
    neighbourhood: str | None
    rooms: tuple[Room, ...]

    @property
    def open_rooms(self) -> tuple[Room, ...]:
        """The rooms that sessions may be planned in."""
        return tuple(room for room in self.rooms if room.closed_at is None)


async def venues_page(
    db: AsyncSession, ward_id: str, *, number: int, closed: bool = False
) -> Page[VenueWithRooms]:
    """Venues of a ward, open or closed ones, by name; three statements."""
    mine = (Venue.ward_id == ward_id, Venue.closed_at.is_not(None) if closed else Venue.closed_at.is_(None))
    total = await db.scalar(select(func.count()).select_from(Venue).where(*mine)) or 0
    rows = await db.execute(
        select(Venue, Neighbourhood.name)
        .outerjoin(Neighbourhood, Neighbourhood.id == Venue.neighbourhood_id)
        .where(*mine)
        .order_by(Venue.name_key, Venue.id)
        .limit(PAGE_SIZE)
        .offset(offset(number))
    )
    venues = [(row[0], row[1]) for row in rows]
    rooms = await _rooms_of(db, [venue.id for venue, _ in venues])
    return Page([VenueWithRooms(venue, name, rooms[venue.id]) for venue, name in venues], number, total)


async def venue_with_rooms(db: AsyncSession, ward_id: str, venue_id: int) -> VenueWithRooms:
    """One venue of a ward with its rooms; two statements.

    Raises:
        NotFound: no such venue in this ward.
    """
    row = (
        await db.execute(
            select(Venue, Neighbourhood.name)
            .outerjoin(Neighbourhood, Neighbourhood.id == Venue.neighbourhood_id)
            .where(Venue.ward_id == ward_id, Venue.id == venue_id)
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    rooms = await _rooms_of(db, [venue_id])
    return VenueWithRooms(row[0], row[1], rooms[venue_id])


async def _rooms_of(db: AsyncSession, venue_ids: Sequence[int]) -> dict[int, tuple[Room, ...]]:
    rows = await db.scalars(
        select(Room)
        .where(Room.venue_id.in_(venue_ids))
        .order_by(Room.closed_at.is_not(None), Room.name_key, Room.id)
    )
    rooms: dict[int, tuple[Room, ...]] = defaultdict(tuple)
    for room in rows:
        rooms[room.venue_id] += (room,)
    return rooms


async def room(db: AsyncSession, ward_id: str, venue_id: int, room_id: int) -> Room:
    """One room of a venue; one statement.

    Raises:
        NotFound: no such room there.
    """
    row = await db.scalar(
        select(Room).where(Room.ward_id == ward_id, Room.venue_id == venue_id, Room.id == room_id)
    )
    if row is None:
        raise NotFound
    return row


@dataclass(frozen=True, slots=True)
class MarketWithAisles:
    """A market with its aisles, in the order in which they were written down."""

    market: Market
    aisles: tuple[Aisle, ...]


async def markets_of(db: AsyncSession, ward_id: str) -> Sequence[MarketWithAisles]:
    """Markets of a ward, open ones first, by name; two statements. A ward has a handful."""
    markets = (
        await db.scalars(
            select(Market)
            .where(Market.ward_id == ward_id)
            .order_by(Market.closed_at.is_not(None), Market.name_key, Market.id)
            .limit(PAGE_SIZE)
        )
    ).all()
    aisles: dict[int, tuple[Aisle, ...]] = defaultdict(tuple)
    for aisle in await db.scalars(
        select(Aisle)
        .where(Aisle.market_id.in_([market.id for market in markets]))
        .order_by(Aisle.position, Aisle.id)
    ):
        aisles[aisle.market_id] += (aisle,)
    return [MarketWithAisles(market, aisles[market.id]) for market in markets]


async def market(db: AsyncSession, ward_id: str, market_id: int) -> MarketWithAisles:
    """One market of a ward with its aisles; two statements.

    Raises:
        NotFound: no such market in this ward.
    """
    row = await db.scalar(select(Market).where(Market.ward_id == ward_id, Market.id == market_id))
    if row is None:
        raise NotFound
    aisles = await db.scalars(
        select(Aisle).where(Aisle.market_id == market_id).order_by(Aisle.position, Aisle.id)
    )
    return MarketWithAisles(row, tuple(aisles))


async def markets_without_ward(db: AsyncSession) -> Sequence[Market]:
    """Markets of the shipped list whose ward is not known yet, by name; one statement."""
    rows = await db.scalars(
        select(Market)
        .where(Market.ward_id.is_(None), Market.closed_at.is_(None))
        .order_by(Market.name_key, Market.id)
        .limit(PAGE_SIZE)
    )
    return rows.all()
