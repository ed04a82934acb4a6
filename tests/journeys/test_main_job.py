"""The whole job of a ward, as four people do it in a browser: plan, staff, remind, attend, show, sign off.

Huế's wards, a ward's own workbook, the real application, dispatcher and database; only the clock is moved.
"""

from datetime import timedelta

from playwright.async_api import Page, expect
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from gateways.sandbox import SandboxGateway
from lopso.application import reference
from lopso.kernel.access import Role
from lopso.kernel.paths import shipped
from notifications.delivery.dispatcher import Dispatcher
from notifications.delivery.provider_pool import ProviderPool
from scheduling.models import ClassSession
from tests.factories import NOON, TEST, add_user
from tests.journeys.conftest import Site, look_at
from trainers.models import Trainer
from trainers.service.accounts import link_account
from venues.service.places import RoomFacts, add_room, add_venue

WARD = "19753"
LISTS = shipped("data") / "example" / "phu-xuan"
COORDINATOR, HELPER, ASSESSOR = "dieuphoi@example.org", "nguoiday@example.org", "xacnhan@example.org"


async def settle(site: Site) -> None:
    """What every ward starts from, and who works in this one. The rest is done by people."""
    async with site.sessions.begin() as db:
        await reference.load(db, now=NOON)
        await add_user(db, (Role.COORDINATOR, WARD), name="Lê Thị Thu Hà", email=COORDINATOR)
        await add_user(db, (Role.ASSESSOR, WARD), name="Nguyễn Khoa Diệu An", email=ASSESSOR)
        venue = await add_venue(
            db,
            WARD,
            name="Nhà văn hóa tổ dân phố 3",
            address="Kiệt 12 Mai Thúc Loan",
            landmark="cạnh trường mầm non Hoa Sen",
            by=TEST,
            now=NOON,
        )
        await add_room(db, WARD, venue.id, RoomFacts("Phòng sinh hoạt chung", 30), by=TEST, now=NOON)


async def test_a_ward_does_its_whole_job(site: Site, engine: AsyncEngine) -> None:
    await settle(site)
    async with site.person(COORDINATOR) as page:
        await import_lists(page)
        await make_a_course(page)
        await plan_a_series(page)
    await give_the_helper_an_account(site)
    async with site.person(COORDINATOR) as page:
        await staff(page)
        await enrol(page)
        await publish(page)
    async with site.person(HELPER, phone=True) as page:
        await accept(page)
    await remind(site, engine)
    async with site.person(HELPER, phone=True) as page:
        await call_the_roll(site, page)
        await note_skills(page)
    async with site.person(ASSESSOR) as page:
        await sign_off(page)
    async with site.person(COORDINATOR) as page:
        serial = await certify(page)
    async with site.visitor(phone=True) as anybody:
        await check(anybody, serial)


async def import_lists(page: Page) -> None:
    """7: upload, what was understood, what is doubtful, confirm; the same file again adds nobody."""
    await page.goto(f"/nguoi-hoc/{WARD}")
    await look_at(page, "nguoi-hoc-chua-co")
    await page.goto(f"/nguoi-hoc/{WARD}/nhap")
    await look_at(page, "nhap-danh-sach")
    for time in ("first", "again"):
        await page.goto(f"/nguoi-hoc/{WARD}/nhap")
        await page.locator("input[type=file]").set_input_files(LISTS / "hoc-vien.xlsx")
        await page.get_by_role("button", name="Đọc tệp").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Xem lại trước khi lưu")
        if time == "first":
            await look_at(page, "nhap-xem-lai")
            await page.get_by_label("Nhận tin nhắn nhắc lịch học").check()
            await page.get_by_label("Lưu thông tin để xếp lớp và điểm danh").check()
            await page.locator("form.preview button.main").click()
            await expect(page.get_by_role("heading", level=1)).to_contain_text("Đã lưu")
            await look_at(page, "nhap-da-luu")
        else:
            await expect(page.get_by_text("Không có ai mới trong tệp này")).to_be_visible()
    await page.goto(f"/nguoi-hoc/{WARD}")
    await look_at(page, "nguoi-hoc")
    await page.goto(f"/nguoi-day/{WARD}/nhap")
    await page.locator("input[type=file]").set_input_files(LISTS / "to-cong-nghe-so.xlsx")
    await page.get_by_role("button", name="Đọc tệp").click()
    await look_at(page, "nguoi-day-xem-lai")
    await page.locator("form.preview button.main").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Đã lưu")
    await page.goto(f"/nguoi-day/{WARD}")
    await look_at(page, "nguoi-day")


