"""What happened to wards and places, for whoever listens (lopso.wiring)."""

from dataclasses import dataclass
from datetime import datetime

from lopso.kernel.access import Actor


@dataclass(frozen=True, slots=True)
class WardContactChanged:
    """The number that people of a ward may call is another one."""

    ward_id: str
    by: Actor
    at: datetime
