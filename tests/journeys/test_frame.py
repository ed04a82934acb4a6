"""The frame around every page: by keyboard, without a script, in English, in the dark, and its weight."""

from typing import Any, cast

import pytest

from lopso.application import reference
from lopso.kernel.access import Role
from tests.factories import NOON, add_user
from tests.journeys.conftest import Site, look_at, violations


async def seed(site: Site, *roles: tuple[Role, str | None]) -> None:
    async with site.sessions.begin() as db:
        await reference.load(db, now=NOON)
        await add_user(db, *roles)


async def test_everything_works_without_a_script(site: Site) -> None:
    await seed(site, (Role.COORDINATOR, "19753"), (Role.COORDINATOR, "19789"))
    async with site.person("ha@example.org", phone=True, java_script_enabled=False) as page:
        await page.goto("/dia-diem/19753")
        await page.locator(".page-head .beside-title summary").click()
        await page.get_by_role("link", name="Thêm chợ").click()
        await page.get_by_label("Tên chợ").fill("Chợ Đông Ba")
        await page.get_by_role("button", name="Thêm chợ").click()
        await page.get_by_role("link", name="Tên này đã có trong danh sách.").wait_for()
        await page.locator(".ward-menu summary").click()
        await page.get_by_role("link", name="Phường Thuận Hóa").click()
        assert page.url.endswith("/dia-diem/19789")
        await page.get_by_text("Thêm", exact=True).click()
        await page.get_by_role("link", name="Kỹ năng").click()
        await page.get_by_role("heading", level=1, name="Khung kiến thức").wait_for()
        await page.locator(".account-menu summary").click()
        await page.get_by_role("button", name="Đăng xuất").click()
        await page.wait_for_url("**/dang-nhap")


async def test_the_keyboard_reaches_everything_and_escape_closes_menus(site: Site) -> None:
    await seed(site, (Role.COORDINATOR, "19753"), (Role.COORDINATOR, "19789"))
    async with site.person("ha@example.org") as page:
        await page.goto("/dia-diem/19753")
        await page.keyboard.press("Tab")
        assert await page.locator(":focus").inner_text() == "Đến nội dung chính"
        await page.keyboard.press("Enter")
        assert await page.locator(":focus").get_attribute("id") == "noi-dung"
        menu = page.locator(".ward-menu")
        await menu.locator("summary").focus()
        await page.keyboard.press("Enter")
        assert await menu.get_attribute("open") is not None
        await page.keyboard.press("Tab")
        await page.keyboard.press("Escape")
        assert await menu.get_attribute("open") is None
        assert await menu.locator("summary").evaluate("summary => summary === document.activeElement")


async def test_form_pressed_repeatedly_is_sent_once(site: Site) -> None:
    await seed(site, (Role.COORDINATOR, "19753"))
    async with site.person("ha@example.org") as page:
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.method) if request.method == "POST" else None)
        await page.goto("/dia-diem/19753/cho-moi")
        await page.get_by_label("Tên chợ").fill("Chợ Xép")
        await page.get_by_role("button", name="Thêm chợ").dblclick()
        await page.get_by_role("heading", level=1, name="Chợ Xép").wait_for()
        assert sent == ["POST"]


async def test_somebody_reads_in_english(site: Site) -> None:
    await seed(site, (Role.CITY_ADMIN, None))
    async with site.person("ha@example.org") as page:
        await page.goto("/ky-nang")
        await page.locator(".account-menu summary").click()
        await page.get_by_role("button", name="English").click()
        assert await page.locator("html").get_attribute("lang") == "en"
        await page.get_by_text("Using the device", exact=True).wait_for()


@pytest.mark.parametrize("options", [{"color_scheme": "dark"}, {"forced_colors": "active"}])
async def test_dark_and_forced_colours_are_readable(site: Site, options: dict[str, Any]) -> None:
    await seed(site, (Role.CITY_ADMIN, None))
    async with site.person("ha@example.org", **options) as page:
        for address in ("/dia-diem/19753", "/dia-diem/19753/moi", "/ky-nang", "/phuong-xa/19753"):
            await page.goto(address)
            assert await violations(page) == [], address


async def test_missing_page_shows_a_way_out(site: Site) -> None:
    await seed(site, (Role.COORDINATOR, "19753"))
    async with site.person("ha@example.org") as page:
        answer = await page.goto("/dia-diem/19789")
        assert answer is not None
        assert answer.status == 404
        await look_at(page, "khong-tim-thay")
        await page.get_by_role("link", name="Về trang đầu").click()
        await page.wait_for_url("**/lich/19753")


async def test_the_first_page_is_light(site: Site) -> None:
    await seed(site, (Role.COORDINATOR, "19753"))
    async with site.person("ha@example.org", phone=True) as page:
        wire = await page.context.new_cdp_session(page)
        send = cast("Any", wire).send  # partially typed in Playwright
        await send("Network.enable")
        await send("Network.setCacheDisabled", {"cacheDisabled": True})
        kinds: dict[str, str] = {}
        weights: dict[str, float] = {}

        def received(event: dict[str, Any]) -> None:
            kinds[event["requestId"]] = event["type"]

        def finished(event: dict[str, Any]) -> None:
            weights[event["requestId"]] = event["encodedDataLength"] / 1024

        wire.on("Network.responseReceived", received)
        wire.on("Network.loadingFinished", finished)
        await page.goto("/lich/19753", wait_until="networkidle")
        scripts = sum(weights[request] for request, kind in kinds.items() if kind == "Script")
        assert len(weights) <= 4, kinds
        assert sum(weights.values()) <= 40
        assert scripts <= 25
