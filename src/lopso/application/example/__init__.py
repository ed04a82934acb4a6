"""An example city for the demo: two real wards, invented people, made only by calling the rooms' services.

The past and the class of this hour are written without texts (nobody is reminded of what has begun), the
coming weeks with them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from lopso.application.example.card import open_card
from lopso.application.example.city import (
    HELPER,
    PASSWORD,
    PHU_XUAN,
    STAFF,
    add_courses,
    add_helper,
    add_people,
    add_places,
)
from lopso.application.example.coming import plan_class_now, plan_coming
from lopso.application.example.past import plan_past, teach_past
from lopso.application.wiring import LISTENERS
from lopso.kernel import clock
from lopso.kernel import db as database
from lopso.kernel.access import Role
from lopso.kernel.events import Listeners

__all__ = ["HELPER", "PASSWORD", "PHU_XUAN", "Login", "build", "logins", "open_card"]


@dataclass(frozen=True, slots=True)
class Login:
    """One account to try, for the demo to print."""

    role: Role
    email: str
    name: str


def _quiet() -> Listeners:
    """All listeners but those that send: the past tells nobody."""
    return {
        fact: [each for each in listeners if not each.__module__.startswith("notifications")]
        for fact, listeners in LISTENERS.items()
    }


async def build(engine: AsyncEngine, *, now: datetime) -> None:
    """Fill an empty, migrated database with reference data already loaded. One transaction a step."""
    loud = database.session_maker(engine, LISTENERS)
    quiet = database.session_maker(engine, _quiet())
    monday = clock.monday_of(clock.local_day(now))
    before = clock.at(monday - timedelta(days=28), time(9))

    async with quiet.begin() as db:
        people = await add_people(db, before)
    coordinator = people["dieuphoi@lopso.example"]
    async with quiet.begin() as db:
        rooms = await add_places(db, coordinator, before)
        courses = await add_courses(db, coordinator, before)
    async with quiet.begin() as db:
        helper = await add_helper(db, before)
    async with quiet.begin() as db:
        past = await plan_past(db, courses, rooms, coordinator, helper, monday, before)
        await teach_past(db, past, helper, people["xacnhan@lopso.example"], coordinator)
    async with quiet.begin() as db:
        await plan_class_now(db, courses[4], rooms[0], coordinator, helper, now)
    async with loud.begin() as db:
        await plan_coming(db, courses, rooms, coordinator, helper, now)


def logins() -> Sequence[Login]:
    """The accounts that `build` made, in the order in which a newcomer tries them."""
    staff = [Login(role, email, name) for email, name, role, _ward in STAFF]
    return [staff[0], Login(Role.TRAINER, HELPER, ""), *staff[1:]]
