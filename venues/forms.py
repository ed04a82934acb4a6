"""What people fill in about places. A form keeps what was typed; `facts` and the like read it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _
from venues.models import Room, Venue
from venues.service import RoomFacts


@dataclass(slots=True)
class _Form:
    """Fields of text, named as in the page."""

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """What was sent; a missing field is empty, a further one is passed over."""
        return cls(**{field.name: str(data.get(field.name, ""))[:500] for field in fields(cls)})


@dataclass(slots=True)
class VenueForm(_Form):
    """A venue."""

    name: str = ""
    address: str = ""
    landmark: str = ""
    neighbourhood: str = ""

    @classmethod
    def of(cls, venue: Venue) -> Self:
        """What is kept now."""
        return cls(venue.name, venue.address, venue.landmark, str(venue.neighbourhood_id or ""))

    @property
    def neighbourhood_id(self) -> int | None:
        """The neighbourhood picked, or None."""
        return _whole(self.neighbourhood)


@dataclass(slots=True)
class RoomForm(_Form):
    """A room; the tick boxes are "1" or empty."""

    name: str = ""
    seats: str = ""
    power: str = ""
    wifi: str = ""
    projector: str = ""

    @classmethod
    def of(cls, room: Room) -> Self:
        """What is kept now."""
        return cls(
            room.name,
            str(room.seats),
            "1" if room.has_power else "",
            "1" if room.has_wifi else "",
            "1" if room.has_projector else "",
        )

    @property
    def facts(self) -> RoomFacts:
        """The room as the service takes it.

        Raises:
            InvalidInput: the number of seats is no number.
        """
        seats = _whole(self.seats)
        if seats is None:
            raise InvalidInput({"seats": _("Xin ghi số chỗ ngồi bằng chữ số, ví dụ 30.")})
        return RoomFacts(self.name, seats, bool(self.power), bool(self.wifi), bool(self.projector))


def _whole(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
