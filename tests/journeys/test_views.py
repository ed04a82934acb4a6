"""From the week to any day, a filter, other views: what was chosen stays; by keyboard, without a script."""

import re

import pytest
from playwright.async_api import Page, expect

from lopso.application import example
from tests.journeys.clicks import at_most
from tests.journeys.conftest import Site

WEEK = f"/lich/{example.PHU_XUAN}"
PERSON = "dieuphoi@lopso.example"


async def filter_by_first_venue(page: Page) -> str:
    """Filter by the first venue offered; returns its id."""
    venues = page.get_by_label("Địa điểm", exact=True)
    chosen = await venues.locator("option").nth(1).get_attribute("value")
    assert chosen is not None
    await venues.select_option(chosen)
    await page.get_by_role("button", name="Lọc", exact=True).click()
    await page.wait_for_url(f"**dia_diem={chosen}**")
    return chosen


async def view(page: Page, name: str) -> None:
    await (
        page.get_by_role("navigation", name="Các phần của lịch")
        .get_by_role("link", name=name, exact=True)
        .filter(visible=True)
        .click()
    )


@pytest.mark.example_city
@pytest.mark.parametrize("java_script_enabled", [True, False])
async def test_day_and_filter_stay_in_every_view(site: Site, *, java_script_enabled: bool) -> None:
    async with site.person(
        PERSON, password=example.PASSWORD, java_script_enabled=java_script_enabled
    ) as page:
        await page.goto(WEEK)
        if java_script_enabled:
            async with at_most(page, 2) as person:
                day = page.get_by_label("Xem tuần của ngày")
                await person.press(day)
                person.done.append("pick a day")  # in the browser's own calendar
                await day.fill("2027-03-04")
        else:
            await page.get_by_label("Xem tuần của ngày").fill("2027-03-04")
            await page.get_by_role("button", name="Xem", exact=True).click()
        await page.wait_for_url("**tuan=2027-03-04")
        await view(page, "Tháng")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Tháng 03/2027")
        await page.locator(".fold summary").click()
        if not java_script_enabled:
            await page.get_by_role("link", name="Chọn bộ lọc").click()
        chosen = await filter_by_first_venue(page)
        await expect(page.get_by_role("heading", level=1)).to_have_text("Tháng 03/2027")
        for name, path in (("Danh sách", "danh-sach"), ("Phòng", "phong"), ("Đợt", "dot"), ("Tuần", "")):
            await view(page, name)
            await page.wait_for_url(re.compile(rf"{WEEK}/?{path}\?.*2027-03-04.*dia_diem={chosen}"))


@pytest.mark.example_city
async def test_keys_go_back_on_and_to_today(site: Site) -> None:
    async with site.person(PERSON, password=example.PASSWORD) as page:
        await page.goto(f"{WEEK}/thang")
        heading = page.get_by_role("heading", level=1)
        for key, title in (
            ("Shift+ArrowRight", "Tháng 12/2026"),
            ("Shift+ArrowRight", "Tháng 01/2027"),
            ("Shift+ArrowLeft", "Tháng 12/2026"),
            ("Shift+Home", "Tháng 11/2026"),
        ):
            await page.keyboard.press(key)
            await expect(heading).to_have_text(title)
        await page.keyboard.press("/")
        field = page.get_by_label("Tìm người, lớp, địa điểm")
        await expect(field).to_be_focused()
        await field.press_sequentially("zalo")
        await page.keyboard.press("Shift+ArrowLeft")  # chooses letters here
        await expect(heading).to_have_text("Tháng 11/2026")
