"""The page with a month's figures of every ward."""

from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from gateways.protocol import GatewayUnavailable, OutgoingText
from gateways.sandbox import SandboxGateway
from lopso.kernel.access import Role
from lopso.kernel.audit import AuditEntry
from notifications.delivery.dispatcher import Dispatcher
from notifications.delivery.provider_pool import ProviderPool
from notifications.models import GatewayState, Message, WardMonth
from notifications.queries.city import percentile
from tests.classroom import WARD
from tests.conftest import TestApp
from tests.factories import NOON, add_user, add_ward
from tests.notifications.fakes import FakeGateway, make_dispatcher
from tests.notifications.scenario import LAN, MINH, THURSDAY, add_city, add_class, add_learner, announce
from tests.notifications.test_message_action_pages import words_of
from tests.statements import statements_of

EVE = THURSDAY - timedelta(hours=20)


@pytest.fixture
async def city(app: TestApp, engine: AsyncEngine) -> None:
    """Two wards; in one, two reminders went thirty seconds late."""
    async with app.sessions.begin() as db:
        course = await add_city(db)
        await add_ward(db, ward_id="20014", name="Vỹ Dạ")
        await add_user(db, (Role.CITY_ADMIN, None), name="Trần Quốc Toàn", email="toan@example.org")
        await add_user(db, (Role.VIEWER, None), name="Người Xem", email="xem@example.org")
        await add_user(db, (Role.COORDINATOR, "20014"), name="Người Lạ", email="la@example.org")
        await add_user(db, (Role.TRAINER, WARD), name="Người Dạy", email="day@example.org")
        learners = [
            await add_learner(db, "Lê Thị Lan", phone=LAN),
            await add_learner(db, "Ngô Văn Minh", phone=MINH),
        ]
        session = await add_class(db, course, *learners)
        await announce(db, session)
    app.clock.now = EVE + timedelta(seconds=30)
    providers = ProviderPool(engine, app.clock, [SandboxGateway(engine, app.clock)])
    await Dispatcher(engine, providers, app.clock, segment_price=850).deliver_due()


async def test_city_page_shows_every_ward_and_totals(app: TestApp, city: None) -> None:
    async with app.client_as("toan@example.org") as client:
        page = words_of((await client.get("/tin-nhan")).text)
        by_cost = words_of((await client.get("/tin-nhan?xep=tien")).text)
        before = words_of((await client.get("/tin-nhan?thang=2026-10")).text)

    assert "Cả thành phố · tháng 11/2026" in page
    assert "Tin đã gửi 2 Đã đến máy 100 % Thường gửi xong trong 30 giây" in page
    assert "Chi phí 1.700 đồng Hạn mức đã dùng không đặt hạn mức Tin cần xử lý 0" in page
    assert "Phường Phú Xuân 2 100 % 30 giây 30 giây 1.700 đồng – 0" in page
    assert "Phường Vỹ Dạ 0 – – – 0 đồng – 0" in page
    assert by_cost.index("Phường Phú Xuân 2") < by_cost.index("Phường Vỹ Dạ 0")
    assert "Cả thành phố · tháng 10/2026" in before
    assert "Phường Phú Xuân 0 –" in before


async def test_month_shows_how_far_its_texts_got_as_bars(
    app: TestApp, city: None, engine: AsyncEngine
) -> None:
    async with app.sessions.begin() as db:
        first = await db.scalar(select(Message).order_by(Message.id).limit(1))
        assert first is not None
        skip = {"id"}
        copied = {
            each.key: getattr(first, each.key)
            for each in Message.__mapper__.column_attrs
            if each.key not in skip
        }
        unsent = {"sent_at": None, "provider_id": None}
        states = ({"state": "planned"}, {"state": "failed"}, {"state": "withdrawn"}, {"state": "planned"})
        for number, state in enumerate(states):
            other = {"purpose": f"session_{number}", "reference": uuid4()}
            await db.execute(insert(Message).values(copied | unsent | other | state))
    async with app.client_as("toan@example.org") as client:
        page = await client.get("/tin-nhan")

    said = words_of(page.text)
    assert "Tin đã gửi 2 Đã đến máy 100 %" in said  # what was not sent does not count there
    assert "Tin trong tháng 7 2 đã đến máy 1 chưa đến được 4 chờ gửi" in said  # two on the morning wait
    assert 'role="img" aria-label="2 đã đến máy, 1 chưa đến được, 4 chờ gửi"' in page.text
    assert "Phường Phú Xuân 2 100 % 30 giây" in said


@pytest.mark.parametrize("far", ["0001-01", "9999-12", "1999-12", "2101-01", "2026-13", "x"])
async def test_unreadable_month_or_day_is_the_current_one(app: TestApp, city: None, far: str) -> None:
    async with app.client_as("toan@example.org") as client:
        now = await client.get("/tin-nhan")
        there = await client.get(f"/tin-nhan?thang={far}")
        ward = await client.get(f"/tin-nhan/{WARD}?ngay={far}-01")
        last = await client.get(f"/tin-nhan/{WARD}?ngay={far}-31")

    assert [each.status_code for each in (there, ward, last)] == [200] * 3
    assert words_of(there.text) == words_of(now.text)


async def test_figures_follow_the_permissions_of_the_reader(app: TestApp, city: None) -> None:
    async with app.client_as("xem@example.org") as client:
        viewed = await client.get("/tin-nhan")
        ward = await client.get(f"/tin-nhan/{WARD}")
    async with app.client_as("la@example.org") as client:
        own = words_of((await client.get("/tin-nhan")).text)
    async with app.client_as("day@example.org") as client:
        nothing = await client.get("/tin-nhan")

    assert "Phường Phú Xuân 2 100 %" in words_of(viewed.text)
    assert f'href="/tin-nhan/{WARD}"' not in viewed.text
    assert ward.status_code == 403
    assert "Phường Vỹ Dạ · tháng 11/2026" in own  # one ward: no table of wards
    assert "Tin đã gửi 0" in own
    assert "Phú Xuân" not in own
    assert nothing.status_code == 403


