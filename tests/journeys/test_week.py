"""The week on a phone and on a desk: what comes first, what is folded away, what a card leads to."""

from datetime import timedelta
from io import BytesIO

import pytest
from playwright.async_api import expect
from pypdf import PdfReader

from lopso.application import example
from tests.journeys.conftest import PHONE, Site, look_at, violations

pytestmark = pytest.mark.example_city

_CARDS = """
() => [...document.querySelectorAll("a.session")].filter(card => card.checkVisibility())
  .map(card => ({card, box: card.getBoundingClientRect()})).sort((one, other) => one.box.top - other.box.top)
  .map(({card, box}) => ({bottom: box.bottom, href: card.getAttribute("href"), height: box.height}))
"""


async def test_first_class_stands_on_the_first_screen_of_a_phone(site: Site) -> None:
    week = f"/lich/{example.PHU_XUAN}"
    async with site.person("dieuphoi@lopso.example", phone=True, password=example.PASSWORD) as page:
        for address in (week, f"{week}?tuan=2026-11-30"):
            await page.goto(address)
            first = (await page.evaluate(_CARDS))[0]
            nav = await page.locator(".bottom-nav").bounding_box()
            assert nav is not None
            assert first["bottom"] <= nav["y"] < PHONE["height"], address
        await page.goto(week)
        await expect(page.get_by_label("Loại buổi")).to_be_hidden()
        await page.locator(".fold summary").click()
        await page.get_by_label("Chỉ buổi thiếu người").check()
        await page.get_by_role("button", name="Lọc", exact=True).click()
        await page.wait_for_url("**thieu=1**")
        await expect(page.get_by_label("Loại buổi")).to_be_visible()
        await page.get_by_role("link", name="Bỏ lọc").click()
        await page.locator(".action-menu summary").click()
        await page.get_by_role("link", name="Lên lịch lớp").click()
        await page.wait_for_url("**/lop-moi")


async def test_days_that_are_over_come_last_on_a_phone(site: Site) -> None:
    site.clock.forward(timedelta(days=2))
    async with site.person("dieuphoi@lopso.example", phone=True, password=example.PASSWORD) as page:
        await page.goto(f"/lich/{example.PHU_XUAN}")
        today = await page.locator(".week th.today").bounding_box()
        assert today is not None
        over = await page.locator(".week th.over").all()
        assert len(over) == 2
        for day in over:
            box = await day.bounding_box()
            assert box is not None
            assert box["y"] > today["y"]


async def test_whole_card_leads_to_its_session(site: Site) -> None:
    async with site.person("dieuphoi@lopso.example", password=example.PASSWORD) as page:
        await page.goto(f"/lich/{example.PHU_XUAN}")
        card = page.locator("a.session").first
        href = await card.get_attribute("href")
        box = await card.bounding_box()
        assert box is not None
        await page.mouse.click(box["x"] + box["width"] - 8, box["y"] + box["height"] - 4)
        await page.wait_for_url(f"**{href}")
        await page.goto(f"/lich/{example.PHU_XUAN}")
        await look_at(page, "tuan")


async def test_notice_prints_large_on_a4_landscape(site: Site) -> None:
    async with site.person("dieuphoi@lopso.example", password=example.PASSWORD) as page:
        await page.goto(f"/lich/{example.PHU_XUAN}")
        await page.locator(".action-menu summary").click()
        await page.get_by_role("link", name="In bảng tin").click()
        await page.wait_for_url("**/bang-tin?tuan=*")
        await page.get_by_role("button", name="In bảng tin").wait_for()
        sheets = PdfReader(BytesIO(await page.pdf(prefer_css_page_size=True))).pages
        width, height = (float(each) / 72 * 25.4 for each in sheets[0].mediabox.upper_right)  # mm
        assert (round(width), round(height)) == (297, 210)
        assert "Phường Phú Xuân" in sheets[0].extract_text()
        await page.emulate_media(media="print")
        sizes: list[float] = await page.eval_on_selector_all(
            ".notice td.time, .notice td b",
            "all => all.map(one => parseFloat(getComputedStyle(one).fontSize))",
        )
        assert round(min(sizes) / 96 * 72) >= 28  # points, read from three metres
        assert await violations(page) == []


@pytest.mark.parametrize(
    ("view", "cells"),
    [
        ("", ".week"),
        ("/thang", ".month"),
        ("/dot", ".term"),
        ("/phong", ".by"),
        ("/cho", ".by"),
        ("/nguoi", ".by"),
    ],
)
async def test_views_print_as_tables_on_a4_landscape(site: Site, view: str, cells: str) -> None:
    async with site.person("dieuphoi@lopso.example", password=example.PASSWORD) as page:
        await page.goto(f"/lich/{example.PHU_XUAN}{view}")
        sheet = PdfReader(BytesIO(await page.pdf(prefer_css_page_size=True))).pages[0]
        width, height = (round(float(each) / 72 * 25.4) for each in sheet.mediabox.upper_right)  # mm
        assert (width, height) == (297, 210)
        assert "Phường Phú Xuân" in sheet.extract_text()
        await page.set_viewport_size({"width": 1054, "height": 726})  # what the margins leave, at 96 dpi
        await page.emulate_media(media="print")
        assert await page.locator(cells).evaluate("each => getComputedStyle(each).display") == "table"
