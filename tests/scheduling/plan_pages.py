"""A ward with a course and rooms, its form for a series, and what planning pages say."""

import re
from datetime import date
from html import unescape
from typing import Any

from sqlalchemy import select

from lopso.kernel.access import Role
from scheduling.models import ClassSession
from scheduling.service.sessions import plan_session, publish_sessions
from tests.classroom import add_learner, enrol
from tests.conftest import TestApp
from tests.factories import NOON, add_user
from tests.planning import WARD, Planning, add_planning, add_trainer, assign, slot

MONDAY = date(2026, 12, 7)

FORM = f"/lich/{WARD}/lop-moi"


async def seeded(app: TestApp) -> Planning:
    async with app.sessions.begin() as db:
        here = await add_planning(db)
        await add_user(db, (Role.VIEWER, WARD), name="Trần Văn Xem", email="xem@example.org")
        return here


def series_form(here: Planning, **other: Any) -> dict[str, Any]:
    """Mondays and Wednesdays 8h30, Tuesdays 14h, five meetings in the hall."""
    plain = {
        "kind": "ward_class",
        "course": str(here.course.id),
        "day0": ["0", "2"],
        "from0": "8h30",
        "until0": "10h",
        "day1": ["1"],
        "from1": "14 giờ",
        "starts_on": "07/12/2026",
        "meetings": "5",
        "room": str(here.hall.id),
        "skip": "1",
    }
    return plain | other


def picks(page: str) -> list[str]:
    """Values of the dates that are ticked."""
    return re.findall(r'name="pick" value="([^"]+)" checked', page)


def words(page: str) -> str:
    """The page without its tags, on one line."""
    body = page.split("<main", 1)[1].split("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>|\u2060", " ", body)).split())


async def starts(app: TestApp) -> list[Any]:
    async with app.sessions() as db:
        found = await db.scalars(select(ClassSession.starts_at).order_by(ClassSession.starts_at))
        return list(found)


async def published(app: TestApp, here: Planning) -> int:
    """A published class on Monday with one learner and one helper."""
    async with app.sessions.begin() as db:
        session = await plan_session(db, WARD, here.details(), slot(MONDAY), by=here.by, now=NOON)
        await publish_sessions(db, [session.id], by=here.by, now=NOON)
        await enrol(db, session, await add_learner(db, "Trần Thị Ánh"))
        await assign(db, session, await add_trainer(db))
        return session.id
