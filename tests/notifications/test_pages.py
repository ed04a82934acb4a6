"""Pages about texts: a day, a session's panel, the call list, test phones, reminder times."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from gateways.sandbox import SandboxGateway
from lopso.kernel import audit
from lopso.kernel.access import Role
from notifications.delivery.dispatcher import Dispatcher
from notifications.delivery.provider_pool import ProviderPool
from notifications.models import Message, ReminderPolicy
from scheduling.models import ClassSession
from tests.classroom import WARD, enrol
from tests.conftest import TestApp
from tests.factories import add_user, add_ward
from tests.notifications.scenario import (
    LAN,
    MINH,
    THURSDAY,
    add_city,
    add_class,
    add_learner,
    announce,
    withdraw_consent,
)
from tests.statements import statements_of

EVE = THURSDAY - timedelta(hours=20)
COORDINATOR = "ha@example.org"
STRANGER = "la@example.org"
TEACHER = "day@example.org"


def words_of(html: str) -> str:
    """The text of a page, tags left out."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>|\u2060", " ", html))


@pytest.fixture
async def session_id(app: TestApp) -> int:
    """A class: Lan and Gái on one phone, Minh refused texts, Bàn has a landline, Không has nothing."""
    async with app.sessions.begin() as db:
        course = await add_city(db)
        await add_ward(db, ward_id="20014", name="Vỹ Dạ")
        await add_user(db, (Role.COORDINATOR, WARD))
        await add_user(db, (Role.COORDINATOR, "20014"), name="Người Lạ", email=STRANGER)
        await add_user(db, (Role.TRAINER, WARD), name="Người Dạy", email=TEACHER)
        lan, gai, minh, ban, nobody = [
            await add_learner(db, name, phone=phone)
            for name, phone in (
                ("Lê Thị Lan", LAN),
                ("Trần Thị Gái", LAN),
                ("Ngô Văn Minh", MINH),
                ("Lê Văn Bàn", "+842343823456"),
                ("Trần Thị Không", None),
            )
        ]
        ban.phone_kind = "landline"
        await withdraw_consent(db, minh)
        session = await add_class(db, course, lan, gai, minh, ban, nobody)
        await announce(db, session)
    return session.id


async def deliver(app: TestApp, engine: AsyncEngine) -> None:
    """Run the dispatcher once."""
    await Dispatcher(
        engine, ProviderPool(engine, app.clock, [SandboxGateway(engine, app.clock)]), app.clock
    ).deliver_due()


async def test_day_page_lists_texts_with_masked_phones(app: TestApp, session_id: int) -> None:
    app.clock.now = EVE - timedelta(hours=1)
    async with app.client_as(COORDINATOR) as client:
        today = await client.get(f"/tin-nhan/{WARD}")
        tomorrow = await client.get(f"/tin-nhan/{WARD}?ngay=2026-11-26")
        coming = await client.get(f"/tin-nhan/{WARD}?ngay=2026-11-26&loc=se-gui")
        gone = await client.get(f"/tin-nhan/{WARD}?ngay=2026-11-26&loc=da-gui")

        opened = await client.get(
            f"/tin-nhan/{WARD}?ngay=2026-11-26&buoi={session_id}", headers={"hx-request": "true"}
        )

    said = words_of(today.text)
    assert "hôm nay, thứ Tư 25/11" in said
    assert "1 tin." in said
    assert "Thanh toán QR, buổi 3 14h00 – 16h00 ngày mai · 1 tin" in said
    assert "18h00 Nhắc trước một ngày 1 đã lên lịch Giữ lại Không gửi" in said
    assert "Gọi điện: 3 người không nhận được tin" in said
    assert "0912" not in said
    assert "ngày mai, thứ Năm 26/11" in words_of(tomorrow.text)
    assert "Nhắc trong ngày" in words_of(coming.text)
    assert "Không có tin nào như vậy" in gone.text
    each = words_of(opened.text)
    assert "<html" not in opened.text
    assert "Trần Thị Gái, Lê Thị Lan 0912 ••• 678" in each
    assert "12h00 Ngày mai" in each
    assert "Kính mời bà Lê Thị Lan và bà Trần Thị Gái đến đúng giờ." in each
    assert "0912 345 678" not in opened.text


