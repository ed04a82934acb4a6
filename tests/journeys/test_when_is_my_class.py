"""The telephone rings: when is my class? And a class cancelled by mistake."""

from datetime import timedelta

from playwright.async_api import Page, expect
from sqlalchemy import select

from lopso.kernel.access import Role
from lopso.web.filters import unbroken
from notifications.models import Message
from notifications.service.policy import load_policy
from tests.factories import (
    NOON,
    TEST,
    add_assignment,
    add_course,
    add_enrolment,
    add_helper,
    add_learner,
    add_series,
    add_session,
    add_user,
    add_ward,
)
from tests.journeys.clicks import at_most
from tests.journeys.conftest import Site, look_at
from wordings.service.shipped import load_wordings

WARD = "19753"


async def seed(site: Site, *, weeks: int = 24) -> tuple[int, list[int]]:
    """A learner in a weekly class; her id and the ids of the meetings."""
    async with site.sessions.begin() as db:
        await add_ward(db)
        await load_wordings(db, by=TEST, now=NOON)
        await load_policy(db, by=TEST, now=NOON)
        await add_user(db, (Role.COORDINATOR, WARD))
        course = await add_course(db, title="Thanh toán QR")
        series = await add_series(db, course=course)
        learner = await add_learner(db, "Nguyễn Thị Hoà", phone="+84912345678")
        sessions = [
            await add_session(
                db,
                title="Thanh toán QR",
                course=course,
                series=series,
                starts_at=NOON + timedelta(days=3 + 7 * n, hours=2),
            )
            for n in range(weeks)
        ]
        await add_assignment(db, sessions[0], await add_helper(db, "Trần Thị Lành"), role="trainer")
        for each in sessions:
            await add_enrolment(db, each, learner)
        other = await add_session(db, title="QR buổi tối", course=course, starts_at=NOON + timedelta(days=4))
    return learner.id, [*(each.id for each in sessions), other.id]


async def says_when(page: Page) -> None:
    """The first card says when, where, and who teaches, on the first screen."""
    card = page.get_by_role("article").first
    await expect(card).to_contain_text(unbroken("Thứ Năm 26/11, 14h00 – 16h00"))
    await expect(card).to_contain_text("Trần Thị Lành dạy")
    await expect(card).to_contain_text(unbroken("Thứ Năm 14h00 – 16h00 hằng tuần, còn 24 buổi"))
    box = await card.get_by_text("Thứ Năm 26/11").bounding_box()
    assert box is not None
    assert box["y"] < 740


async def test_when_is_my_class_takes_two_presses_from_any_page_on_a_phone(site: Site) -> None:
    learner_id, _ids = await seed(site)
    async with site.person("ha@example.org", phone=True) as page:
        for address in (f"/lich/{WARD}", f"/dia-diem/{WARD}"):
            await page.goto(address)
            async with at_most(page, 2) as person:
                await person.press(page.get_by_role("link", name="Tìm", exact=True))
                await page.keyboard.type("hoa")
                await person.press(page.get_by_role("option").filter(has_text="Hoà"))
            await page.wait_for_url(f"**/nguoi-hoc/{WARD}/{learner_id}")
            await says_when(page)
        await expect(page.get_by_role("article").first).to_contain_text("Chưa báo bằng tin nhắn.")
        await look_at(page, "nguoi-hoc-sap-hoc")


async def test_when_is_my_class_takes_one_press_by_keyboard(site: Site) -> None:
    learner_id, _ids = await seed(site)
    async with site.person("ha@example.org") as page:
        await page.goto(f"/dia-diem/{WARD}")
        async with at_most(page, 1) as person:
            await person.key("/")
            await page.keyboard.type("hoa")
            await expect(page.get_by_role("option").first).to_contain_text("Hoà")
            await person.key("ArrowDown")
            await person.key("Enter")
        await page.wait_for_url(f"**/nguoi-hoc/{WARD}/{learner_id}")
        await says_when(page)


async def test_when_is_my_class_takes_two_presses_without_a_script(site: Site) -> None:
    learner_id, _ids = await seed(site)
    async with site.person("ha@example.org", java_script_enabled=False) as page:
        await page.goto(f"/dia-diem/{WARD}")
        async with at_most(page, 2) as person:
            await page.get_by_role("banner").get_by_label("Tìm người, lớp, địa điểm").focus()
            await page.keyboard.type("hoa")
            await person.key("Enter")
            await person.press(page.get_by_role("main").get_by_role("link", name="Hoà").first)
        await page.wait_for_url(f"**/nguoi-hoc/{WARD}/{learner_id}")
        await says_when(page)


