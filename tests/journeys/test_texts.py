"""Texts in the browser: the city writes a wording; a ward sees what goes out and corrects what failed."""

from datetime import timedelta

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from gateways.protocol import GatewayRejected, OutgoingText
from lopso.kernel.access import Role
from notifications.delivery.dispatcher import Dispatcher
from notifications.delivery.provider_pool import ProviderPool
from notifications.models import Message
from tests.classroom import WARD, enrol
from tests.factories import add_user
from tests.journeys.conftest import Site, look_at
from tests.notifications.fakes import FakeGateway
from tests.notifications.scenario import LAN, MINH, THURSDAY, add_city, add_class, add_learner, announce
from tests.notifications.series_texts import add_series
from wordings.models import MessageTemplate

ADMIN = "toan@example.org"
COORDINATOR = "ha@example.org"
BINH = "+84905111222"
NGUYET = "+84935444555"

LEARNERS = (
    ("Lê Thị Lan", LAN),
    ("Ngô Văn Minh", MINH),
    ("Trần Thị Bình", BINH),
    ("Công Tằng Tôn Nữ Thị Ngọc Ưỡn", NGUYET),
    ("Đặng Văn Nghiêng", None),
)

WORDING = "{giờ} {ngày}, {nơi học}: mời {người nhận} đến {loại buổi}. Cần hỏi, xin gọi {số để hỏi}."


@pytest.fixture
async def session_id(site: Site) -> int:
    """A class on Thursday; one of its people has no phone."""
    async with site.sessions.begin() as db:
        course = await add_city(db)
        await add_user(db, (Role.COORDINATOR, WARD))
        await add_user(db, (Role.CITY_ADMIN, None), name="Trần Quốc Toàn", email=ADMIN)
        learners = [await add_learner(db, name, phone=phone) for name, phone in LEARNERS]
        session = await add_class(db, course, *learners)
        await announce(db, session)
    return session.id


async def typed_into(page: Page, words: str) -> None:
    """Replace what stands in the box, as somebody does who only has a keyboard."""
    box = page.get_by_label("Lời tin, có dấu")
    await box.focus()
    await page.keyboard.press("Control+A")
    await page.keyboard.insert_text(words)


async def test_city_writes_a_wording_and_puts_it_into_use(site: Site, session_id: int) -> None:
    async with site.person(ADMIN) as page:
        await page.goto("/mau-tin")
        await look_at(page, "mau-tin")
        await page.get_by_role("link", name="Nhắc trước một ngày", exact=True).click()
        await page.get_by_role("link", name="Soạn bản mới").click()
        await expect(page.get_by_label("Lời tin, có dấu")).to_have_value(
            "{giờ} {ngày}, {nơi học}: {loại buổi}. {lời mời} đến dự. Hỏi thêm: {số để hỏi}."
        )
        preview = page.locator("#xem-thu")

        # What may not be said shows while it is typed, and again where it is saved; nothing typed is lost.
        await typed_into(page, WORDING + " Học phí: {học phí}. Xem lop-so.vn")
        await preview.get_by_text("Chỗ trống không có trong danh mục: {học phí}.").wait_for()
        await typed_into(page, WORDING + " Xem lop-so.vn")
        await page.get_by_role("button", name="Lưu bản nháp").press("Enter")
        await page.get_by_role("link", name="Tin gửi người học không được có đường dẫn.").wait_for()
        await expect(page.get_by_label("Lời tin, có dấu")).to_have_value(WORDING + " Xem lop-so.vn")
        await look_at(page, "mau-tin-khong-duoc")

        long = (
            WORDING
            + " Xin mang theo điện thoại đã sạc pin, kính đọc sách và giấy bút để ghi lại điều đã học."
        )
        await typed_into(page, long)
        await preview.get_by_text("Tin dài nhất thành 2 đoạn").wait_for()
        await page.get_by_role("button", name="Lưu bản nháp").click()
        await page.get_by_label("Vẫn lưu: mỗi tin thành 2 đoạn").wait_for()
        await look_at(page, "mau-tin-hai-doan")

        await typed_into(page, WORDING)
        await preview.get_by_text("Nha van hoa TDP 5: moi ba").first.wait_for()
        await expect(preview.get_by_text("GSM-7").first).to_contain_text("1 đoạn")
        await look_at(page, "mau-tin-soan")
        await page.get_by_role("button", name="Lưu bản nháp").click()
        await page.get_by_text("Đã lưu bản nháp. Tin vẫn gửi theo bản đang dùng.").wait_for()
        await page.get_by_label("Mã mẫu tin đã đăng ký").fill("VN-2026-17")
        await look_at(page, "mau-tin-ban-nhap")
        await page.get_by_role("button", name="Đưa vào dùng").press("Enter")
        await page.get_by_text("Bản 3 được dùng từ bây giờ.").wait_for()
        await look_at(page, "mau-tin-mot")

    async with site.sessions() as db:
        used = await db.scalar(
            select(MessageTemplate).where(
                MessageTemplate.code == "reminder_day_before", MessageTemplate.retired_at.is_(None)
            )
        )
    assert used is not None
    assert (used.version, used.registered_id) == (3, "VN-2026-17")
    assert used.body_accented == (
        "{time} {day}, {place}: mời {names} đến {what}. Cần hỏi, xin gọi {contact}."
    )


