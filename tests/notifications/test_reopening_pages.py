"""Pages of undoing a cancellation and of opening a session again."""

import asyncio
import re
from datetime import timedelta
from html import unescape

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from lopso.kernel.access import Role
from notifications.models import Message
from notifications.service.policy import load_policy
from scheduling.models import ClassSession
from tests.conftest import TestApp
from tests.factories import (
    NOON,
    TEST,
    add_assignment,
    add_course,
    add_enrolment,
    add_helper,
    add_learner,
    add_room,
    add_series,
    add_session,
    add_user,
    add_ward,
)
from wordings.service.shipped import load_wordings

WARD = "19753"


async def seed(app: TestApp, *, weeks: int = 1) -> list[int]:
    """Meetings of a series in one room, with a learner and a helper; their ids."""
    async with app.sessions.begin() as db:
        await add_ward(db)
        await load_wordings(db, by=TEST, now=NOON)
        await load_policy(db, by=TEST, now=NOON)
        await add_user(db, (Role.COORDINATOR, WARD))
        course, room = await add_course(db, title="Thanh toán QR"), await add_room(db)
        series = await add_series(db, course=course)
        learner = await add_learner(db, phone="+84912345678")
        helper = await add_helper(db, phone="+84905111222")
        sessions = [
            await add_session(
                db,
                title="Thanh toán QR",
                course=course,
                series=series,
                room=room,
                starts_at=NOON + timedelta(days=3 + 7 * n, hours=2),
            )
            for n in range(weeks)
        ]
        for each in sessions:
            await add_enrolment(db, each, learner)
            await add_assignment(db, each, helper)
    return [each.id for each in sessions]


async def sent(app: TestApp) -> None:
    """Every planned text has gone."""
    async with app.sessions.begin() as db:
        for message in await db.scalars(select(Message).where(Message.state == "planned")):
            message.state, message.sent_at = "delivered", NOON + timedelta(minutes=5)


async def cancelled(app: TestApp) -> list[bool]:
    async with app.sessions() as db:
        found = await db.scalars(select(ClassSession.cancelled_at).order_by(ClassSession.id))
        return [each is not None for each in found]


