"""What a form of the calendar lets people choose from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from scheduling.models import Course
from scheduling.queries.courses import open_courses
from scheduling.queries.places import aisles, open_markets, open_rooms
from venues.models import Market, Room


@dataclass(frozen=True, slots=True)
class Choices:
    """Courses, rooms and markets of one ward by id, in the order in which they are offered."""

    courses: Mapping[int, Course]
    rooms: Mapping[int, Room]
    markets: Mapping[int, Market]
    aisles: Sequence[str]


async def choices(db: AsyncSession, ward_id: str) -> Choices:
    """What may be chosen in a ward; four statements."""
    return Choices(
        courses={each.id: each for each in await open_courses(db, ward_id)},
        rooms={each.id: each for each in await open_rooms(db, ward_id)},
        markets={each.id: each for each in await open_markets(db, ward_id)},
        aisles=await aisles(db, ward_id),
    )
