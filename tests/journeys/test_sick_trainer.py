"""At 6 a.m. a trainer is ill: she says so on her phone, somebody else is asked, the coordinator sees who."""

from datetime import date, time

from playwright.async_api import Page, expect
from sqlalchemy import select

from lopso.kernel import clock
from lopso.kernel.access import Role
from notifications.models import Message
from scheduling.models import Assignment
from tests.factories import NOON, TEST, add_assignment, add_helper, add_session, add_user, add_ward
from tests.journeys.clicks import Clicks, at_most
from tests.journeys.conftest import Site, look_at
from tests.journeys.test_staff_a_week import tab_to
from wordings.service.shipped import load_wordings

WARD = "19753"
COORDINATOR, TRAINER = "dieuphoi@example.org", "lanh@example.org"
MOST_CLICKS = 6
TODAY = date(2026, 11, 24)
SIX = clock.at(TODAY, time(6))


async def add_morning(site: Site) -> None:
    """A class at 8h30 with one teacher, and one the day after; six others could teach."""
    site.clock.now = SIX
    async with site.sessions.begin() as db:
        await load_wordings(db, by=TEST, now=NOON)
        await add_ward(db)
        await add_user(db, (Role.COORDINATOR, WARD), email=COORDINATOR)
        user = await add_user(db, (Role.TRAINER, WARD), email=TRAINER, name="Trần Thị Lành")
        ill = await add_helper(db, "Trần Thị Lành", user=user, phone="+84912345678")
        for day in (24, 25):
            session = await add_session(
                db, title="Dùng VNeID", starts_at=clock.at(date(2026, 11, day), time(8, 30)), need=(1, 0)
            )
            await add_assignment(db, session, ill, role="trainer")
        for number, name in enumerate(("An", "Bình", "Chi", "Dũng", "Em", "Giang")):
            await add_helper(db, f"Nguyễn Thị {name}", phone=f"+8490511122{number}")


async def say_ill(page: Page, person: Clicks) -> None:
    await person.press(page.get_by_role("link", name="Không đến được, báo bận: Dùng VNeID, 08h30").first)
    await person.tick(page.get_by_role("radio", name="Ốm"))
    await person.press(page.get_by_role("button", name="Báo bận"))
    await expect(page.get_by_text("Phường, xã sẽ tìm người thay.")).to_be_visible()


async def ask_somebody_else(page: Page, person: Clicks) -> None:
    """From the week, where she reads first who is missing and why."""
    notice = page.get_by_role("region", name="1 người không đến được, chưa có người thay")
    await expect(notice).to_contain_text("Gấp")
    await expect(notice).to_contain_text("Ốm")
    await person.press(notice.get_by_role("link", name="Tìm người thay Trần Thị Lành"))
    await person.tick(page.get_by_role("radio").first)
    await person.press(page.get_by_role("button", name="Thay người"))
    await expect(page.get_by_text("thay Trần Thị Lành.")).to_be_visible()


async def look_at_session(page: Page) -> None:
    """Its own pages say who fell out, too."""
    await page.get_by_role("link", name="Dùng VNeID").first.click()
    await expect(page.get_by_role("heading", name="Không đến được, chưa có người thay")).to_be_visible()
    await look_at(page, "buoi-co-nguoi-om", rules=True)
    await page.get_by_role("link", name="Tìm người thay Trần Thị Lành").click()
    await look_at(page, "thay-nguoi", rules=True)
    await page.goto(f"/lich/{WARD}")


async def expect_replaced_and_told(site: Site, state: str) -> None:
    """Somebody else is asked to teach, and a text tells them as soon as texts may be sent."""
    async with site.sessions() as db:
        tomorrow = clock.start_of_day(date(2026, 11, 25))
        rows = (await db.scalars(select(Assignment).where(Assignment.starts_at < tomorrow))).all()
        texts = (await db.scalars(select(Message).where(Message.purpose == "cover_wanted"))).all()
    assert sorted(row.state for row in rows) == sorted([state, "offered"])
    assert {row.role for row in rows} == {"trainer"}
    assert [each.due_at for each in texts] == [clock.at(TODAY, time(7))]


async def test_sick_trainer_is_replaced_and_told_on_the_phone(site: Site) -> None:
    await add_morning(site)
    async with site.person(TRAINER, phone=True) as trainer, site.person(COORDINATOR, phone=True) as page:
        async with at_most(trainer, MOST_CLICKS) as ill:
            await say_ill(trainer, ill)
        await page.goto(f"/lich/{WARD}")
        await look_at(page, "lich-co-nguoi-om", rules=True)
        await look_at_session(page)
        async with at_most(page, MOST_CLICKS - ill.number) as person:
            await ask_somebody_else(page, person)
    await expect_replaced_and_told(site, "declined")


async def test_sick_trainer_is_replaced_without_scripts(site: Site) -> None:
    await add_morning(site)
    async with (
        site.person(TRAINER, phone=True, java_script_enabled=False) as trainer,
        site.person(COORDINATOR, phone=True, java_script_enabled=False) as page,
    ):
        async with at_most(trainer, MOST_CLICKS) as ill:
            await say_ill(trainer, ill)
        await page.goto(f"/lich/{WARD}")
        async with at_most(page, MOST_CLICKS - ill.number) as person:
            await ask_somebody_else(page, person)
    await expect_replaced_and_told(site, "declined")


async def test_trainer_who_phones_is_replaced_by_keyboard(site: Site) -> None:
    await add_morning(site)
    async with site.person(COORDINATOR) as page:
        await page.goto(f"/lich/{WARD}")
        async with at_most(page, MOST_CLICKS) as person:
            await tab_to(page.get_by_role("link", name="Dùng VNeID").first, person)
            await person.key("Enter")
            await tab_to(page.get_by_role("link", name="Thay đổi phân công của Trần Thị Lành"), person)
            await person.key("Enter")
            await tab_to(page.get_by_role("link", name="Chọn người thay"), person)
            await person.key("Enter")
            await tab_to(page.get_by_role("radio", name="Ốm"), person)
            await person.key("Space")
            await tab_to(page.locator("#candidates input").first, person)
            await person.key("Space")
            await tab_to(page.get_by_role("button", name="Thay người"), person)
            await person.key("Enter")
        await expect(page.get_by_text("thay Trần Thị Lành.")).to_be_visible()
    await expect_replaced_and_told(site, "replaced")


async def test_helper_is_away_for_some_days(site: Site) -> None:
    await add_morning(site)
    async with site.person(TRAINER, phone=True) as page:
        await page.goto("/viec-cua-toi")
        async with at_most(page, MOST_CLICKS) as person:
            await person.press(page.get_by_role("link", name="Báo nghỉ vài ngày"))
            await page.get_by_label("Đến hết ngày").fill("25/11/2026")
            await person.key("Tab")
            await expect(page.get_by_role("heading", name="2 buổi sẽ được trả lại")).to_be_visible()
            await person.tick(page.get_by_role("radio", name="Ốm"))
            await look_at(page, "bao-nghi", rules=True)
            await person.press(page.get_by_role("button", name="Ghi báo nghỉ"))
        await expect(page.get_by_text("2 buổi được trả lại để tìm người thay.")).to_be_visible()
        await page.get_by_role("button", name="Hoàn tác").click()
        await expect(page.get_by_text("2 buổi lại như trước.")).to_be_visible()
