"""A ward officer fills seven short sessions: on the phone, at the desk, by keyboard, without scripts."""

from datetime import time, timedelta

import pytest
from playwright.async_api import Locator, Page, expect
from sqlalchemy import select

from lopso.kernel.access import Role
from scheduling.models import Assignment, ClassSession
from tests.factories import NOON, TEST, add_helper, add_session, add_user, add_ward
from tests.journeys.clicks import Clicks, at_most
from tests.journeys.conftest import Site, look_at
from trainers.models import Availability, Trainer
from wordings.service.shipped import load_wordings

WARD = "19753"
COORDINATOR = "dieuphoi@example.org"
MOST_CLICKS = 16
SESSIONS = 7


async def add_short_week(site: Site) -> None:
    """Seven sessions from Tuesday on, each without a teacher; two of them overlap; ten helpers."""
    async with site.sessions.begin() as db:
        await load_wordings(db, by=TEST, now=NOON)
        await add_ward(db)
        await add_user(db, (Role.COORDINATOR, WARD), email=COORDINATOR)
        for number in range(SESSIONS - 1):
            starts_at = NOON + timedelta(days=1 + number // 2, hours=3 * (number % 2))
            await add_session(db, title=f"Dùng VNeID {number + 1}", starts_at=starts_at, need=(1, 0))
        await add_session(
            db, title="Chợ số", starts_at=NOON + timedelta(days=1, hours=1), need=(1, 0), place="Chợ Đông Ba"
        )
        for name in ("An", "Bình", "Chi", "Dũng", "Em", "Giang", "Hòa", "Khánh", "Lan"):
            helper = await add_helper(db, f"Nguyễn Thị {name}", phone="+84912345678")
            db.add_all(
                Availability(trainer_id=helper.id, weekday=day, since=time(7), until=time(22))
                for day in range(7)
            )
        await add_helper(db, "Công Tằng Tôn Nữ Thị Ngọc Ưỡn")


def cards(page: Page) -> Locator:
    return page.locator(".board-session")


async def expect_all_asked(site: Site, page: Page) -> None:
    """The result says so, and the database holds seven offers without a clash."""
    await expect(page.get_by_role("heading", level=1)).to_have_text("Đã ghi 7 lượt phân công")
    await expect(page.get_by_text("Tuần này không còn buổi nào thiếu người.")).to_be_visible()
    async with site.sessions() as db:
        rows = (await db.scalars(select(Assignment).where(Assignment.state == "offered"))).all()
    assert len(rows) == SESSIONS
    assert len({row.session_id for row in rows}) == SESSIONS


async def fill_one_after_the_other(page: Page, person: Clicks) -> None:
    """The best of each session, one session on the screen at a time."""
    await person.press(page.get_by_role("link", name="Xếp người cho 7 buổi thiếu"))
    for number in range(SESSIONS):
        card = cards(page).nth(number)
        await expect(card).to_be_visible()
        assert [await each.is_visible() for each in await cards(page).all()].count(True) == 1
        await person.tick(card.get_by_role("checkbox").first)
        if number < SESSIONS - 1:
            await person.press(card.get_by_role("link", name="Buổi tiếp theo"))
    await person.press(page.get_by_role("button", name="Phân công những người đã chọn"))


async def test_seven_short_sessions_are_filled_on_the_phone(site: Site) -> None:
    await add_short_week(site)
    async with site.person(COORDINATOR, phone=True) as page:
        await page.goto(f"/lich/{WARD}")
        async with at_most(page, MOST_CLICKS) as person:
            await fill_one_after_the_other(page, person)
        await expect_all_asked(site, page)
        await look_at(page, "xep-nguoi-ket-qua", rules=True)


async def test_seven_short_sessions_are_filled_without_scripts(site: Site) -> None:
    await add_short_week(site)
    async with site.person(COORDINATOR, phone=True, java_script_enabled=False) as page:
        await page.goto(f"/lich/{WARD}")
        async with at_most(page, MOST_CLICKS) as person:
            await fill_one_after_the_other(page, person)
        await expect_all_asked(site, page)


async def test_seven_short_sessions_are_filled_at_the_desk(site: Site) -> None:
    await add_short_week(site)
    async with site.person(COORDINATOR) as page:
        await page.goto(f"/lich/{WARD}")
        async with at_most(page, SESSIONS + 2) as person:
            await person.press(page.get_by_role("link", name="Xếp người cho 7 buổi thiếu"))
            await look_at(page, "xep-nguoi", rules=True)
            for card in await cards(page).all():
                await person.tick(card.get_by_role("checkbox").first)
            await person.press(page.get_by_role("button", name="Phân công những người đã chọn 7"))
        await expect_all_asked(site, page)
        await page.get_by_role("button", name="Hoàn tác lần phân công này").click()
        await expect(page.get_by_text("Đã hoàn tác 7 lượt phân công.")).to_be_visible()
        await expect(cards(page)).to_have_count(SESSIONS)


async def test_seven_short_sessions_are_filled_by_keyboard(site: Site) -> None:
    await add_short_week(site)
    async with site.person(COORDINATOR) as page:
        await page.goto(f"/lich/{WARD}")
        async with at_most(page, MOST_CLICKS) as person:
            await tab_to(page.get_by_role("link", name="Xếp người cho 7 buổi thiếu"), person)
            await person.key("Enter")
            await expect(cards(page)).to_have_count(SESSIONS)
            for card in await cards(page).all():
                await tab_to(card.get_by_role("checkbox").first, person)
                await person.key("Space")
            await tab_to(page.get_by_role("button", name="Phân công những người đã chọn"), person)
            await person.key("Enter")
        await expect_all_asked(site, page)


async def find_and_ask_both(page: Page, *, scripts: bool) -> None:
    """Somebody is ticked, another phones; both are asked into their sessions."""
    await cards(page).nth(0).get_by_role("checkbox").first.check()
    search = page.get_by_label("Tìm theo tên hoặc số điện thoại")
    await search.fill("ngoc uon")
    if not scripts:
        await page.get_by_role("button", name="Tìm", exact=True).click()
    await expect(page.get_by_role("status").get_by_text("đến được 7 buổi")).to_be_visible()
    for card in await cards(page).all():
        await expect(card).to_be_visible()
    if scripts:
        await look_at(page, "xep-nguoi-tim", rules=True)
    wanted = page.locator(".board-session", has_text="Dùng VNeID 3").get_by_role("checkbox", name="Ngọc Ưỡn")
    await wanted.check()
    await page.get_by_role("button", name="Hiện lại những người hợp nhất").click()
    await expect(page.get_by_text("đến được 7 buổi")).to_have_count(0)
    assert await page.locator("[data-person]:checked").count() == 2
    await page.get_by_role("button", name="Phân công những người đã chọn").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Đã ghi 2 lượt phân công")


@pytest.mark.parametrize("scripts", [True, False])
async def test_helper_who_phones_is_found_and_picks_stay(site: Site, *, scripts: bool) -> None:
    await add_short_week(site)
    async with site.person(COORDINATOR, phone=True, java_script_enabled=scripts) as page:
        await page.goto(f"/lich/{WARD}/xep-nguoi")
        await find_and_ask_both(page, scripts=scripts)
    async with site.sessions() as db:
        found = await db.execute(
            select(Trainer.full_name, ClassSession.title)
            .join(Assignment, Assignment.trainer_id == Trainer.id)
            .join(ClassSession, ClassSession.id == Assignment.session_id)
        )
        assert ("Công Tằng Tôn Nữ Thị Ngọc Ưỡn", "Dùng VNeID 3") in {tuple(row) for row in found}


async def test_clash_among_picks_is_said_before_and_after_sending(site: Site) -> None:
    await add_short_week(site)
    async with site.person(COORDINATOR, phone=True) as page:
        await page.goto(f"/lich/{WARD}/xep-nguoi")
        first, second = cards(page).nth(0), cards(page).nth(1)
        boxes = first.get_by_role("checkbox", name="Nguyễn Thị An"), second.locator("[data-person]").nth(0)
        person_id = await boxes[0].get_attribute("data-person")
        await boxes[0].check()
        await first.get_by_role("link", name="Buổi tiếp theo").click()
        await second.locator("details", has=page.locator(f'[data-person="{person_id}"]')).first.evaluate(
            "each => each.open = true"
        )
        await second.locator(f'[data-person="{person_id}"]').check()
        await expect(second.get_by_role("alert")).to_have_text(
            "Đã chọn người này cho “Dùng VNeID 1”, trùng giờ: xin bỏ một nơi."
        )
        await page.get_by_role("button", name="Phân công những người đã chọn").click()
        await expect(page.get_by_role("heading", name="Chưa phân công ai, xin xem lại")).to_be_visible()
        shown = [await each.is_visible() for each in await cards(page).all()]
        assert shown == [True, True, False, False, False, False, False]
        assert await page.locator("[data-person]:checked").count() == 2
        await look_at(page, "xep-nguoi-trung-gio", rules=True)


async def tab_to(target: Locator, person: Clicks) -> None:
    """Press Tab until `target` has the focus."""
    for _press in range(200):
        if await target.evaluate("each => each === document.activeElement"):
            return
        await person.key("Tab")
    raise AssertionError("not reached by Tab")