async def make_a_course(page: Page) -> None:
    """8: a topic with its skills, from the draft edition."""
    await page.goto(f"/lich/{WARD}/noi-dung/moi")
    await look_at(page, "noi-dung-moi")
    await page.get_by_label("Tên nội dung").fill("Thanh toán không dùng tiền mặt")
    await page.get_by_label("Thời lượng một buổi").fill("90")
    for group in ("Năm kỹ năng số cơ bản", "Chợ số"):
        await page.locator("summary", has_text=group).first.click()
    for skill in ("Thanh toán trực tuyến", "Có và dùng mã QR nhận tiền", "Nhận biết chuyển khoản giả"):
        await page.get_by_label(skill, exact=True).check()
    await page.get_by_role("button", name="Lưu nội dung").click()
    await expect(page.get_by_text("Đã thêm nội dung")).to_be_visible()
    await look_at(page, "noi-dung")


async def plan_a_series(page: Page) -> None:
    """8: several weekdays, a number of meetings; what clashes is said, the rest goes through."""
    await page.goto(f"/lich/{WARD}")
    await look_at(page, "lich-chua-co")
    for clash in (False, True):
        await page.goto(f"/lich/{WARD}/lop-moi")
        await page.get_by_label("Nội dung", exact=True).select_option(label="Thanh toán không dùng tiền mặt")
        row = page.locator("fieldset.slot-row").first
        await row.get_by_label("thứ Ba").check()
        await row.get_by_label("thứ Năm").check()
        await row.get_by_label("Từ").fill("14h")
        await page.get_by_label("Từ ngày").fill("24/11/2026" if not clash else "01/12/2026")
        await page.get_by_label("Số buổi").fill("6")
        await page.get_by_label("Phòng").first.select_option(index=1)
        await page.get_by_label("Cần người hỗ trợ").fill("1")
        if not clash:
            await look_at(page, "lop-moi")
        await page.get_by_role("button", name="Xem trước các ngày").click()
        if clash:
            await expect(page.get_by_text("phòng đã có lớp").first).to_be_visible()
            await look_at(page, "xem-truoc-trung-phong")
            break
        await look_at(page, "xem-truoc-cac-ngay")
        await page.get_by_role("button", name="Lập các buổi đã chọn").click()
        await expect(page.get_by_role("status").first).to_be_visible()
        await look_at(page, "chuoi-buoi")


async def give_the_helper_an_account(site: Site) -> None:
    """Somebody on the ward's own list who teaches everything; the page for it has its own test."""
    async with site.sessions.begin() as db:
        trainer = (
            await db.scalars(
                select(Trainer)
                .where(Trainer.ward_id == WARD, Trainer.teaches_all)
                .order_by(Trainer.sort_key)
                .limit(1)
            )
        ).one()
        user = await add_user(db, name=trainer.full_name, email=HELPER)
        await link_account(db, WARD, trainer.id, user.id, by=TEST, now=NOON)


async def first_session(page: Page) -> str:
    """To the first session of this week; its address."""
    await page.goto(f"/lich/{WARD}?tuan=2026-11-23")
    await page.get_by_role("link", name="Thanh toán không dùng tiền mặt").first.click()
    await page.wait_for_url("**/buoi/*")
    return page.url


