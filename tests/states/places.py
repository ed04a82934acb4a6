"""Wards, venues, rooms, markets, neighbourhoods, courses and holidays in every state."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.text import fold
from scheduling.models import Course, CourseSkill, Holiday
from skills.models import Skill
from tests.factories import NOON, add_room, add_ward
from tests.states.objects import WARD, Objects
from venues.models import Aisle, Market, Neighbourhood, Room, Venue

EMPTY_WARD = "19774"


@dataclass
class Places:
    """What sessions are planned in."""

    room: Room
    closed_room: Room
    market: Market
    neighbourhood: Neighbourhood


async def add_places(db: AsyncSession, objects: Objects) -> Places:
    """The ward itself is there already; another has nothing at all, not even a phone."""
    objects.add("ward", "with everything")
    empty = await add_ward(db, ward_id=EMPTY_WARD, name="Kim Long")
    empty.phone = None
    objects.add("ward", "without anything", ward_id=EMPTY_WARD)
    neighbourhood = Neighbourhood(ward_id=WARD, name="Tổ dân phố 5", name_key="to dan pho 5")
    db.add(neighbourhood)
    await db.flush()
    objects.add("neighbourhood", "plain", neighbourhood_id=neighbourhood.id)
    room = await add_room(db, name="Phòng lớn")
    room.has_wifi = room.has_projector = True
    objects.add("room", "open", venue_id=room.venue_id, room_id=room.id)
    closed = await add_room(db, name="Phòng cũ")
    closed.closed_at = NOON
    objects.add("room", "closed", venue_id=closed.venue_id, room_id=closed.id)
    await _venues(db, objects, neighbourhood)
    return Places(room, closed, await _markets(db, objects), neighbourhood)


async def _venues(db: AsyncSession, objects: Objects, neighbourhood: Neighbourhood) -> None:
    for state, columns in {
        "without rooms": {},
        "closed": {"closed_at": NOON},
        "known well": {"landmark": "cạnh chợ", "neighbourhood_id": neighbourhood.id},
    }.items():
        venue = Venue(ward_id=WARD, name=state, name_key=fold(state), address="", **columns)
        db.add(venue)
        await db.flush()
        objects.add("venue", state, venue_id=venue.id)
    objects.add("venue", "with a room", venue_id=objects.found["room"]["open"]["venue_id"])
    objects.add("venue", "with a closed room", venue_id=objects.found["room"]["closed"]["venue_id"])


async def _markets(db: AsyncSession, objects: Objects) -> Market:
    made: list[Market] = []
    for state, columns in {
        "verified": {"verified": True},
        "not verified": {"former_ward": "Phường cũ"},
        "closed": {"closed_at": NOON},
        "without aisles": {},
        "of no ward": {"ward_id": None},
    }.items():
        row = Market(**{"ward_id": WARD, "name": f"Chợ {state}", "name_key": fold(f"Chợ {state}")} | columns)
        db.add(row)
        await db.flush()
        made.append(row)
        objects.add("market", state, market_id=row.id)
    for market in made[:3]:
        aisle = Aisle(market_id=market.id, name="Đường số 9", name_key="duong so 9", position=1)
        db.add(aisle)
        await db.flush()
        objects.add("aisle", market.name, market_id=market.id, aisle_id=aisle.id)
    return made[0]


async def add_courses(db: AsyncSession, objects: Objects, skills: list[Skill]) -> Course:
    """Courses: taught, retired, without skills."""
    made: list[Course] = []
    for state, columns in {
        "open": {"summary": "Quét mã, chuyển tiền <thử>"},
        "retired": {"retired_at": NOON},
        "without skills": {},
    }.items():
        row = Course(ward_id=WARD, title=state, title_key=fold(state), duration_minutes=120, **columns)
        db.add(row)
        await db.flush()
        made.append(row)
        objects.add("course", state, course_id=row.id)
    for course in made[:2]:
        for position, skill in enumerate(skills):
            db.add(CourseSkill(course_id=course.id, skill_id=skill.id, position=position))
    for state, columns in {
        "of the ward": {"ward_id": WARD, "name": "Hội làng"},
        "of the city": {"name": "Tết", "day": date(2027, 2, 6), "tentative": True},
    }.items():
        holiday = Holiday(**{"day": date(2026, 12, 24)} | columns)
        db.add(holiday)
        await db.flush()
        objects.add("holiday", state, holiday_id=holiday.id)
    return made[0]
