"""The page of the pause: what staff read there, and the city's administrator pausing and resuming."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from lopso.kernel.access import Role
from lopso.kernel.operations.delivery_pause import DeliveryPause
from tests.classroom import WARD
from tests.conftest import TestApp
from tests.factories import NOON, add_user, add_ward
from tests.notifications.test_message_action_pages import words_of

PAGE = "/tin-nhan/tam-dung"
RIBBON = "Đang tạm dừng gửi tin nhắn và thư"


@pytest.fixture
async def staff(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        await add_ward(db)
        await add_user(db, (Role.CITY_ADMIN, None), name="Trần Quốc Toàn", email="toan@example.org")
        await add_user(db, (Role.COORDINATOR, WARD), name="Lê Thị Hà", email="ha@example.org")


async def standing(app: TestApp) -> DeliveryPause | None:
    async with app.sessions() as db:
        return await db.scalar(select(DeliveryPause).where(DeliveryPause.resumed_at.is_(None)))


async def test_administrator_pauses_and_resumes_and_every_page_says_so(app: TestApp, staff: None) -> None:
    async with app.client_as("toan@example.org") as client:
        assert "được gửi bình thường" in (await client.get(PAGE)).text
        await client.post(PAGE)
        assert await standing(app) is not None
        assert RIBBON in (await client.get(f"/lich/{WARD}")).text
        page = words_of((await client.get(PAGE)).text)
        assert "Tin đến giờ mà chưa gửi 0" in page

        await client.post("/tin-nhan/gui-tiep")
        assert await standing(app) is None
        assert RIBBON not in (await client.get(f"/lich/{WARD}")).text
        assert (await client.post("/tin-nhan/gui-tiep")).status_code == 303


async def test_coordinator_reads_why_and_cannot_end_it(app: TestApp, staff: None) -> None:
    async with app.sessions.begin() as db:
        taken = NOON - timedelta(hours=3)
        db.add(DeliveryPause(since=NOON, reason="restored", backup_taken_at=taken))
    async with app.client_as("ha@example.org") as client:
        page = words_of((await client.get(PAGE)).text)
        assert "khôi phục từ bản sao lưu lúc" in page
        assert "Quản trị của thành phố cho gửi tiếp." in page
        assert 'action="/tin-nhan/gui-tiep"' not in (await client.get(PAGE)).text
        assert (await client.post("/tin-nhan/gui-tiep")).status_code == 403
        assert RIBBON in (await client.get(PAGE)).text


@pytest.mark.parametrize(("problem", "sentence"), [("", "Đang hỏi nhà mạng"), ("twilio", "Chưa hỏi được")])
async def test_resume_after_a_restore_is_left_to_a_worker(
    app: TestApp, staff: None, problem: str, sentence: str
) -> None:
    async with app.sessions.begin() as db:
        db.add(DeliveryPause(since=NOON, reason="restored", backup_taken_at=NOON, problem=problem))
    async with app.client_as("toan@example.org") as client:
        await client.post("/tin-nhan/gui-tiep")
        page = await client.get(PAGE)
    found = await standing(app)
    assert found is not None
    assert found.resume_asked_at == NOON
    assert sentence in page.text
    assert 'action="/tin-nhan/gui-tiep"' not in page.text
