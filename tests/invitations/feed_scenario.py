"""Two wards with sessions for every kind of feed, and how tests read feeds."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import icalendar

from invitations.rules.feeds import FeedOwner
from invitations.service.feeds import create_feed
from lopso.kernel.access import Role
from tests.conftest import TestApp
from tests.factories import (
    NOON,
    TEST,
    add_assignment,
    add_enrolment,
    add_helper,
    add_learner,
    add_room,
    add_session,
    add_user,
    add_ward,
)
from wordings.service.shipped import load_wordings

WARD, OTHER = "19753", "19789"
PAGE = f"/lich/{WARD}/lich-rieng"
PRIVATE = ("Hòa", "0912", "912345678", "912 345 678", "Bản nháp", "mang sổ")


@dataclass
class FeedScenario:
    """Two wards; in the first a class in a room, one elsewhere, a visit to homes, a draft; two officers."""

    user: int
    venue: int
    learner: int
    helper: int
    in_room: int
    elsewhere: int
    visit: int


async def add_feed_scenario(app: TestApp) -> FeedScenario:
    async with app.sessions.begin() as db:
        await load_wordings(db, by=TEST, now=NOON)
        await add_ward(db)
        await add_ward(db, ward_id=OTHER, name="Thuận Hóa")
        user = await add_user(db, (Role.COORDINATOR, WARD))
        await add_user(db, (Role.VIEWER, WARD), name="Võ Minh", email="minh@example.org")
        await add_user(db, (Role.COORDINATOR, OTHER), name="Khác", email="khac@example.org")
        account = await add_user(db, (Role.TRAINER, WARD), name="Lê An", email="an@example.org")
        helper = await add_helper(db, "Lê An", user=account)
        learner = await add_learner(db, "Trần Thị Hòa", phone="+84912345678")
        room = await add_room(db)
        day = timedelta(days=1)
        first = await add_session(db, title="Thanh toán; mã QR, ví", room=room)
        first.note = "Bà Hòa 0912345678 mang sổ"
        second = await add_session(
            db,
            title="Dùng VNeID, hỏi 0912.345.678",
            place="Chòi nghỉ, gọi +84 912 345 678",
            starts_at=first.starts_at + day,
        )
        visit = await add_session(
            db,
            title="Đến nhà bà Trần Thị Hòa",
            place="Nhà bà Hòa, 12 kiệt 3",
            starts_at=first.starts_at + 2 * day,
        )
        visit.kind = "home_visit"
        await add_session(db, title="Bản nháp", starts_at=first.starts_at + 3 * day, published=False)
        foreign = await add_session(
            db, ward_id=OTHER, title="Của phường khác", starts_at=first.starts_at + 4 * day
        )
        for each in (first, visit, foreign):
            await add_enrolment(db, each, learner)
        await add_enrolment(db, second, learner, state="waitlisted")
        await add_assignment(db, first, helper)
        await add_assignment(db, visit, helper)
        return FeedScenario(user.id, room.venue_id, learner.id, helper.id, first.id, second.id, visit.id)


async def create_feed_at(app: TestApp, path: str, *, email: str = "ha@example.org") -> str:
    """Make a feed as an officer does; its path."""
    async with app.client_as(email) as client:
        page = await client.post(path)
    assert page.status_code == 200, page.text
    found = re.findall(r'value="http://127\.0\.0\.1(/lich-rieng/[^"]+)"', page.text)
    assert len(found) == 1
    assert f'href="webcal://127.0.0.1{found[0]}"' in page.text
    assert 'aria-label="Mã QR của lịch riêng"' in page.text
    return found[0]


async def create_learner_feed(app: TestApp, learner_id: int) -> str:
    async with app.sessions.begin() as db:
        secret = await create_feed(db, FeedOwner("learner", learner_id, WARD), by=TEST, now=NOON)
    return f"/lich-rieng/{secret}.ics"


async def read_feed(app: TestApp, path: str, *, status: int = 200) -> bytes:
    async with app.client() as client:
        answer = await client.get(path)
    assert answer.status_code == status
    return answer.content


def events(text: bytes) -> dict[str, Any]:
    whole: Any = icalendar.Calendar.from_ical(text, multiple=False)
    return {str(part["UID"]): part for part in whole.walk() if part.name == "VEVENT"}


def calendar_name(text: bytes) -> str:
    whole: Any = icalendar.Calendar.from_ical(text, multiple=False)
    return str(whole["X-WR-CALNAME"])


def summaries(text: bytes) -> list[str]:
    return [str(event["SUMMARY"]) for event in events(text).values()]
