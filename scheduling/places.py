"""Where a session is held, in words."""

from dataclasses import dataclass

from sqlalchemy.orm import joinedload
from sqlalchemy.sql.base import ExecutableOption

from scheduling.models import ClassSession
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
    if session.room is not None:
        venue = session.room.venue
        name = ", ".join(part for part in (session.place, session.room.name, venue.name) if part)
        return Place(name, venue.address, venue.landmark)
    if session.market is not None:
        return Place(", ".join(part for part in (session.place, session.market.name) if part), "", "")
    return Place(session.place, "", "")