def words(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>|\u2060", " ", page)).split())


async def test_cancellation_is_undone_from_its_own_sentence(app: TestApp) -> None:
    [session] = await seed(app)
    here = f"/buoi/{session}"
    async with app.client_as("ha@example.org") as client:
        done = await client.post(f"{here}/huy", data={"reason": "Mưa lớn"})
        page = await client.get(done.headers["location"])
        panel = await client.get(f"{here}/mo-lai/tinh-hinh", headers={"hx-request": "true"})
        undone = await client.post(f"{here}/huy/hoan-tac")
        after = await client.get(undone.headers["location"])
        twice = await client.get((await client.post(f"{here}/huy/hoan-tac")).headers["location"])

    assert f'action="{here}/huy/hoan-tac"' in page.text
    assert f'href="{here}/mo-lai"' in page.text
    assert "Hoàn tác trước 12h05 thứ Hai 23/11 thì không ai nhận tin báo nghỉ." in words(panel.text)
    assert "Đã hoàn tác việc hủy 1 buổi. Không ai nhận tin báo nghỉ." in after.text
    assert "Buổi này đã được mở lại hoặc đã qua." in twice.text
    assert await cancelled(app) == [False]


async def test_undo_after_the_first_text_leads_to_the_preview(app: TestApp) -> None:
    [session] = await seed(app)
    here = f"/buoi/{session}"
    async with app.client_as("ha@example.org") as client:
        await client.post(f"{here}/huy", data={"reason": "Mưa lớn"})
        await sent(app)
        panel = await client.get(f"{here}/mo-lai/tinh-hinh", headers={"hx-request": "true"})
        late = await client.post(f"{here}/huy/hoan-tac")
        still = await cancelled(app)
        preview = await client.get(late.headers["location"])
        texts = await client.get(f"{here}/mo-lai/tin-nhan", headers={"hx-request": "true"})
        unchanged = await cancelled(app)
        done = await client.post(f"{here}/mo-lai")
        after = await client.get(done.headers["location"])

    assert "Tin báo nghỉ đầu tiên đã đi lúc 12h05 thứ Hai 23/11." in words(panel.text)
    assert "hoan-tac" not in panel.text
    assert (still, unchanged) == ([True], [True])
    assert "Xin xem lại rồi mở lại." in preview.text
    assert "nay vẫn học như cũ. Kính báo bà Nguyễn Thị Hoa." in texts.text
    assert "2 tin" in texts.text
    assert "Đã mở lại 1 buổi." in after.text
    assert await cancelled(app) == [False]


async def test_undo_beside_a_worker_that_sends_leads_to_the_preview(
    app: TestApp, engine: AsyncEngine
) -> None:
    [session] = await seed(app)
    async with app.client_as("ha@example.org") as client:
        await client.post(f"/buoi/{session}/huy", data={"reason": "Mưa lớn"})
        async with app.sessions() as worker:
            notice = (
                await worker.scalars(select(Message).where(Message.purpose == "session_cancelled"))
            ).one()
            notice.lease_until = NOON + timedelta(minutes=10)
            for state in ("claimed", "sending"):
                notice.state = state
                await worker.flush()
            undo = asyncio.create_task(client.post(f"/buoi/{session}/huy/hoan-tac"))
            await until_waiting(engine)
            await worker.commit()
        late = await undo

    assert late.headers["location"].partition("?")[0] == f"/buoi/{session}/mo-lai"
    assert await cancelled(app) == [True]


async def until_waiting(engine: AsyncEngine) -> None:
    """Until a statement waits for a lock."""
    waiting = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    async with asyncio.timeout(10):
        while True:
            async with engine.connect() as connection:
                if await connection.scalar(text(waiting)):
                    return
            await asyncio.sleep(0.02)


async def test_cancelled_series_is_undone_as_a_whole_or_opened_singly(app: TestApp) -> None:
    first, second, third = await seed(app, weeks=3)
    async with app.client_as("ha@example.org") as client:
        await client.post(
            f"/buoi/{first}/huy", data={"reason": "Bão", "pham_vi": "all", "pick": [first, second, third]}
        )
        panel = await client.get(f"/buoi/{second}/mo-lai/tinh-hinh", headers={"hx-request": "true"})
        page = await client.get(f"/buoi/{second}/mo-lai")
        await client.post(f"/buoi/{second}/mo-lai", data={"pham_vi": "one"})
        one = await cancelled(app)
        await client.post(f"/buoi/{third}/huy/hoan-tac")

    assert "Hoàn tác việc hủy 3 buổi" in words(panel.text)
    assert "Cả 3 buổi đã hủy cùng lúc" in words(page.text)
    assert one == [True, False, True]
    assert await cancelled(app) == [False] * 3


async def test_clash_of_room_is_said_before_and_at_the_press(app: TestApp) -> None:
    [session] = await seed(app)
    here = f"/buoi/{session}"
    async with app.client_as("ha@example.org") as client:
        await client.post(f"{here}/huy", data={"reason": "Mưa lớn"})
        async with app.sessions.begin() as db:
            row = await db.get_one(ClassSession, session)
            other = await add_session(db, title="Họp tổ", starts_at=row.starts_at, place="x")
            other.room_id = row.room_id
        page = await client.get(f"{here}/mo-lai")
        refused = await client.post(f"{here}/mo-lai")
        undo = await client.get((await client.post(f"{here}/huy/hoan-tac")).headers["location"])

    for answer in (page, refused, undo):
        assert "phòng đã có “Họp tổ”, 14h00 – 16h00." in words(answer.text)
    assert (page.status_code, refused.status_code) == (200, 409)
    assert await cancelled(app) == [True, False]


async def test_helper_clash_is_named_in_the_preview_and_after(app: TestApp) -> None:
    [session] = await seed(app)
    here = f"/buoi/{session}"
    async with app.client_as("ha@example.org") as client:
        await client.post(f"{here}/huy", data={"reason": "Mưa lớn"})
        async with app.sessions.begin() as db:
            row = await db.get_one(ClassSession, session)
            other = await add_session(db, title="Chợ số", starts_at=row.starts_at)
            helper = await add_helper(db, "Người Khác")
            await add_assignment(db, other, helper)
            busy = await add_assignment(db, row, helper, state="withdrawn")
            busy.answered_at = row.cancelled_at
        page = await client.get(f"{here}/mo-lai")
        done = await client.post(f"{here}/mo-lai")
        after = await client.get(done.headers["location"])

    assert "Người Khác đã có" in page.text
    assert "Buổi này cần tìm người thay." in page.text
    assert "Người Khác đã có" in after.text


async def test_running_class_can_be_called_off(app: TestApp) -> None:
    [session] = await seed(app)
    here = f"/buoi/{session}"
    app.clock.now = NOON + timedelta(days=3, hours=2, minutes=10)
    async with app.client_as("ha@example.org") as client:
        page = await client.get(here)
        ask = await client.get(f"{here}/huy")
        done = await client.post(f"{here}/huy", data={"reason": "Mất điện"})
        after = await client.get(done.headers["location"])

    assert "Lớp đang diễn ra." in page.text
    assert f'href="{here}/huy"' in page.text
    assert "ai chưa đến, xin gọi điện" in ask.text
    assert "switch_to" not in ask.text
    assert "Buổi này đã hủy: Mất điện." in after.text
    assert await cancelled(app) == [True]