async def test_city_search_by_number_is_audited(app: TestApp, city: None) -> None:
    async with app.client_as("toan@example.org") as client:
        box = (await client.get("/tin-nhan")).text
        found = await client.post("/tin-nhan/tim", data={"q": "0912 345 678"})
        name = await client.post("/tin-nhan/tim", data={"q": "lan"})
        nobodys = words_of((await client.post("/tin-nhan/tim", data={"q": "0234 382 2222"})).text)
    async with app.client_as("la@example.org") as client:
        stranger = await client.post("/tin-nhan/tim", data={"q": "0912 345 678"})

    assert 'action="/tin-nhan/tim"' in box
    assert "tin gửi cho “0912 345 678”" in words_of(found.text)
    assert f'href="/tin-nhan/{WARD}/tin/' in found.text
    assert "0912 ••• 678" in found.text
    assert name.status_code == 422
    assert "Xin ghi đủ số điện thoại" in name.text
    assert "Không có tin nào gửi đến số này Xin xem lại số đã gõ." in nobodys
    assert "một phần của tên" not in nobodys
    assert stranger.status_code == 403
    async with app.sessions() as db:
        look, _nobodys = (await db.scalars(select(AuditEntry).filter_by(action="messages.searched"))).all()
    assert "912" not in str(look.facts)


async def test_provider_that_is_down_is_shown(app: TestApp, city: None) -> None:
    async with app.sessions.begin() as db:
        await db.merge(
            GatewayState(name="sandbox", health="down", health_since=NOON, why="timeout", seen_at=EVE)
        )
    async with app.client_as("toan@example.org") as client:
        page = words_of((await client.get("/tin-nhan")).text)

    assert "Tin cho người học đang chờ, chưa nhà mạng nào nhận; tin không mất" in page
    assert "điện thoại thử: ngừng" in page
    assert "Từ 12h00 thứ Hai 23/11." in page


@pytest.mark.parametrize(
    ("why", "sentence"),
    [
        ("credentials", "điện thoại thử không nhận ra tài khoản của thành phố. Xin báo cán bộ kỹ thuật."),
        ("sender", "điện thoại thử không nhận tên người gửi của thành phố. Xin báo cán bộ kỹ thuật."),
    ],
)
async def test_settings_refused_by_a_provider_are_shown(
    app: TestApp, city: None, why: str, sentence: str
) -> None:
    async with app.sessions.begin() as db:
        await db.merge(GatewayState(name="sandbox", health="down", health_since=NOON, why=why, seen_at=EVE))
    async with app.client_as("toan@example.org") as client:
        page = words_of((await client.get("/tin-nhan")).text)

    assert sentence in page


async def test_number_of_statements_is_independent_of_wards(
    app: TestApp, engine: AsyncEngine, city: None
) -> None:
    async def cost() -> int:
        async with app.client_as("toan@example.org") as client:
            await client.get("/tin-nhan")
            with statements_of(engine) as statements:
                assert (await client.get("/tin-nhan")).status_code == 200
            return len(statements)

    few = await cost()
    async with app.sessions.begin() as db:
        for n in range(38):
            await add_ward(db, ward_id=f"{21000 + n}", name=f"Phường {n}")
        await db.execute(
            insert(WardMonth),
            [{"ward_id": f"{21000 + n}", "month": EVE.date().replace(day=1)} for n in range(38)],
        )
    assert await cost() == few <= 7


def test_delays_are_shown_as_percentiles() -> None:
    delays = Counter({0: 5, 30: 4, 3600: 1})
    assert [percentile(delays, share) for share in (0.5, 0.9, 1)] == [0, 30, 3600]
    assert percentile(Counter(), 0.5) is None


async def test_delay_of_a_retried_text_counts_from_first_due(app: TestApp, engine: AsyncEngine) -> None:
    """A provider is down from the evening until the next morning."""
    async with app.sessions.begin() as db:
        course = await add_city(db)
        await add_user(db, (Role.CITY_ADMIN, None), name="Trần Quốc Toàn", email="toan@example.org")
        session = await add_class(db, course, await add_learner(db, "Lê Thị Lan", phone=LAN))
        await announce(db, session)
        await db.execute(update(Message).values(useless_after=THURSDAY))

    def silent(_text: OutgoingText) -> None:
        raise GatewayUnavailable("timeout", retry_after=60)

    app.clock.now = EVE
    await make_dispatcher(engine, FakeGateway(silent), app.clock).deliver_due()
    app.clock.now = EVE + timedelta(minutes=40)
    await make_dispatcher(engine, FakeGateway(silent), app.clock).deliver_due()
    app.clock.now = EVE + timedelta(hours=13)
    await make_dispatcher(engine, FakeGateway(), app.clock).deliver_due()

    async with app.client_as("toan@example.org") as client:
        page = words_of((await client.get("/tin-nhan")).text)
        eve = words_of((await client.get(f"/tin-nhan/{WARD}?ngay=2026-11-25")).text)
    async with app.sessions() as db:
        text = (await db.scalars(select(Message).where(Message.purpose == "reminder_day_before"))).one()

    assert (text.state, text.first_due_at) == ("sent", EVE)
    assert text.due_at > EVE
    assert "Thường gửi xong trong 13 giờ" in page
    assert "Nhắc trước một ngày" in eve
