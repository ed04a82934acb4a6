"""Routes of venues, one file a noun."""

from venues.routes import markets, places, rooms, wards

HANDLERS = [*wards.HANDLERS, *places.HANDLERS, *rooms.HANDLERS, *markets.HANDLERS]
