"""What happened to wards and places, for whoever listens (lopso.application.wiring)."""

from dataclasses import dataclass
from datetime import datetime

from lopso.kernel.access import Actor


@dataclass(frozen=True, slots=True)
class WardContactChanged:
    """The number that people of a ward may call is another one."""

    ward_id: str
    by: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class PlaceChanged:
    """Places of a ward are the same, but called or described otherwise: name, address, landmark.

    Attributes:
        room_ids: rooms of which people read something else now, by their own name or by their venue's.
        market_ids: markets, the same.
    """

    ward_id: str
    room_ids: tuple[int, ...]
    market_ids: tuple[int, ...]
    by: Actor
    at: datetime
