"""What stands beside the form of a session, by keyboard alone: the room that day, who can be asked."""

import pytest
from playwright.async_api import expect

from scheduling.service.sessions import plan_session
from tests.factories import NOON
from tests.journeys.conftest import Site
from tests.planning import WARD, add_planning, slot
from tests.scheduling.plan_pages import MONDAY


@pytest.mark.parametrize("phone", [True, False], ids=["phone", "desk"])
async def test_room_and_people_beside_a_session_are_read_by_keyboard(site: Site, phone: bool) -> None:
    async with site.sessions.begin() as db:
        here = await add_planning(db)
        await plan_session(db, WARD, here.details(title="An toàn số"), slot(MONDAY), by=here.by, now=NOON)

    async with site.person("ha@example.org", phone=phone) as page:
        await page.goto(f"/lich/{WARD}/buoi-moi?kind=ward_class")
        await page.locator("[name=room]").select_option(str(here.hall.id))
        await page.locator("[name=day]").focus()
        await page.keyboard.type("7/12/2026")
        await page.keyboard.press("Tab")
        await expect(page.locator("[name=since]")).to_be_focused()
        await page.keyboard.type("8h30")
        short = page.locator("#overview-short")
        await expect(short).to_contain_text("phòng bận")
        # The answer leaves the focus where somebody types.
        await expect(page.locator("[name=since]")).to_be_focused()

        summary = page.locator(".form-overview summary")
        for _each in range(20):
            if await summary.evaluate("each => each === document.activeElement"):
                break
            await page.keyboard.press("Tab")
        await expect(summary).to_be_focused()
        if phone:
            await page.keyboard.press("Enter")
        await expect(page.locator("#overview")).to_contain_text("“An toàn số”")
        await expect(page.locator("#overview").get_by_text("trùng giờ")).to_be_visible()