async def test_when_is_my_class_from_the_list_of_a_session_is_one_press(site: Site) -> None:
    learner_id, ids = await seed(site)
    async with site.person("ha@example.org") as page:
        await page.goto(f"/buoi/{ids[0]}/ghi-danh")
        async with at_most(page, 1) as person:
            await person.press(page.get_by_role("link", name="Bà Nguyễn Thị Hoà", exact=True))
        await page.wait_for_url(f"**/nguoi-hoc/{WARD}/{learner_id}")
        await says_when(page)


async def test_leaving_moving_and_enrolling_work_without_a_script(site: Site) -> None:
    learner_id, _ids = await seed(site)
    async with site.person("ha@example.org", phone=True, java_script_enabled=False) as page:
        here = f"/nguoi-hoc/{WARD}/{learner_id}"
        await page.goto(here)
        async with at_most(page, 2) as person:
            await person.press(page.get_by_role("button", name="Nghỉ buổi này: thứ Năm 26/11"))
            await expect(page.get_by_role("status")).to_contain_text("nghỉ Thanh toán QR, thứ Năm 26/11")
            await person.press(page.get_by_role("button", name="Hoàn tác"))
        await expect(page.get_by_role("status")).to_contain_text("vẫn học như cũ")

        async with at_most(page, 4) as person:
            await person.press(page.get_by_role("link", name="Đổi buổi: thứ Năm 26/11"))
            await person.tick(page.get_by_role("radio", name="thứ Sáu 27/11/2026"))
            await person.press(page.get_by_role("button", name="Xem trước"))
            await expect(page.get_by_text("nhận tin về chỗ mới")).to_be_visible()
            await person.press(page.get_by_role("button", name="Đổi buổi"))
        await expect(page.get_by_role("status")).to_contain_text("học QR buổi tối, thứ Sáu 27/11")

        async with at_most(page, 3) as person:
            await person.press(page.get_by_role("link", name="Ghi danh thêm"))
            await person.tick(page.get_by_role("checkbox", name="thứ Năm 26/11").last)
            await person.press(page.get_by_role("button", name="Ghi danh", exact=True))
        await expect(page.get_by_role("status")).to_contain_text("Người học được báo bằng tin nhắn.")


async def test_cancellation_is_undone_by_keyboard_before_a_text_goes(site: Site) -> None:
    _learner, ids = await seed(site, weeks=1)
    async with site.person("ha@example.org") as page:
        await page.goto(f"/buoi/{ids[0]}/huy")
        await page.get_by_label("Lý do").fill("Mưa lớn")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Hoàn tác trước 12h05 thứ Hai 23/11")).to_be_visible()
        await look_at(page, "buoi-da-huy")
        async with at_most(page, 1) as person:
            await page.get_by_role("button", name="Hoàn tác việc hủy").focus()
            await person.key("Enter")
        await expect(page.get_by_text("Không ai nhận tin báo nghỉ.")).to_be_visible()
        await expect(page.get_by_text("Buổi này đã hủy")).to_be_hidden()


async def test_cancelled_class_opens_again_after_its_texts_went(site: Site) -> None:
    _learner, ids = await seed(site, weeks=1)
    async with site.person("ha@example.org", phone=True) as page:
        await page.goto(f"/buoi/{ids[0]}/huy")
        await page.get_by_label("Lý do").fill("Mưa lớn")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Buổi này đã hủy: Mưa lớn.")).to_be_visible()
        async with site.sessions.begin() as db:
            for message in await db.scalars(select(Message).where(Message.state == "planned")):
                message.state, message.sent_at = "delivered", NOON + timedelta(minutes=5)
        await page.reload()
        async with at_most(page, 2) as person:
            await person.press(page.get_by_role("link", name="Mở lại buổi này"))
            await expect(page.get_by_text("nay vẫn học như cũ")).to_be_visible()
            await look_at(page, "mo-lai-buoi")
            await person.press(page.get_by_role("button", name="Mở lại buổi này"))
        await expect(page.get_by_text("Đã mở lại 1 buổi.")).to_be_visible()
