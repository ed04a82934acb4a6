"""Forms about wards and the places in them."""

from typing import Annotated

from msgspec import Struct

from lopso.kernel.i18n import N_
from lopso.web.forms import FreeText, IdField, PageNumber, Text, Tick, WholeNumber
from venues.models import Room, Venue
from venues.service import RoomFacts

PlaceName = Annotated[str, Text(required=N_("Xin ghi tên."))]
Address = Annotated[str, Text(required=N_("Xin ghi địa chỉ bằng lời, để người học tìm được."))]
Seats = Annotated[
    int,
    WholeNumber(
        1,
        2000,
        wrong=N_("Xin ghi số chỗ ngồi bằng chữ số, ví dụ 30."),
        outside=N_("Số chỗ ngồi từ 1 đến 2.000."),
    ),
]


class VenueForm(Struct, frozen=True, kw_only=True):
    """A venue."""

    name: PlaceName
    address: Address
    landmark: Annotated[str, FreeText()] = ""
    neighbourhood: Annotated[int | None, IdField()] = None

    @classmethod
    def of(cls, venue: Venue) -> "VenueForm":
        """What is kept now."""
        return cls(
            name=venue.name,
            address=venue.address,
            landmark=venue.landmark,
            neighbourhood=venue.neighbourhood_id,
        )


class RoomForm(Struct, frozen=True, kw_only=True):
    """A room."""

    name: PlaceName
    seats: Seats
    power: Tick = False
    wifi: Tick = False
    projector: Tick = False

    @classmethod
    def of(cls, room: Room) -> "RoomForm":
        """What is kept now."""
        return cls(
            name=room.name,
            seats=room.seats,
            power=room.has_power,
            wifi=room.has_wifi,
            projector=room.has_projector,
        )

    @property
    def facts(self) -> RoomFacts:
        """The room as the service takes it."""
        return RoomFacts(self.name, self.seats, self.power, self.wifi, self.projector)


class NewPlaceForm(VenueForm, frozen=True, kw_only=True):
    """A venue with its first room."""

    room_name: PlaceName
    room_seats: Seats
    room_power: Tick = False
    room_wifi: Tick = False
    room_projector: Tick = False

    @property
    def room(self) -> RoomFacts:
        """The room as the service takes it."""
        return RoomFacts(
            self.room_name, self.room_seats, self.room_power, self.room_wifi, self.room_projector
        )


class MarketForm(Struct, frozen=True, kw_only=True):
    """A market."""

    name: PlaceName


class AisleForm(Struct, frozen=True, kw_only=True):
    """An aisle of a market."""

    aisle: PlaceName


class WardContactForm(Struct, frozen=True, kw_only=True):
    """The number that people of a ward may call; the service reads it, landlines too."""

    phone: Annotated[str, Text(100)] = ""


class NeighbourhoodForm(Struct, frozen=True, kw_only=True):
    """A thôn or tổ dân phố, by the name people use."""

    name: PlaceName


class NewNeighbourhoodForm(Struct, frozen=True, kw_only=True):
    """One more for the ward's list."""

    neighbourhood: PlaceName


class WardSearch(Struct, frozen=True, kw_only=True):
    """Which wards to show."""

    q: Annotated[str, Text(100)] = ""


class NumberedPage(Struct, frozen=True, kw_only=True):
    """Which page of a list."""

    trang: PageNumber = 1


class PlaceList(Struct, frozen=True, kw_only=True):
    """Which places of a ward to show; `dong`: the closed ones."""

    trang: PageNumber = 1
    dong: Tick = False