async def test_delivery_problems_are_counted_and_listed_with_reason(app: TestApp, session_id: int) -> None:
    async with app.sessions.begin() as db:
        for state in ("claimed", "sending", "failed"):
            await db.execute(
                update(Message)
                .where(Message.purpose == "reminder_day_before")
                .values(
                    state=state,
                    lease_until=None if state == "failed" else EVE,
                    state_reason="rejected",
                    error_code="21614",
                )
            )
    app.clock.now = EVE + timedelta(minutes=5)
    async with app.client_as(COORDINATOR) as client:
        day = words_of((await client.get(f"/tin-nhan/{WARD}")).text)
        problems = words_of((await client.get(f"/tin-nhan/{WARD}/can-goi")).text)

    assert "1 tin trong bảy ngày qua có thể chưa đến ai" in day
    assert "Tất cả 1 Số không nhận được tin 1" in problems
    assert "Trần Thị Gái, Lê Thị Lan 0912 ••• 678 Nhắc trước một ngày" in problems
    assert "Hỏi lại số và sửa trong hồ sơ; tin còn kịp sẽ tự gửi đến số mới." in problems
    assert "Sửa số của Trần Thị Gái Sửa số của Lê Thị Lan Đã gọi Cách khác" in problems


async def test_search_finds_unaccented_names_and_numbers(app: TestApp, session_id: int) -> None:
    async with app.client_as(COORDINATOR) as client:
        by_name = await client.post(f"/tin-nhan/{WARD}/tim", data={"q": "tran gai"})
        by_number = await client.post(f"/tin-nhan/{WARD}/tim", data={"q": "0912 345 678"})
        nobody = await client.post(f"/tin-nhan/{WARD}/tim", data={"q": "Phan"})

    assert "2 tin gửi cho “tran gai”" in words_of(by_name.text)
    assert "2 tin gửi cho “0912 345 678”" in words_of(by_number.text)
    assert "Không có tin nào cho người này" in nobody.text


async def test_session_has_a_panel_and_a_page(app: TestApp, session_id: int) -> None:
    async with app.client_as(COORDINATOR) as client:
        panel = await client.get(f"/buoi/{session_id}/tin-nhan", headers={"hx-request": "true"})
        whole = await client.get(f"/buoi/{session_id}/tin-nhan")

    assert "<html" not in panel.text
    assert "Nhắc trước một ngày 18h00 thứ Tư 25/11 · 1 tin" in words_of(panel.text)
    assert "Gọi điện: 3 người không nhận được tin" in words_of(panel.text)
    assert "0912 ••• 678" in whole.text
    assert "<html" in whole.text


async def test_call_list_names_the_unreached_and_is_audited(app: TestApp, session_id: int) -> None:
    async with app.client_as(COORDINATOR) as client:
        calls = words_of((await client.get(f"/buoi/{session_id}/goi-dien")).text)

    assert "Bà Lê Văn Bàn 0234 3823 456 máy bàn, không nhận tin nhắn" in calls
    assert "Bà Ngô Văn Minh 0987 654 321 không đồng ý nhận tin nhắn" in calls
    assert "Bà Trần Thị Không – không có điện thoại, nhờ tổ dân phố báo" in calls
    assert "Lan" not in calls.split("Danh sách gọi điện", 2)[2]
    async with app.sessions() as db:
        [entry] = (await db.scalars(select(audit.AuditEntry).filter_by(action="call_list.opened"))).all()
    assert (entry.subject_id, entry.facts) == (str(session_id), {"people": 3})


async def test_learner_unreached_by_a_cancellation_is_listed(app: TestApp, session_id: int) -> None:
    """Reminders sent before the cancellation do not count: they say that the class takes place."""
    async with app.sessions.begin() as db:
        session = await db.get_one(ClassSession, session_id)
        session.cancelled_at, session.cancel_reason = EVE, "Bão"
        session.version += 1
    async with app.client_as(COORDINATOR) as client:
        calls = words_of((await client.get(f"/buoi/{session_id}/goi-dien")).text)

    assert "Bà Lê Thị Lan 0912 345 678 không có tin nhắn nào cho buổi này" in calls
    assert "chưa nhận được tin báo nghỉ" in calls


async def test_test_phones_show_texts_of_own_wards_only(
    app: TestApp, engine: AsyncEngine, session_id: int
) -> None:
    app.clock.now = EVE
    await deliver(app, engine)
    async with app.client_as(COORDINATOR) as client:
        phones = words_of((await client.get("/dien-thoai-thu")).text)
        found = words_of((await client.post("/dien-thoai-thu", data={"q": "gái"})).text)
        missed = words_of((await client.post("/dien-thoai-thu", data={"q": "Phan"})).text)
    async with app.client_as(STRANGER) as client:
        elsewhere = words_of((await client.get("/dien-thoai-thu")).text)

    text = "18h00 hôm nay 14h00 thu Nam 26/11, Nha van hoa TDP 5: lop ky nang so."
    assert "Trần Thị Gái, Lê Thị Lan 0912 ••• 678" in phones
    assert text in phones
    assert text in found
    assert "Không có điện thoại nào như vậy" in missed
    assert "Chưa có tin nhắn nào" in elsewhere