async def states(site: Site, purpose: str = "reminder_day_before") -> dict[str, str]:
    """Phone → state of its newest text for this purpose; "held" where it is held back."""
    async with site.sessions() as db:
        rows = await db.scalars(select(Message).filter_by(purpose=purpose).order_by(Message.id))
        return {row.to_phone: "held" if row.held_at else row.state for row in rows}


async def test_page_with_tabs_far_down_opens_at_its_top(site: Site, session_id: int) -> None:
    async with site.person(ADMIN, phone=True) as page:
        await page.goto("/tin-nhan")
        await page.get_by_role("link", name="Mẫu tin").wait_for()
        await expect(page.locator(".tabs-menu").first).to_be_visible()
        assert await page.evaluate("scrollY") == 0


async def test_a_ward_holds_and_withdraws_texts_of_tomorrow(site: Site, session_id: int) -> None:
    site.clock.now = THURSDAY - timedelta(days=2, hours=2)  # Tuesday noon; reminders go on Wednesday evening
    async with site.person(COORDINATOR, phone=True) as page:
        await page.goto(f"/tin-nhan/{WARD}")
        await page.get_by_role("link", name="Ngày mai").click()
        await page.get_by_text("Xem từng tin").click()
        await page.get_by_text("0912 ••• 678").wait_for()
        await look_at(page, "tin-ngay-mai")

        await page.get_by_role("link", name="Giữ lại").first.click()
        await page.get_by_role("heading", name="4 tin, gửi cho 4 người").wait_for()
        await look_at(page, "tin-giu-lai-xem-truoc")
        await page.get_by_role("button", name="Giữ lại 4 tin").press("Enter")
        await page.get_by_text("Đã giữ lại 4 tin.").wait_for()
        assert set((await states(site)).values()) == {"held"}
        await look_at(page, "tin-da-giu-lai")
        await page.get_by_role("button", name="Hoàn tác").press("Enter")
        await page.get_by_text("4 tin sẽ gửi tiếp.").wait_for()
        assert set((await states(site)).values()) == {"planned"}

        await page.get_by_text("Xem từng tin").click()
        await page.get_by_role("link", name="Ngô Văn Minh").first.click()
        await page.get_by_role("button", name="Không gửi tin này").click()
        await page.get_by_role("button", name="Vẫn gửi tin này").wait_for()
        assert (await states(site))[MINH] == "withdrawn"
        await look_at(page, "tin-mot-tin")


