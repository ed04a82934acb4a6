"""What a calendar can be filtered by."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from scheduling.queries.places import open_rooms
from scheduling.rules.places import place_name
from trainers.models import Trainer
from venues.queries import neighbourhood_choices

HELPERS_OFFERED = 500
"""In a list to choose from; whoever comes later by name is found by the view of the helpers."""

IdChoices = Sequence[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class CalendarChoices:
    """By id and name; an empty list is not offered."""

    neighbourhoods: IdChoices = ()
    venues: IdChoices = ()
    rooms: IdChoices = ()
    helpers: IdChoices = ()
    audiences: Sequence[tuple[str, str]] = ()


async def place_choices(db: AsyncSession, ward_id: str) -> CalendarChoices:
    """Neighbourhoods, venues and rooms of a ward; two statements."""
    rooms = await open_rooms(db, ward_id)
    venues = {each.venue_id: each.venue.name for each in rooms}
    named = [
        (each.id, place_name(words="", room=each.name, venue=each.venue.name, market=None)) for each in rooms
    ]
    return CalendarChoices(await neighbourhood_choices(db, ward_id), list(venues.items()), named)


async def helper_choices(db: AsyncSession, ward_id: str) -> IdChoices:
    """Helpers of a ward by given name; one statement."""
    rows = await db.execute(
        select(Trainer.id, Trainer.full_name)
        .where(Trainer.ward_id == ward_id, Trainer.left_at.is_(None))
        .order_by(Trainer.sort_key, Trainer.id)
        .limit(HELPERS_OFFERED)
    )
    return [(row.id, row.full_name) for row in rows]
