"""Pages with actions on messages: a day, a session, one text and its timeline, delivery problems."""

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from gateways.protocol import GatewayRejected, OutgoingText, Receipt
from gateways.sandbox import SandboxGateway
from lopso.kernel.access import Role
from notifications.delivery.dispatcher import Dispatcher
from notifications.delivery.provider_pool import ProviderPool
from notifications.models import Message, ReminderPolicy, WardMonth
from scheduling.models import ClassSession
from tests.classroom import WARD
from tests.conftest import TestApp
from tests.factories import add_user
from tests.notifications.scenario import LAN, MINH, THURSDAY, add_city, add_class, add_learner, announce

EVE = THURSDAY - timedelta(hours=20)
COORDINATOR = "ha@example.org"
BINH = "+84905111222"


def words_of(html: str) -> str:
    """The text of a page from its heading on, tags left out."""
    body = html.split('id="noi-dung"')[-1]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>|\u2060", " ", body)).strip()


class Choosy(SandboxGateway):
    """The sandbox, but for numbers that it refuses."""

    def __init__(self, engine: AsyncEngine, app: TestApp, refused: str) -> None:
        super().__init__(engine, app.clock)
        self.refused = refused

    async def send(self, text: OutgoingText) -> Receipt:
        if text.to == self.refused:
            raise GatewayRejected("21211", "bad_number")
        return await super().send(text)


@pytest.fixture
async def session_id(app: TestApp) -> int:
    """A class of three, each with a phone of their own."""
    async with app.sessions.begin() as db:
        course = await add_city(db)
        await add_user(db, (Role.COORDINATOR, WARD))
        learners = [
            await add_learner(db, name, phone=phone)
            for name, phone in (("Lê Thị Lan", LAN), ("Ngô Văn Minh", MINH), ("Trần Thị Bình", BINH))
        ]
        session = await add_class(db, course, *learners)
        await announce(db, session)
    return session.id


async def text_to(app: TestApp, phone: str, purpose: str = "reminder_day_before") -> Message:
    """The newest text to this phone."""
    async with app.sessions() as db:
        found = await db.scalars(
            select(Message).filter_by(to_phone=phone, purpose=purpose).order_by(Message.id.desc())
        )
        return found.first() or pytest.fail("no such text")


async def test_batch_is_held_after_a_preview_and_released_by_undo(app: TestApp, session_id: int) -> None:
    here = f"/buoi/{session_id}/tin-nhan"
    async with app.client_as(COORDINATOR) as client:
        preview = await client.get(f"{here}/giu-lai?loai=reminder_day_before")
        held = await client.post(
            f"{here}/giu-lai", data={"loai": "reminder_day_before", "ve": f"/tin-nhan/{WARD}"}
        )
        day = await client.get(held.headers["location"] + "?ngay=2026-11-25")
        waiting = await client.get(f"/tin-nhan/{WARD}?ngay=2026-11-25&loc=giu-lai")
        undo = re.search(r'action="([^"]*gui-tiep[^"]*)"', day.text)
        assert undo is not None
        freed = await client.post(undo[1].replace("&amp;", "&"), data={})
        after = await client.get(f"{freed.headers['location']}?ngay=2026-11-25")

    said = words_of(preview.text)
    assert "3 tin, gửi cho 3 người" in said
    assert "Trần Thị Bình, Lê Thị Lan, Ngô Văn Minh." in said
    assert "Giữ lại 3 tin" in said
    assert "Đã giữ lại 3 tin." in words_of(day.text)
    assert "3 đang giữ lại Gửi tiếp Không gửi" in words_of(day.text)
    assert "đang giữ lại" in words_of(waiting.text)
    assert "3 tin sẽ gửi tiếp." in words_of(after.text)
    assert "3 đã lên lịch Giữ lại Không gửi" in words_of(after.text)


