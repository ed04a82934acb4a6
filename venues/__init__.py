"""Venues: the 40 wards and communes, their neighbourhoods, venues with rooms, markets with aisles.

Owns ward, neighbourhood, venue, room, market, aisle. Uses lopso.kernel and lopso.web only.
"""