async def test_a_ward_corrects_failed_texts(site: Site, engine: AsyncEngine, session_id: int) -> None:
    def answer(text: OutgoingText) -> None:
        if text.to == MINH:
            raise GatewayRejected("21211", "bad_number")
        if text.to == BINH:
            raise GatewayRejected("30007", "blocked")

    site.clock.now = THURSDAY - timedelta(hours=20)
    gateway = FakeGateway(answer)
    await Dispatcher(engine, ProviderPool(engine, site.clock, [gateway]), site.clock, 850).deliver_due()
    site.clock.forward(timedelta(minutes=20))

    async with site.person(COORDINATOR) as page:
        await page.goto(f"/tin-nhan/{WARD}")
        await page.get_by_text("tin trong bảy ngày qua có thể chưa đến ai").click()
        await page.get_by_role("heading", name="Tin chưa đến nơi").wait_for()
        await look_at(page, "tin-can-lo")

        # A wrong number is corrected where the person is kept. A landline can only be called; what is still
        # of use goes to a mobile at once.
        await page.get_by_role("link", name="Sửa số").click()
        await page.get_by_label("Số điện thoại").fill("0234 3823 456")
        await page.get_by_role("button", name="Lưu").press("Enter")
        await page.get_by_text("Số máy bàn không nhận được tin nhắn.").wait_for()
        assert "+842343823456" not in await states(site)
        await look_at(page, "tin-so-may-ban")
        await page.get_by_role("link", name="Sửa thông tin").click()
        await page.get_by_label("Số điện thoại").fill("0987 654 322")
        await page.get_by_role("button", name="Lưu").press("Enter")
        await page.get_by_text("Đã lưu thông tin.").wait_for()
        assert (await states(site))["+84987654322"] == "planned"

        # The call list, on paper; then the one who was called is marked.
        await page.goto(f"/buoi/{session_id}/goi-dien")
        await page.get_by_text("Đặng Văn Nghiêng").first.wait_for()
        await page.get_by_text("Trần Thị Bình").first.wait_for()
        await look_at(page, "tin-goi-dien")
        await page.emulate_media(media="print")
        await look_at(page, "tin-goi-dien-in", check=False)
        await page.emulate_media(media="screen")
        await page.goto(f"/tin-nhan/{WARD}/can-goi")
        await (
            page.get_by_role("listitem")
            .filter(has_text="Trần Thị Bình")
            .get_by_role("button", name="Đã gọi")
            .press("Enter")
        )
        await page.get_by_text("Đã đánh dấu 1 tin.").wait_for()

        # Search by number, and the session's own panel.
        await page.goto(f"/tin-nhan/{WARD}")
        await page.get_by_placeholder("Tên hoặc số điện thoại").last.fill("0905 111 222")
        await page.keyboard.press("Enter")
        await page.get_by_text("Trần Thị Bình").first.wait_for()
        await look_at(page, "tin-tim")
        await page.goto(f"/buoi/{session_id}/tin-nhan")
        await look_at(page, "tin-cua-buoi")

    async with site.person(ADMIN) as page:
        await page.goto("/tin-nhan")
        await page.get_by_role("heading", name="Từng phường, xã").wait_for()
        await look_at(page, "tin-ca-thanh-pho")


async def test_before_several_sessions_are_called_off_their_text_is_read(site: Site) -> None:
    async with site.sessions.begin() as db:
        sessions = await add_series(db, await add_city(db), weeks=3)
        await add_user(db, (Role.COORDINATOR, WARD))
        lan = await add_learner(db, "Lê Thị Lan", phone=LAN)
        for each in sessions:
            await enrol(db, each, lan)
    first = sessions[0].id
    async with site.person(COORDINATOR) as page:
        await page.goto(f"/buoi/{first}/huy?pham_vi=following")
        texts = page.get_by_role("region", name="Tin nhắn sẽ gửi")
        await expect(texts).to_contain_text("14h00 thứ Năm 26/11, 03/12 và 10/12")

        await page.get_by_label("thứ Năm 10/12").uncheck()
        await page.get_by_label("Lý do").fill("Bão số 5")
        await page.get_by_label("Lý do").press("Tab")

        await expect(texts).to_contain_text("14h00 thứ Năm 26/11 và 03/12")
        await expect(texts).to_contain_text("vì bão số 5")
        await look_at(page, "huy-nhieu-buoi")
        await page.get_by_role("button", name="Hủy những buổi đã chọn").click()
        await expect(page.get_by_text("Đã hủy 2 buổi.")).to_be_visible()
