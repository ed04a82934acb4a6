"""Tasks: their number in the menu of both widths, one next step each, gone once they are done."""

from datetime import timedelta

from playwright.async_api import Page, expect
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Role
from tests.factories import (
    NOON,
    TEST,
    add_assignment,
    add_enrolment,
    add_helper,
    add_learner,
    add_session,
    add_user,
    add_ward,
)
from tests.journeys.clicks import at_most
from tests.journeys.conftest import Site, look_at
from wordings.service.shipped import load_wordings

WARD = "19753"
HERE = f"/viec-can-lam/{WARD}"


async def seed(db: AsyncSession) -> None:
    """A class that lost its only helper, one that nobody teaches, one over without a roll."""
    await load_wordings(db, by=TEST, now=NOON)
    await add_ward(db)
    await add_user(db, (Role.COORDINATOR, WARD))
    lost = await add_session(db, title="Dùng VNeID", need=(0, 1), starts_at=NOON + timedelta(days=1))
    await add_assignment(db, lost, await add_helper(db, "Lê An"), state="declined", reason="ốm")
    await add_helper(db, "Trần Bình", phone="+84912345678")
    await add_session(db, title="Thanh toán QR", need=(1, 0), starts_at=NOON + timedelta(days=5))
    over = await add_session(db, title="An toàn trên mạng", need=(0, 0), starts_at=NOON - timedelta(days=1))
    await add_enrolment(db, over, await add_learner(db, "Nguyễn Thị Hoa"))


def number(page: Page, place: str):
    return page.locator(f"#tasks-{place}")


async def test_number_stands_in_the_menu_and_falls_as_tasks_are_done(site: Site) -> None:
    async with site.sessions.begin() as db:
        await seed(db)
    async with site.person("ha@example.org") as page:
        await page.goto(f"/lich/{WARD}")
        await expect(number(page, "side")).to_have_text("3")
        async with at_most(page, 5) as person:
            await person.press(page.get_by_role("link", name="Việc cần làm").first)
            await expect(page.locator(".tasks b")).to_have_text(
                ["Dùng VNeID", "An toàn trên mạng", "Thanh toán QR"]
            )
            await look_at(page, "viec-can-lam", rules=True)
            await person.press(page.get_by_role("link", name="Tìm người thay"))
            await person.tick(page.get_by_role("radio").first)
            await person.press(page.get_by_role("button", name="Thay người"))
            await page.wait_for_url("**/phan-cong")
            await person.press(page.get_by_role("link", name="Việc cần làm").first)
        await expect(page.locator(".tasks b")).to_have_text(["An toàn trên mạng", "Thanh toán QR"])
        await expect(number(page, "side")).to_have_text("2")


async def test_roll_is_two_presses_from_the_tasks_on_a_phone(site: Site) -> None:
    async with site.sessions.begin() as db:
        await seed(db)
    async with site.person("ha@example.org", phone=True) as page:
        await page.goto(f"/lich/{WARD}")
        await expect(number(page, "bottom")).to_have_text("3")
        async with at_most(page, 2) as person:
            await person.press(page.locator(".bottom-nav").get_by_role("link", name="Việc cần làm"))
            await person.press(page.get_by_role("link", name="An toàn trên mạng"))
        await page.get_by_role("button", name="Có mặt", exact=True).first.click()
        await expect(page.locator("#roll-count")).to_contain_text("1/1")
        await page.goto(HERE)
        await expect(page.locator(".tasks b")).to_have_text(["Dùng VNeID", "Thanh toán QR"])


async def test_tasks_work_by_keyboard_and_without_a_script(site: Site) -> None:
    async with site.sessions.begin() as db:
        await seed(db)
    async with site.person("ha@example.org") as page:
        await page.goto(HERE)
        link = page.get_by_role("link", name="Thanh toán QR")
        await link.focus()
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/phan-cong")
    async with site.person("ha@example.org", phone=True, java_script_enabled=False) as page:
        await page.goto(f"/lich/{WARD}")
        await page.locator(".bottom-nav").get_by_role("link", name="Việc cần làm").click()
        await expect(number(page, "bottom")).to_have_text("3")
        await page.get_by_role("link", name="An toàn trên mạng").click()
        await page.wait_for_url("**/diem-danh")


async def test_helper_sees_own_tasks_and_what_comes_when_none_waits(site: Site) -> None:
    async with site.sessions.begin() as db:
        await add_ward(db)
        user = await add_user(db, (Role.TRAINER, WARD), email="an@example.org")
        me = await add_helper(db, "Lê An", user=user)
        session = await add_session(db, title="Dùng VNeID")
        await add_assignment(db, session, me, state="offered")
    async with site.person("an@example.org", phone=True) as page:
        await expect(number(page, "bottom")).to_have_text("1")
        await page.locator(".bottom-nav").get_by_role("link", name="Việc cần làm").click()
        await page.get_by_role("link", name="Dùng VNeID").click()
        await page.get_by_role("button", name="Tôi nhận").click()
        await page.locator("#flash").get_by_text("Đã nhận").wait_for()
        await page.goto("/viec-can-lam")
        await page.get_by_role("heading", name="Không còn việc nào chờ").wait_for()
        await expect(page.get_by_role("main")).to_contain_text("Sắp tới: Dùng VNeID")
        await expect(number(page, "bottom")).to_be_hidden()
        await look_at(page, "viec-can-lam-khong-con", rules=True)