async def staff(page: Page) -> None:
    """9: by name, the free and suitable first."""
    address = await first_session(page)
    await look_at(page, "buoi-nhap")
    await page.goto(f"{address}/phan-cong?vai=trainer")
    await look_at(page, "phan-cong")
    await page.locator("#candidates input").first.check()
    await page.get_by_label("Buổi này và").check()
    await page.locator("[data-bulk-bar] button.main").click()
    await look_at(page, "phan-cong-xem-lai")
    await page.locator("form.preview button.main").click()
    await expect(page.get_by_text("Đã ghi 6 lượt phân công")).to_be_visible()
    await look_at(page, "phan-cong-ket-qua")


async def enrol(page: Page) -> None:
    """10: found without accents, several at once, this session and the coming ones."""
    address = await first_session(page)
    await page.goto(f"{address}/ghi-danh")
    await page.get_by_label("Buổi này và").check()
    await page.get_by_label("Tìm theo tên hoặc số điện thoại").fill("nguyen thi")
    await page.get_by_text("Tìm thấy").first.wait_for()
    await page.wait_for_timeout(600)
    boxes = page.locator("#found input[type=checkbox]:not(:disabled)")
    for place in range(6):
        await boxes.nth(place).check()
    await page.get_by_role("button", name="Ghi danh").click()
    await page.goto(f"{address}/ghi-danh")
    await expect(page.locator("ul.rows").first.locator("li")).to_have_count(6)
    await look_at(page, "ghi-danh")


async def publish(page: Page) -> None:
    """8 and 11: until now nobody was told."""
    address = await first_session(page)
    await page.goto(f"{address}/cong-bo?chuoi=1")
    await look_at(page, "cong-bo")
    await page.locator("form.preview button.main").click()
    await expect(page.get_by_role("status").first).to_be_visible()
    await look_at(page, "lich-da-cong-bo")
    await page.goto(f"/lich/{WARD}")
    await look_at(page, "lich-tuan")
    await page.goto(f"/tin-nhan/{WARD}")
    await look_at(page, "tin-nhan")


async def accept(page: Page) -> None:
    """9: Việc của tôi on a phone."""
    await page.goto("/")
    await page.wait_for_url("**/viec-cua-toi")
    await look_at(page, "viec-cua-toi")
    await page.get_by_role("button", name="Tôi nhận: Thanh toán không dùng tiền mặt").first.click()
    await expect(page.get_by_text("Bạn đã nhận").first).to_be_visible()
    await look_at(page, "viec-da-nhan")


async def remind(site: Site, engine: AsyncEngine) -> None:
    """11: what is due arrives on the test phones, once."""
    async with site.sessions() as db:
        starts_at = (
            await db.scalars(select(ClassSession.starts_at).order_by(ClassSession.starts_at))
        ).first()
    assert starts_at is not None
    site.clock.now = starts_at - timedelta(hours=2)
    dispatcher = Dispatcher(
        engine, ProviderPool(engine, site.clock, [SandboxGateway(engine, site.clock)]), site.clock
    )
    first = await dispatcher.deliver_due()
    again = await dispatcher.deliver_due()
    assert first["delivered"] + first["sent"] >= 1, first
    assert sum(again.values()) == 0, again
    async with site.person(COORDINATOR) as page:
        await page.goto("/dien-thoai-thu")
        await expect(page.locator("ol.bubbles li").first).to_contain_text("14h00")
        await look_at(page, "dien-thoai-thu")


