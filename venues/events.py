"""Events of wards and places; lopso.application.wiring lists who handles them."""

from dataclasses import dataclass
from datetime import datetime

from lopso.kernel.access import Actor


@dataclass(frozen=True, slots=True)
class WardContactChanged:
    """A ward's contact number changed."""

    ward_id: str
    by: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class PlaceChanged:
    """Name, address or landmark of places of a ward changed.

    Attributes:
        room_ids: rooms whose name, or whose venue's name, address or landmark changed.
        market_ids: markets whose name changed.
    """

    ward_id: str
    room_ids: tuple[int, ...]
    market_ids: tuple[int, ...]
    by: Actor
    at: datetime