async def test_pages_of_another_ward_are_not_found(app: TestApp, session_id: int) -> None:
    addresses = [
        f"/tin-nhan/{WARD}",
        f"/tin-nhan/{WARD}/can-goi",
        f"/tin-nhan/{WARD}/gio-nhac",
        f"/buoi/{session_id}/tin-nhan",
        f"/buoi/{session_id}/goi-dien",
    ]
    async with app.client_as(STRANGER) as client:
        strange = [(await client.get(address)).status_code for address in addresses]
        searched = (await client.post(f"/tin-nhan/{WARD}/tim", data={"q": "Lan"})).status_code
    async with app.client_as(TEACHER) as client:
        teaching = [(await client.get(address)).status_code for address in addresses]
        phones = (await client.get("/dien-thoai-thu")).status_code

    assert strange == [404] * 5
    assert searched == 404
    assert teaching == [403, 403, 403, 404, 404]
    assert phones == 403


async def test_number_of_statements_is_independent_of_texts(
    app: TestApp, engine: AsyncEngine, session_id: int
) -> None:
    addresses = [f"/tin-nhan/{WARD}?ngay=2026-11-25", f"/buoi/{session_id}/tin-nhan", "/dien-thoai-thu"]

    async def cost() -> list[int]:
        numbers: list[int] = []
        async with app.client_as(COORDINATOR) as client:
            await client.get(addresses[0])  # the frame's lists are in memory from here on
            for address in addresses:
                with statements_of(engine) as statements:
                    assert (await client.get(address)).status_code == 200
                numbers.append(len(statements))
        return numbers

    few = await cost()
    async with app.sessions.begin() as db:
        session = await db.get_one(ClassSession, session_id)
        for n in range(25):
            await enrol(db, session, await add_learner(db, f"Lê Thị {n}", phone=f"+8491200{n:04}"))
        await announce(db, session)
    app.clock.now = EVE
    await deliver(app, engine)

    assert await cost() == few
    assert max(few) <= 9


async def test_ward_can_set_its_own_reminder_times(app: TestApp, session_id: int) -> None:
    here = f"/tin-nhan/{WARD}/gio-nhac"
    wanted = {
        "day_before_at": "17:30",
        "hours_before": "",
        "quiet_until": "07:30",
        "quiet_from": "20:30",
        "daily_cap": "4",
        "whose": "ward",
    }
    async with app.client_as(COORDINATOR) as client:
        saved = await client.post(here, data=wanted)
        wrong = await client.post(here, data={**wanted, "quiet_from": "05:00", "hours_before": "99"})
        city = await client.post(here, data={**wanted, "whose": "everyone"})
        page = words_of((await client.get(here)).text)
        dropped = await client.post(here, data={"whose": "city"})

    assert saved.status_code == 303
    assert wrong.status_code == 422
    assert "Giờ ngừng gửi phải sau giờ bắt đầu gửi." in wrong.text
    assert 'value="99"' in wrong.text  # nothing typed is lost
    assert city.status_code == 403
    assert "Phường Phú Xuân đang dùng giờ riêng." in page
    assert dropped.status_code == 303
    async with app.sessions() as db:
        assert (await db.scalars(select(ReminderPolicy.ward_id))).all() == [None]
        actions = await db.scalars(
            select(audit.AuditEntry.action).where(audit.AuditEntry.ward_id == WARD).order_by("id")
        )
        assert [action for action in actions if action.startswith("reminder")] == [
            "reminder_policy.set",
            "reminder_policy.dropped",
        ]


async def test_administrator_sets_the_city_reminder_times(app: TestApp, session_id: int) -> None:
    here = f"/tin-nhan/{WARD}/gio-nhac"
    async with app.sessions.begin() as db:
        await add_user(db, (Role.CITY_ADMIN, None), name="Trần Quốc Toàn", email="toan@example.org")
    async with app.client_as("toan@example.org") as client:
        page = await client.get(here)
        saved = await client.post(
            here,
            data={
                "day_before_at": "17:00",
                "hours_before": "3",
                "quiet_until": "07:00",
                "quiet_from": "20:00",
                "daily_cap": "5",
                "whose": "everyone",
            },
        )

    assert page.status_code == 200
    assert "Cả thành phố" in page.text
    assert saved.status_code == 303
    async with app.sessions() as db:
        assert (await db.scalars(select(ReminderPolicy.ward_id))).all() == [None]
