"""Venues, rooms, neighbourhoods and markets by their names."""

from typing import Any

from sqlalchemy import Subquery, func, select, union_all

from overview.queries.hits import CALENDAR, HERE, group_rows, has_words, some_words
from overview.queries.statements import AnySelect
from venues.models import Market, Neighbourhood, Room, Venue


def places() -> Subquery:
    """Venues, rooms in them (with the id of the venue), neighbourhoods; open ones, short names first."""
    found = union_all(_venues(), _rooms(), _neighbourhoods()).subquery("found_places")
    rows = select(found.c.id, found.c.ward_id, found.c.name, found.c.detail)
    order = (found.c.ward_id != HERE, func.length(found.c.name), found.c.name, found.c.id)
    return group_rows("places", rows, order=order)


def _venues() -> AnySelect:
    detail = func.jsonb_build_object("kind", "venue", "address", Venue.address)
    return select(Venue.id, Venue.ward_id, Venue.name, detail.label("detail")).where(
        Venue.ward_id == func.any(CALENDAR), Venue.closed_at.is_(None), *_named(Venue.name_key)
    )


def _rooms() -> AnySelect:
    detail = func.jsonb_build_object("kind", "room", "venue", Venue.name)
    return (
        select(Venue.id, Room.ward_id, Room.name, detail)
        .join(Venue, Venue.id == Room.venue_id)
        .where(Room.ward_id == func.any(CALENDAR), Room.closed_at.is_(None), Venue.closed_at.is_(None))
        .where(*_named(Room.name_key))
    )


def _neighbourhoods() -> AnySelect:
    detail = func.jsonb_build_object("kind", "neighbourhood")
    return select(Neighbourhood.id, Neighbourhood.ward_id, Neighbourhood.name, detail).where(
        Neighbourhood.ward_id == func.any(CALENDAR), *_named(Neighbourhood.name_key)
    )


def markets() -> Subquery:
    """Markets, open ones."""
    detail = func.jsonb_build_object("former_ward", Market.former_ward)
    rows = select(Market.id, Market.ward_id, Market.name, detail.label("detail")).where(
        Market.ward_id == func.any(CALENDAR), Market.closed_at.is_(None), *_named(Market.name_key)
    )
    return group_rows("markets", rows, order=(Market.ward_id != HERE, Market.name_key, Market.id))


def _named(name_key: Any) -> tuple[Any, Any]:
    return some_words(), has_words(name_key)
