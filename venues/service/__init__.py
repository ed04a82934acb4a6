"""Keeping the list of places true, one file a noun."""

from venues.service.neighbourhoods import add_neighbourhood, neighbourhoods_named
from venues.service.reference import load_markets, load_wards

__all__ = ["add_neighbourhood", "load_markets", "load_wards", "neighbourhoods_named"]
