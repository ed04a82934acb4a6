"""Where a session is held, in words."""

from dataclasses import dataclass

from sqlalchemy.orm import joinedload
from sqlalchemy.sql.base import ExecutableOption

from scheduling.models import ClassSession
from scheduling.rules.places import place_name
from venues.models import Room


@dataclass(frozen=True, slots=True)
class Place:
    """A place as people say it; `address` and `landmark` may be empty."""

    name: str
    address: str
    landmark: str

    @property
    def line(self) -> str:
        """All of it on one line."""
        return ", ".join(part for part in (self.name, self.address, self.landmark) if part)


def with_place() -> tuple[ExecutableOption, ...]:
    """Loader options for a session whose place will be shown; no further statement."""
    return (joinedload(ClassSession.room).joinedload(Room.venue), joinedload(ClassSession.market))


def place_of(session: ClassSession) -> Place:
    """The place of a session loaded `with_place`; what is typed in `place` says more than the room alone."""
    venue = session.room.venue if session.room is not None else None
    name = place_name(
        words=session.place,
        room=session.room.name if session.room is not None else None,
        venue=venue.name if venue is not None else None,
        market=session.market.name if session.market is not None else None,
    )
    return Place(name, venue.address if venue else "", venue.landmark if venue else "")
