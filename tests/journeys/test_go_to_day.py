"""From the week to the week of any day: in two presses, by keyboard, without a script."""

import pytest
from playwright.async_api import Page, expect

from lopso.kernel.access import Role
from tests.factories import add_user, add_ward
from tests.journeys.clicks import at_most
from tests.journeys.conftest import Site, look_at

WARD = "19753"
HERE = f"/lich/{WARD}"


async def seed(site: Site) -> None:
    async with site.sessions.begin() as db:
        await add_ward(db)
        await add_user(db, (Role.COORDINATOR, WARD))


async def arrived(page: Page) -> None:
    await page.wait_for_url("**tuan=2027-02-04")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("2027")


@pytest.mark.parametrize("phone", [True, False])
async def test_day_that_is_picked_opens_its_week(site: Site, *, phone: bool) -> None:
    await seed(site)
    async with site.person("ha@example.org", phone=phone) as page:
        await page.goto(HERE)
        await look_at(page, "tuan-cua-ngay")
        field = page.get_by_label("Xem tuần của ngày")
        async with at_most(page, 2) as person:
            await person.press(field)
            person.done.append("pick a day")  # in the browser's own calendar, which a script cannot press
            await field.fill("2027-02-04")
        await arrived(page)


async def test_day_typed_by_keyboard_waits_for_enter(site: Site) -> None:
    await seed(site)
    async with site.person("ha@example.org") as page:
        await page.goto(HERE)
        field = page.get_by_label("Xem tuần của ngày")
        await field.focus()
        await page.keyboard.press("ArrowUp")
        await expect(page).to_have_url(f"{page.url.partition('?')[0]}")
        await field.fill("2027-02-04")
        await page.keyboard.press("Enter")
        await arrived(page)


async def test_day_without_a_script_opens_its_week_by_the_button(site: Site) -> None:
    await seed(site)
    async with site.person("ha@example.org", java_script_enabled=False) as page:
        await page.goto(HERE)
        await page.get_by_label("Xem tuần của ngày").fill("2027-02-04")
        await page.get_by_role("button", name="Xem", exact=True).click()
        await arrived(page)