async def test_timeline_of_a_text_is_in_sentences(app: TestApp, engine: AsyncEngine, session_id: int) -> None:
    message = await text_to(app, LAN)
    one = f"/tin-nhan/{WARD}/tin/{message.id}"
    async with app.client_as(COORDINATOR) as client:
        held = await client.post(f"{one}/giu-lai", data={})
        page = words_of((await client.get(held.headers["location"])).text)
        assert "Đã giữ lại 1 tin." in page
        assert "Lê Thị Thu Hà giữ tin lại" in page
        await client.post(f"{one}/gui-tiep", data={})
        app.clock.now = EVE
        await Dispatcher(
            engine, ProviderPool(engine, app.clock, [SandboxGateway(engine, app.clock)]), app.clock
        ).deliver_due()
        gone = words_of((await client.get(one)).text)
        too_late = await client.post(f"{one}/khong-gui", data={})
        listed = words_of((await client.get(f"/buoi/{session_id}/tin-nhan")).text)
        elsewhere = await client.get(f"/tin-nhan/20014/tin/{message.id}")

    assert "đã đến máy" in gone
    assert "18h00 hôm nay" in gone
    assert "Còn tác dụng đến 21h00 thứ Tư 25/11" in gone
    assert "Đến máy người nhận" in gone
    assert "Giữ lại" not in gone
    assert too_late.status_code == 409
    assert "Tin đã đi rồi, không giữ lại hay rút lại được nữa." in words_of(too_late.text)
    assert "đã đến máy 18h00 gửi đi, 18h00 đã đến máy" in listed
    assert elsewhere.status_code == 404


async def test_delivery_problem_has_a_next_step_until_resolved(
    app: TestApp, engine: AsyncEngine, session_id: int
) -> None:
    app.clock.now = EVE
    await Dispatcher(
        engine, ProviderPool(engine, app.clock, [Choosy(engine, app, MINH)]), app.clock
    ).deliver_due()
    message = await text_to(app, MINH)
    problems = f"/tin-nhan/{WARD}/can-goi"
    one = f"/tin-nhan/{WARD}/tin/{message.id}"
    async with app.client_as(COORDINATOR) as client:
        listed = words_of((await client.get(problems)).text)
        other = words_of((await client.get(f"{problems}?loai=tat-may")).text)
        again = await client.post(f"{one}/gui-lai", data={"ve": problems})
        called = await client.post(f"{one}/xong", data={"cach": "da-goi", "ve": problems})
        empty = await client.get(called.headers["location"])
        day = words_of((await client.get(f"/tin-nhan/{WARD}")).text)
        calls = words_of((await client.get(f"/buoi/{session_id}/goi-dien")).text)
        undo = re.search(r'action="([^"]*chua-xong[^"]*)"', empty.text)
        assert undo is not None
        back = await client.post(undo[1].replace("&amp;", "&"), data={})
        returned = words_of((await client.get(back.headers["location"])).text)

    assert "Tất cả 1 Số sai 1" in listed
    assert "Ngô Văn Minh 0987 ••• 321" in listed
    assert "Sửa số Đã gọi" in listed
    assert "Gửi lại" not in listed.split("Sửa số")[1]  # the same number would fail again
    assert "Không còn tin nào như vậy" in other
    assert again.status_code == 409
    assert called.headers["location"] == problems
    assert "Không còn tin nào cần xử lý" in words_of(empty.text)
    assert "có thể chưa đến ai" not in day
    assert "Minh" not in calls
    assert "Ngô Văn Minh" in returned


async def test_delivery_problems_of_a_session_are_resolved_together(app: TestApp, session_id: int) -> None:
    async with app.sessions.begin() as db:
        for state in ("claimed", "sending", "undelivered"):
            await db.execute(
                update(Message)
                .where(Message.purpose == "reminder_day_before")
                .values(
                    state=state,
                    lease_until=EVE if state != "undelivered" else None,
                    state_reason="unreachable",
                )
            )
    app.clock.now = EVE + timedelta(minutes=5)
    here = f"/buoi/{session_id}/tin-nhan/xong"
    async with app.client_as(COORDINATOR) as client:
        preview = words_of((await client.get(here)).text)
        done = await client.post(here, data={"cach": "da-gap"})
        page = words_of((await client.get(done.headers["location"])).text)
        nonsense = await client.post(here, data={"cach": "x"})

    assert "3 tin, gửi cho 3 người" in preview
    assert "Đã đánh dấu 3 tin." in page
    assert "đã gặp" in page
    assert nonsense.status_code == 404
    async with app.sessions() as db:
        assert set(await db.scalars(select(Message.resolution))) == {"", "met"}


