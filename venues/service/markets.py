"""Markets and their aisles: add, claim from the shipped list, correct, close."""

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.errors import NotFound
from lopso.kernel.events import publish
from lopso.kernel.locking import locked_row
from lopso.kernel.text import fold
from venues.events import PlaceChanged
from venues.models import Aisle, Market
from venues.service.rows import change, named, store


async def add_market(db: AsyncSession, ward_id: str, *, name: str, by: Actor, now: datetime) -> Market:
    """A market of the ward.

    Raises:
        InvalidInput: no name, or one the ward has already.
    """
    name = named(name)
    row = Market(ward_id=ward_id, name=name, name_key=fold(name), verified=True)
    await store(db, row)
    audit.note(db, row, "market.added", by=by, now=now)
    return row


async def claim_market(db: AsyncSession, ward_id: str, market_id: int, *, by: Actor, now: datetime) -> Market:
    """Assign a market of the shipped list, whose ward was unknown, to this ward.

    Raises:
        NotFound: no such market, or another ward has it by now.
        InvalidInput: the ward has a market of this name.
    """
    row = await db.scalar(
        select(Market).where(Market.id == market_id, Market.ward_id.is_(None)).with_for_update()
    )
    if row is None:
        raise NotFound
    await change(db, row, {"ward_id": ward_id, "verified": True})
    audit.note(db, row, "market.claimed", by=by, now=now)
    return row


async def edit_market(
    db: AsyncSession, ward_id: str, market_id: int, *, name: str, by: Actor, now: datetime
) -> Market:
    """Correct a market's name; what an officer has looked at counts as verified.

    Raises:
        NotFound: no such market in this ward.
        InvalidInput: no name, or one the ward has already.
    """
    name = named(name)
    row = await locked_row(db, Market, ward_id, market_id)
    before = row.name
    await change(db, row, {"name": name, "name_key": fold(name), "verified": True})
    audit.note(db, row, "market.edited", by=by, now=now)
    if row.name != before:
        await publish(db, PlaceChanged(ward_id, (), (market_id,), by, now))
    return row


async def close_market(db: AsyncSession, ward_id: str, market_id: int, *, by: Actor, now: datetime) -> None:
    """Take a market off the lists for new sessions; what is planned there stays.

    Raises:
        NotFound: no such market in this ward.
    """
    row = await locked_row(db, Market, ward_id, market_id)
    row.closed_at = row.closed_at or now
    audit.note(db, row, "market.closed", by=by, now=now)


async def reopen_market(db: AsyncSession, ward_id: str, market_id: int, *, by: Actor, now: datetime) -> None:
    """Put a closed market back on the lists.

    Raises:
        NotFound: no such market in this ward.
    """
    row = await locked_row(db, Market, ward_id, market_id)
    row.closed_at = None
    audit.note(db, row, "market.reopened", by=by, now=now)


async def add_aisle(
    db: AsyncSession, ward_id: str, market_id: int, name: str, *, by: Actor, now: datetime
) -> Aisle:
    """An aisle, by the name people use, after those already there; adding it twice gives the first.

    Raises:
        NotFound: no such market in this ward.
        InvalidInput: nothing is written.
    """
    name = named(name)
    market = await locked_row(db, Market, ward_id, market_id)
    there = await db.scalar(select(Aisle).where(Aisle.market_id == market.id, Aisle.name_key == fold(name)))
    if there is not None:
        return there
    last = await db.scalar(select(func.max(Aisle.position)).where(Aisle.market_id == market.id)) or 0
    row = Aisle(market_id=market.id, name=name, name_key=fold(name), position=last + 1)
    db.add(row)
    await db.flush()
    audit.note(db, audit.Subject("aisle", row.id, ward_id), "aisle.added", by=by, now=now)
    return row


async def remove_aisle(
    db: AsyncSession, ward_id: str, market_id: int, aisle_id: int, *, by: Actor, now: datetime
) -> str:
    """Remove an aisle and return its name; sessions keep the text they were planned with.

    Raises:
        NotFound: no such aisle in this market of this ward.
    """
    market = await locked_row(db, Market, ward_id, market_id)
    name = await db.scalar(
        delete(Aisle).where(Aisle.id == aisle_id, Aisle.market_id == market.id).returning(Aisle.name)
    )
    if name is None:
        raise NotFound
    audit.note(db, audit.Subject("aisle", aisle_id, ward_id), "aisle.removed", by=by, now=now)
    return name