async def call_the_roll(site: Site, page: Page) -> None:
    """12: one tap a mark, the count on top, a walk-in in two fields, undo."""
    site.clock.forward(timedelta(hours=2))
    await page.goto("/viec-cua-toi")
    await page.get_by_role("link", name="Mở điểm danh").first.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Điểm danh")
    rows = page.locator(".roll > li")
    for place, word in ((0, "Có mặt"), (1, "Có mặt"), (2, "Muộn"), (3, "Vắng"), (4, "Có mặt")):
        button = rows.nth(place).get_by_role("button", name=word, exact=True)
        await button.click()
        await expect(button).to_have_attribute("aria-pressed", "true")
    await expect(page.locator("#roll-count")).to_contain_text("4/6")
    await page.get_by_role("button", name="Hoàn tác").first.click()
    await expect(page.locator("#roll-count")).to_contain_text("3/6")
    await rows.nth(4).get_by_role("button", name="Có mặt", exact=True).click()
    await expect(page.locator("#roll-count")).to_contain_text("4/6")
    await page.get_by_role("link", name="Người mới đến").first.click()
    await page.get_by_label("Họ và tên").fill("Công Tằng Tôn Nữ Thị Ngọc Ưỡn")
    await page.get_by_label("Không có điện thoại").check()
    await look_at(page, "nguoi-moi-den")
    await page.get_by_role("button", name="Ghi có mặt").click()
    await expect(page.get_by_text("Công Tằng Tôn Nữ Thị Ngọc Ưỡn").first).to_be_visible()
    await look_at(page, "diem-danh")


async def note_skills(page: Page) -> None:
    """13: what each one showed; nothing can be noted for somebody absent."""
    rows = page.locator(".roll > li")
    await rows.nth(0).locator("summary").click()
    await rows.nth(0).get_by_role("link", name="Kỹ năng").click()
    alone = rows.nth(0).get_by_role("button", name="Tự làm được").first
    await alone.click()
    await expect(rows.nth(0).get_by_role("button", name="Tự làm được").first).to_have_attribute(
        "aria-pressed", "true"
    )
    await expect(rows.nth(3).get_by_role("link", name="Kỹ năng")).to_have_count(0)
    await look_at(page, "diem-danh-ky-nang")


async def sign_off(page: Page) -> None:
    """13: somebody other than the observer."""
    await page.goto("/")
    await page.wait_for_url(f"**/xac-nhan/{WARD}")
    await look_at(page, "xac-nhan")
    await page.locator("input[name=pick]:not(:disabled)").first.check()
    await page.get_by_role("button", name="Xác nhận các kỹ năng đã chọn").click()
    await expect(page.get_by_text("Không còn kỹ năng nào chờ xác nhận")).to_be_visible()
    await look_at(page, "xac-nhan-xong")


async def certify(page: Page) -> str:
    """13: the learner's page shows it all; the certificate has a serial."""
    address = await first_session(page)
    await page.goto(f"{address}/diem-danh")
    async with page.expect_response("**/diem-danh"):
        await page.reload()
    learner = await page.locator(".roll input[name=learner_id]").first.get_attribute("value")
    await page.goto(f"/nguoi-hoc/{WARD}/{learner}")
    await look_at(page, "nguoi-hoc-mot")
    await page.goto(f"/nguoi-hoc/{WARD}/{learner}/chung-nhan")
    await page.locator("input[name=sign_off]").first.check()
    await look_at(page, "cap-chung-nhan")
    await page.get_by_role("button", name="Cấp chứng nhận").click()
    await page.wait_for_url("**/chung-nhan/*")
    await look_at(page, "chung-nhan")
    printed = await page.request.get(f"{page.url}.pdf")
    assert (await printed.body()).startswith(b"%PDF")
    return (await page.get_by_role("heading", level=1).inner_text()).split()[-1]


async def check(page: Page, serial: str) -> None:
    """13: anybody may check; an unknown number is said to be unknown."""
    await page.goto("/kiem-tra")
    await look_at(page, "kiem-tra")
    await page.get_by_label("Số chứng nhận").fill(serial.lower())
    await page.get_by_role("button", name="Kiểm tra").click()
    await expect(page.get_by_text("Chứng nhận có hiệu lực")).to_be_visible()
    await look_at(page, "kiem-tra-dung")
    await page.goto("/kiem-tra/0000000000000000")
    await expect(page.get_by_text("Không tìm thấy chứng nhận mang số này")).to_be_visible()
    await look_at(page, "kiem-tra-khong-co")
