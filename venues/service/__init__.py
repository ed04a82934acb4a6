"""Keeping the list of places true, one file a noun."""

from venues.service.reference import load_markets, load_wards

__all__ = ["load_markets", "load_wards"]
