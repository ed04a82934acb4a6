"""A ward with every object in every state, and people of every role who open its pages."""

from sqlalchemy import select

from lopso.kernel.access import Role
from lopso.kernel.settings import Settings
from skills.models import Framework
from tests.classroom import add_classroom, add_framework
from tests.conftest import TestApp
from tests.factories import NOON, TEST, add_user, add_ward
from tests.states.access import add_access, add_feeds, add_lists, add_pages, add_users
from tests.states.objects import WARD, Objects
from tests.states.papers import NAMES, add_papers
from tests.states.people import add_helpers, add_learners, add_teams
from tests.states.places import add_courses, add_places
from tests.states.sessions import (
    Planner,
    add_absences,
    add_closures,
    add_rows_of_sessions,
    add_series,
    add_sessions,
)
from tests.states.texts import add_mails, add_texts
from wordings.service.shipped import load_wordings

ROLES = {
    "coordinator": "ha@example.org",
    "assessor": "lanh@example.org",
    "viewer": "xem@example.org",
    "trainer": "an@example.org",
    "city_admin": "admin@example.org",
}


async def add_city(app: TestApp, settings: Settings) -> Objects:
    """Everything; the trainer of `ROLES` is the helper of the sessions."""
    objects = Objects()
    async with app.sessions.begin() as db:
        await load_wordings(db, by=TEST, now=NOON)
        room = await add_classroom(db, NAMES, skills=3)
        objects.add("session", "running", session_id=room.session.id)
        objects.add("skill", "first", skill_id=room.skills[0].id)
        await add_user(db, (Role.VIEWER, WARD), name="Người xem", email=ROLES["viewer"])
        await add_user(db, (Role.CITY_ADMIN, None), name="Quản trị", email=ROLES["city_admin"])
        await add_ward(db, ward_id="19789", name="Thuận Hóa")
        users = await add_users(db)
        places = await add_places(db, objects)
        course = await add_courses(db, objects, list(room.skills))
        learners = await add_learners(db, objects, places.neighbourhood)
        helpers = await add_helpers(
            db, objects, users["active"], users["invited"], users["disabled"], room.skills[0]
        )
        await add_teams(db, objects, helpers)
        certificate = await add_papers(db, room, objects)
        plan = Planner(
            db, course, places.room, places.closed_room, places.market, helpers[0], learners, objects
        )
        await add_sessions(plan)
        await add_series(plan)
        await add_closures(plan)
        await add_rows_of_sessions(plan)
        await add_absences(db, objects, helpers[0])
        session = await plan.session("with texts")
        await plan.people(session)
        await add_texts(db, objects, session, learners, helpers[0], certificate)
        await add_mails(db, objects, session, helpers[0])
        await add_access(db, objects, users)
        await add_feeds(db, objects, helpers[0], learners[0], places.room.venue_id, room.coordinator)
        await add_pages(db, objects, [*learners, *room.learners], secret=settings.secret)
        await add_framework(db, skills=1, version="0.9", current=False)
        for edition in await db.scalars(select(Framework)):
            objects.add("edition", edition.version, framework_id=edition.id)
    async with app.client_as(ROLES["coordinator"]) as client:
        await add_lists(client, objects)
    return objects
