"""Services of venues, one file a noun."""

from venues.service.markets import (
    add_aisle,
    add_market,
    claim_market,
    close_market,
    edit_market,
    remove_aisle,
    reopen_market,
)
from venues.service.neighbourhoods import add_neighbourhood, neighbourhoods_named, rename_neighbourhood
from venues.service.places import (
    RoomFacts,
    add_room,
    add_venue,
    close_room,
    close_venue,
    edit_room,
    edit_venue,
    reopen_room,
    reopen_venue,
)
from venues.service.reference import load_markets, load_wards
from venues.service.wards import set_contact

__all__ = [
    "RoomFacts",
    "add_aisle",
    "add_market",
    "add_neighbourhood",
    "add_room",
    "add_venue",
    "claim_market",
    "close_market",
    "close_room",
    "close_venue",
    "edit_market",
    "edit_room",
    "edit_venue",
    "load_markets",
    "load_wards",
    "neighbourhoods_named",
    "remove_aisle",
    "rename_neighbourhood",
    "reopen_market",
    "reopen_room",
    "reopen_venue",
    "set_contact",
]