async def test_unknown_outcome_is_resent_after_a_warning(app: TestApp, session_id: int) -> None:
    async with app.sessions.begin() as db:
        for state in ("claimed", "sending", "ambiguous"):
            await db.execute(
                update(Message)
                .where(Message.purpose == "reminder_day_before", Message.to_phone == LAN)
                .values(state=state, lease_until=EVE if state != "ambiguous" else None, tried_at=EVE)
            )
    app.clock.now = EVE + timedelta(minutes=1)
    message = await text_to(app, LAN)
    one = f"/tin-nhan/{WARD}/tin/{message.id}"
    async with app.client_as(COORDINATOR) as client:
        page = words_of((await client.get(one)).text)
        unwarned = await client.post(f"{one}/gui-lai", data={})
        sure = await client.post(f"{one}/gui-lai", data={"chac": "1"})

    assert "người nhận sẽ được hai tin giống nhau" in page
    assert (unwarned.status_code, sure.status_code) == (409, 303)
    assert (await text_to(app, LAN)).repeat == 1


async def test_month_shows_spent_and_remaining_budget(app: TestApp, session_id: int) -> None:
    app.app.state.settings = replace(app.app.state.settings, sms_segment_price=850)
    async with app.sessions.begin() as db:
        policy = (await db.scalars(select(ReminderPolicy))).one()
        policy.monthly_budget = Decimal(10_000)
        db.add(WardMonth(ward_id=WARD, month=THURSDAY.date().replace(day=1), texts=5, segments=5, price=4250))
    async with app.client_as(COORDINATOR) as client:
        page = words_of((await client.get(f"/tin-nhan/{WARD}")).text)

    assert (
        "Tháng 11/2026: đã dùng 4.250 đồng, các tin đã lên lịch cần thêm 5.100 đồng."
        " Hạn mức của tháng: 10.000 đồng. Sắp hết hạn mức." in page
    )


async def test_reader_without_permission_has_no_actions(app: TestApp, session_id: int) -> None:
    async with app.sessions.begin() as db:
        await add_user(db, (Role.VIEWER, WARD), name="Người Xem", email="xem@example.org")
    message = await text_to(app, LAN)
    async with app.client_as("xem@example.org") as client:
        answers = [
            (await client.get(f"/tin-nhan/{WARD}/tin/{message.id}")).status_code,
            (await client.post(f"/tin-nhan/{WARD}/tin/{message.id}/giu-lai", data={})).status_code,
            (await client.get(f"/buoi/{session_id}/tin-nhan/giu-lai")).status_code,
            (await client.post(f"/buoi/{session_id}/tin-nhan/giu-lai", data={})).status_code,
        ]
    async with app.client_as(COORDINATOR) as client:
        unknown = await client.post(f"/tin-nhan/{WARD}/tin/{message.id}/xoa", data={})
    assert answers == [403, 403, 403, 403]
    assert unknown.status_code == 404
    async with app.sessions() as db:
        session = await db.get_one(ClassSession, session_id)
        held = await db.scalars(select(Message.held_at).filter_by(session_id=session.id))
        assert set(held) == {None}


async def test_restored_text_links_to_its_replacement(app: TestApp, session_id: int) -> None:
    first = await text_to(app, LAN)
    here = f"/tin-nhan/{WARD}/tin"
    async with app.client_as(COORDINATOR) as client:
        await client.post(f"{here}/{first.id}/khong-gui")
        await client.post(f"{here}/{first.id}/dat-lai")
        page = (await client.get(f"{here}/{first.id}")).text
        second = await text_to(app, LAN)
        there = words_of((await client.get(f"{here}/{second.id}")).text)

    assert second.id != first.id
    assert "đã có tin khác thay" in words_of(page)
    assert f'<a href="{here}/{second.id}">Xem tin thay</a>' in page
    assert "Giữ lại" in there
