"""A form that creates something, posted twice, creates it once: by double tap, or after a lost answer."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from learners.models import Learner
from lopso.kernel.operations.form_submission import FormSubmission, clear_submissions
from scheduling.models import ClassSession, Course, Holiday, Series
from skills.models import Skill
from tests.conftest import TestApp
from tests.factories import NOON, add_session
from tests.planning import WARD, add_planning
from tests.scheduling.series_changes import tuesdays
from trainers.models import Team, Trainer
from venues.models import Aisle, Market, Neighbourhood, Room, Venue
from venues.service import add_market


@dataclass(frozen=True)
class Creation:
    """A form, where its page is and where it is posted to; `{venue}` and `{skill}` are filled in."""

    page: str
    action: str
    fields: Mapping[str, str]
    creates: type[Any]


SESSION = {
    "kind": "home_visit",
    "title": "Đến nhà bà Tâm",
    "day": "10/12/2026",
    "since": "8h30",
    "place": "Kiệt 12 Bạch Đằng",
}
SERIES = {
    "kind": "market_round",
    "title": "Chợ số",
    "place": "Cổng chợ",
    "day0": "3",
    "from0": "7h",
    "until0": "8h",
    "starts_on": "10/12/2026",
    "meetings": "3",
    "market": "{market}",
}
CREATIONS = {
    "session": Creation(f"/lich/{WARD}/buoi-moi", f"/lich/{WARD}/buoi-moi", SESSION, ClassSession),
    "series": Creation(f"/lich/{WARD}/lop-moi/xem-truoc", f"/lich/{WARD}/lop-moi", SERIES, Series),
    "further meeting": Creation(
        f"/lich/{WARD}/chuoi/{{series}}/them-buoi/xem-truoc",
        f"/lich/{WARD}/chuoi/{{series}}/them-buoi",
        {"meetings": "1", "nguoi_hoc": "1", "nguoi_day": "1"},
        ClassSession,
    ),
    "copied series": Creation(
        f"/lich/{WARD}/chuoi/{{series}}/chep/xem-truoc",
        f"/lich/{WARD}/chuoi/{{series}}/chep",
        {"starts_on": "01/03/2027"},
        Series,
    ),
    "course": Creation(
        f"/lich/{WARD}/noi-dung/moi",
        f"/lich/{WARD}/noi-dung/moi",
        {"title": "Trả tiền QR", "duration": "60", "skills": "{skill}"},
        Course,
    ),
    "day off": Creation(
        f"/lich/{WARD}/ngay-nghi",
        f"/lich/{WARD}/ngay-nghi",
        {"day": "24/12/2026", "name": "Lễ hội", "scope": "ward"},
        Holiday,
    ),
    "learner": Creation(
        f"/nguoi-hoc/{WARD}/moi",
        f"/nguoi-hoc/{WARD}/moi",
        {"full_name": "Lê Thị Hạnh", "birth_year": "1958"},
        Learner,
    ),
    "learner while enrolling": Creation(
        "/buoi/{session}/ghi-danh",
        "/buoi/{session}/ghi-danh/nguoi-moi",
        {"full_name": "Lê Thị Hạnh", "birth_year": "1958"},
        Learner,
    ),
    "helper": Creation(
        f"/nguoi-day/{WARD}/moi",
        f"/nguoi-day/{WARD}/moi",
        {"full_name": "Trần Văn Minh", "kind": "digital_ambassador"},
        Trainer,
    ),
    "team": Creation(
        f"/nguoi-day/{WARD}/to/moi",
        f"/nguoi-day/{WARD}/to/moi",
        {"kind": "community_tech_team", "name": "Tổ CNSCĐ số 5"},
        Team,
    ),
    "venue": Creation(
        f"/dia-diem/{WARD}/moi",
        f"/dia-diem/{WARD}/moi",
        {"name": "Nhà văn hóa", "address": "12 Lê Lợi", "room_name": "Hội trường", "room_seats": "30"},
        Venue,
    ),
    "room": Creation(
        f"/dia-diem/{WARD}/{{venue}}/phong-moi",
        f"/dia-diem/{WARD}/{{venue}}/phong-moi",
        {"name": "Phòng họp", "seats": "12"},
        Room,
    ),
    "market": Creation(
        f"/dia-diem/{WARD}/cho-moi", f"/dia-diem/{WARD}/cho-moi", {"name": "Chợ An Cựu"}, Market
    ),
    "aisle": Creation(
        f"/dia-diem/{WARD}/cho/{{market}}",
        f"/dia-diem/{WARD}/cho/{{market}}/loi",
        {"aisle": "Đường số 9"},
        Aisle,
    ),
    "neighbourhood": Creation(
        f"/phuong-xa/{WARD}",
        f"/phuong-xa/{WARD}/to-dan-pho",
        {"neighbourhood": "Tổ dân phố 9"},
        Neighbourhood,
    ),
}


@pytest.fixture
async def ids(app: TestApp) -> Mapping[str, str]:
    """What addresses and fields of the forms name: a session, a venue, a market, a skill."""
    async with app.sessions.begin() as db:
        planning = await add_planning(db)
        market = await add_market(db, WARD, name="Chợ Đông Ba", by=planning.by, now=NOON)
        skill = await db.scalar(select(Skill.id).order_by(Skill.id).limit(1))
        session = await add_session(db)
        [weekly] = await tuesdays(db, planning, meetings=1)
        return {
            "session": str(session.id),
            "series": str(weekly.series_id),
            "venue": str(planning.hall.venue_id),
            "market": str(market.id),
            "skill": str(skill),
        }


async def form_of(client: httpx.AsyncClient, creation: Creation, ids: Mapping[str, str]) -> dict[str, str]:
    """The fields filled in, with the id that the page gave the form."""
    fields = {name: text.format(**ids) for name, text in creation.fields.items()}
    page = await client.get(
        creation.page.format(**ids), params=fields if "xem-truoc" in creation.page else None
    )
    assert page.status_code == 200, page.text
    action = re.escape(creation.action.format(**ids))
    once = re.search(rf'action="{action}".*?name="_once" value="([^"]+)"', page.text, re.S)
    assert once is not None, f"no id in the form of {creation.page}"
    picks = re.findall(r'name="pick" value="([^"]+)" checked', page.text)
    return {**fields, "_once": once[1], **({"pick": picks[0]} if picks else {})}


async def count(app: TestApp, table: type[Any]) -> int:
    async with app.sessions() as db:
        return await db.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.parametrize("name", CREATIONS)
async def test_form_posted_twice_creates_once(app: TestApp, ids: Mapping[str, str], name: str) -> None:
    creation = CREATIONS[name]
    before = await count(app, creation.creates)
    async with app.client_as("ha@example.org") as client:
        fields = await form_of(client, creation, ids)
        first = await client.post(creation.action.format(**ids), data=fields)
        second = await client.post(creation.action.format(**ids), data=fields)
        shown = await client.get(second.headers["location"])
    assert (first.status_code, second.status_code) == (303, 303), first.text
    assert second.headers["location"] == first.headers["location"]
    assert "đã được lưu từ lần bấm trước" in shown.text
    assert await count(app, creation.creates) == before + 1


async def test_two_posts_at_the_same_moment_create_once(app: TestApp, ids: Mapping[str, str]) -> None:
    creation = CREATIONS["session"]
    before = await count(app, ClassSession)
    async with app.client_as("ha@example.org") as client:
        fields = await form_of(client, creation, ids)
        answers = await asyncio.gather(*(client.post(creation.action, data=fields) for _ in range(4)))
    assert {answer.headers["location"] for answer in answers} == {answers[0].headers["location"]}
    assert await count(app, ClassSession) == before + 1


async def test_form_corrected_after_a_refusal_is_processed(app: TestApp, ids: Mapping[str, str]) -> None:
    creation = CREATIONS["session"]
    before = await count(app, ClassSession)
    async with app.client_as("ha@example.org") as client:
        fields = await form_of(client, creation, ids)
        refused = await client.post(creation.action, data={**fields, "day": "31/02/2027"})
        saved = await client.post(creation.action, data=fields)
    assert (refused.status_code, saved.status_code) == (422, 303)
    assert await count(app, ClassSession) == before + 1


async def test_form_changed_after_going_back_is_another_one(app: TestApp, ids: Mapping[str, str]) -> None:
    creation = CREATIONS["session"]
    before = await count(app, ClassSession)
    async with app.client_as("ha@example.org") as client:
        fields = await form_of(client, creation, ids)
        await client.post(creation.action, data=fields)
        await client.post(creation.action, data={**fields, "title": "Đến nhà ông Lộc"})
    assert await count(app, ClassSession) == before + 2


async def test_posts_are_forgotten_after_two_days(app: TestApp, ids: Mapping[str, str]) -> None:
    creation = CREATIONS["learner"]
    async with app.client_as("ha@example.org") as client:
        await client.post(creation.action, data=await form_of(client, creation, ids))
    async with app.sessions.begin() as db:
        assert await clear_submissions(db, now=NOON + timedelta(days=1)) == 0
        assert await clear_submissions(db, now=NOON + timedelta(days=3)) == 1
    assert await count(app, FormSubmission) == 0
