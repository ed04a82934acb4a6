"""Courses, rooms and helpers of a ward by name."""

from collections import Counter
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from plan_sheets.rules.resolved_rows import NamedCourse, NamedRoom, WardNames
from scheduling.queries.courses import open_courses
from scheduling.queries.holidays import days_off
from scheduling.queries.places import open_rooms
from scheduling.rules.places import place_name
from trainers.models import Trainer


async def ward_names(db: AsyncSession, ward_id: str, *, since: date, until: date) -> WardNames:
    """What the names of a sheet may mean in a ward; four statements."""
    rooms = await open_rooms(db, ward_id)
    of_venue = Counter(room.venue_id for room in rooms)
    helpers = await db.execute(
        select(Trainer.id, Trainer.full_name)
        .where(Trainer.ward_id == ward_id, Trainer.left_at.is_(None))
        .order_by(Trainer.sort_key, Trainer.id)
    )
    found: dict[int, NamedRoom] = {}
    for room in rooms:
        label = place_name(words="", room=room.name, venue=room.venue.name, market=None)
        alone = [room.venue.name] if of_venue[room.venue_id] == 1 else []
        found[room.id] = NamedRoom(label, (label, f"{room.venue.name} {room.name}", *alone), room.seats)
    return WardNames(
        courses={
            each.id: NamedCourse(each.title, each.duration_minutes)
            for each in await open_courses(db, ward_id)
        },
        rooms=found,
        helpers={row[0]: row[1] for row in helpers},
        days_off=await days_off(db, ward_id=ward_id, since=since, until=until),
    )
