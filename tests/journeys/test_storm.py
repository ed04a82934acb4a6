"""A storm over three wards: everything cancelled in one preview, make-up dates in one decision."""

from datetime import time, timedelta

from playwright.async_api import Page, expect
from sqlalchemy import func, select

from lopso.kernel.access import Role
from lopso.kernel.clock import at, local_day
from notifications.models import Message
from scheduling.models import ClassSession
from scheduling.service.closures import close_next
from scheduling.service.sessions import publish_sessions
from tests.classroom import enrol
from tests.factories import NOON, TEST, add_course, add_learner, add_room, add_session, add_user, add_ward
from tests.journeys.clicks import at_most
from tests.journeys.conftest import Site, look_at
from wordings.service.shipped import load_wordings

WARDS = {"19753": "Phú Xuân", "19789": "Thuận Hóa", "19804": "An Cựu"}
STORM = local_day(NOON) + timedelta(days=1)


async def seed(site: Site) -> None:
    """Two classes in each of three wards on the day of the storm; a city administrator and a coordinator."""
    async with site.sessions.begin() as db:
        await load_wordings(db, by=TEST, now=NOON)
        for place, (ward_id, name) in enumerate(WARDS.items()):
            await add_ward(db, ward_id=ward_id, name=name)
            course, room = await add_course(db, ward_id=ward_id), await add_room(db, ward_id=ward_id)
            for number, hour in enumerate((8, 14)):
                session = await add_session(
                    db,
                    course=course,
                    ward_id=ward_id,
                    title=f"Dùng VNeID {number + 1}",
                    room=room,
                    starts_at=at(STORM, time(hour)),
                )
                learner = await add_learner(
                    db, "Trần Thị Ánh", ward_id=ward_id, phone=f"+849051234{place}{number}"
                )
                await enrol(db, session, learner)
                await publish_sessions(db, [session.id], by=TEST, now=NOON)
        await add_user(db, (Role.CITY_ADMIN, None), email="thanhpho@example.org")
        await add_user(db, (Role.COORDINATOR, "19753"), email="phuong@example.org")


async def work(site: Site) -> None:
    """What the worker does."""
    more = True
    while more:
        async with site.sessions.begin() as db:
            more = await close_next(db, now=site.clock())


async def cancelled(site: Site) -> tuple[int, int]:
    """How many sessions are cancelled, and how many texts say so."""
    async with site.sessions() as db:
        sessions = await db.scalar(select(func.count()).where(ClassSession.cancelled_at.is_not(None)))
        texts = await db.scalar(
            select(func.count()).where(Message.purpose == "session_cancelled", Message.state == "planned")
        )
        return sessions or 0, texts or 0


async def made_up(site: Site) -> int:
    async with site.sessions() as db:
        return await db.scalar(select(func.count()).where(ClassSession.makes_up_for_id.is_not(None))) or 0


async def expect_progress(site: Site, page: Page) -> None:
    """Waiting is shown; once the worker is done the page says so by itself."""
    await page.get_by_text("Đang hủy từng phường, xã").wait_for()
    await look_at(page, "nghi-dong-loat-dang-huy")
    await work(site)
    await expect(page.get_by_text("Đã hủy 6 buổi.")).to_be_visible(timeout=10_000)


async def test_storm_over_three_wards_is_cancelled_and_made_up(site: Site) -> None:
    await seed(site)
    async with site.person("thanhpho@example.org") as page:
        await page.goto("/lich")
        async with at_most(page, 6) as person:
            await person.press(page.get_by_role("link", name="Nghỉ đồng loạt (mưa bão)"))
            await look_at(page, "nghi-dong-loat")
            await page.get_by_label("Từ ngày").fill("mai")
            await page.get_by_label("Lý do").fill("Mưa bão")
            await person.tick(page.get_by_label("Tất cả phường, xã"))
            await person.press(page.get_by_role("button", name="Xem trước các buổi sẽ hủy"))
            await expect(page.get_by_text("6 tin.", exact=True)).to_be_visible()
            await look_at(page, "nghi-dong-loat-xem-truoc")
            await person.press(page.get_by_role("button", name="Hủy tất cả các buổi này"))
        await expect_progress(site, page)
        await look_at(page, "nghi-dong-loat-xong")
        assert await cancelled(site) == (6, 6)
        for number, name in enumerate(WARDS.values(), 1):
            await page.get_by_role("link", name=name).click()
            await look_at(page, "day-bu", check=number == 1)
            await page.get_by_role("button", name="Xếp dạy bù các buổi đã chọn").click()
            await page.get_by_text("Đã xếp 2 buổi dạy bù.").wait_for()
            assert await made_up(site) == 2 * number


async def test_ward_closes_a_day_by_keyboard_on_the_phone(site: Site) -> None:
    await seed(site)
    async with site.person("phuong@example.org", phone=True) as page:
        await page.goto("/lich/nghi-dong-loat?phuong=19753")
        await page.get_by_label("Từ ngày").focus()
        await page.keyboard.type("mai")
        await page.get_by_label("Lý do").focus()
        await page.keyboard.type("Ngập lụt")
        await page.keyboard.press("Enter")
        button = page.get_by_role("button", name="Hủy tất cả các buổi này")
        await button.wait_for()
        await expect(page.get_by_text("2 tin.", exact=True)).to_be_visible()
        await button.focus()
        await page.keyboard.press("Enter")
        await page.get_by_text("Đang hủy từng phường, xã").wait_for()
        await work(site)
        await expect(page.get_by_text("Xếp dạy bù 0/2")).to_be_visible(timeout=10_000)
        await page.locator("#closure-progress a").last.focus()
        await page.keyboard.press("Enter")
        save = page.get_by_role("button", name="Xếp dạy bù các buổi đã chọn")
        await save.focus()
        await page.keyboard.press("Enter")
        await page.get_by_text("Đã xếp 2 buổi dạy bù.").wait_for()
    assert await cancelled(site) == (2, 2)


async def test_changed_date_that_is_taken_is_said_and_kept_without_scripts(site: Site) -> None:
    await seed(site)
    async with site.person("phuong@example.org", java_script_enabled=False) as page:
        await page.goto("/lich/nghi-dong-loat")
        await page.get_by_label("Từ ngày").fill("mai")
        await page.get_by_label("Lý do").fill("Mưa bão")
        await page.get_by_role("button", name="Xem trước các buổi sẽ hủy").click()
        await page.get_by_role("button", name="Hủy tất cả các buổi này").click()
        await work(site)
        await page.get_by_role("link", name="Xem đã đến đâu").click()
        await page.locator("#closure-progress a").last.click()
        days, hours = page.get_by_label("Ngày dạy bù"), page.get_by_label("Giờ bắt đầu")
        await days.nth(1).fill(await days.nth(0).input_value())
        await hours.nth(1).fill(await hours.nth(0).input_value())
        await page.get_by_role("button", name="Xếp dạy bù các buổi đã chọn").click()
        await expect(page.get_by_text("phòng, hoặc chuỗi này, đã có buổi khác vào giờ đó")).to_be_visible()
        assert await days.nth(1).input_value() == await days.nth(0).input_value()
    assert await made_up(site) == 0
