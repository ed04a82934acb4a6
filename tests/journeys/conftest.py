"""The real application behind a real socket, met by a real browser.

With LOPSO_PICTURES=1 (`make pictures`) screenshots go to tests/screenshots (ignored by git), one per page
and width, for people to look at.
"""

import asyncio
import os
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from litestar import Litestar
from playwright.async_api import Browser, BrowserContext, Page, ViewportSize, async_playwright, expect
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from lopso.kernel.settings import Settings
from tests.conftest import MakeApp, MovableClock
from tests.factories import PASSWORD
from tests.journeys.page_rules import rule_faults

PHONE = ViewportSize(width=360, height=740)
DESKTOP = ViewportSize(width=1280, height=800)
SCREENSHOTS = Path(__file__).parents[1] / "screenshots"
TAKE_PICTURES = os.environ.get("LOPSO_PICTURES") == "1"
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
PATIENCE = 120_000
"""Milliseconds after which something in a page counts as hanging; a busy machine is no failure."""
UNDER_WAY = ".htmx-request, .htmx-settling, .htmx-added"
"""What htmx marks while a part of the page is fetched and put in."""

expect.set_options(timeout=PATIENCE)

# Written out in the page: what axe-core found in order is many times larger than what it found wrong.
_VIOLATIONS = """
async options => (await axe.run(document, options)).violations.flatMap(rule =>
  rule.nodes.map(node => `${rule.id}: ${JSON.stringify(node.target)} ${node.failureSummary}`))
"""


class _Server(uvicorn.Server):
    """Serves within the test's own event loop."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Ctrl-C belongs to pytest."""
        yield


@dataclass
class Site:
    """A running site, its database and its clock."""

    url: str
    sessions: async_sessionmaker[AsyncSession]
    clock: MovableClock
    browser: Browser
    settings: Settings
    app: Litestar

    @asynccontextmanager
    async def visitor(self, *, phone: bool = False, **options: Any) -> AsyncGenerator[Page]:
        """Somebody with a browser of their own, not logged in. A script error fails the test."""
        context: BrowserContext = await self.browser.new_context(
            viewport=PHONE if phone else DESKTOP,
            locale="vi-VN",
            timezone_id="Asia/Ho_Chi_Minh",
            base_url=self.url,
            **options,
        )
        context.set_default_timeout(PATIENCE)
        page = await context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        yield page
        await context.close()
        assert faults == []

    @asynccontextmanager
    async def person(
        self, email: str, *, phone: bool = False, password: str = PASSWORD, **options: Any
    ) -> AsyncGenerator[Page]:
        """Somebody logged in through the log-in page."""
        async with self.visitor(phone=phone, **options) as page:
            await page.goto("/dang-nhap")
            await page.get_by_label("E-mail hoặc số điện thoại").fill(email)
            await page.get_by_label("Mật khẩu", exact=True).fill(password)
            await page.get_by_role("button", name="Đăng nhập").click()
            await page.wait_for_url(lambda url: "dang-nhap" not in url)
            yield page


async def look_at(
    page: Page,
    name: str,
    *,
    check: bool = True,
    contrast_at_both: bool = TAKE_PICTURES,
    rules: bool = False,
) -> None:
    """Check at both widths that nothing is wider than the window and that axe-core finds nothing.


    Args:
        name: of the pictures, where they are taken.
        check: False only takes the pictures.
        contrast_at_both: contrast of colours at both widths, not only at the one the page has: it takes
            as long as all other rules together, and colours hardly depend on the width.
        rules: those of `page_rules`, too, at the width of a phone.
    """
    if not (check or TAKE_PICTURES):
        return
    await expect(page.locator(UNDER_WAY)).to_have_count(0)
    before = page.viewport_size
    # The size it has comes first: each change lays the page out anew.
    for size in sorted((PHONE, DESKTOP), key=lambda size: size != before):
        width = size["width"]
        await page.set_viewport_size(size)
        if TAKE_PICTURES:
            await page.screenshot(path=SCREENSHOTS / f"{name}-{width}.png", full_page=True)
        if check:
            wider = await page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert wider <= 0, f"{name} is {wider} px too wide at {width}"
            found = await violations(page, contrast=contrast_at_both or size == before)
            assert found == [], f"{name} at {width}"
            if rules and size == PHONE:
                assert await rule_faults(page) == [], name
    if before is not None:
        await page.set_viewport_size(before)


async def violations(page: Page, *, contrast: bool = True) -> list[str]:
    """What axe-core finds on the page as it stands: rule, place and reason."""
    # Evaluated, not added as a script: the page's own policy forbids inline scripts, and stays on.
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE.read_text())
    options = {
        "resultTypes": ["violations"],
        "preload": {"assets": ["media"]},  # style sheets are read by experimental rules only
        "rules": {"color-contrast": {"enabled": contrast}},
    }
    return await page.evaluate(_VIOLATIONS, options)


# Chromium draws parts of its own window as web pages, and keeps a spare process: for each context of a test
# that is two thirds of all it computes. Only the last of such switches counts: Playwright's names come first.
_UNUSED_FEATURES = (
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "OptimizationHints",
    "PaintHolding",
    "RenderDocument",
    "ThirdPartyStoragePartitioning",
    "Translate",
    "InitialWebUI",
    "PreloadTopChromeWebUI",
    "SpareRendererForSitePerProcess",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
    "WebUIOmniboxPopup",
    "WebUIReloadButton",
    "WebUIToolbar",
)


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium, found by `make test` and named in LOPSO_CHROMIUM."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=os.environ.get("LOPSO_CHROMIUM"),
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                f"--disable-features={','.join(_UNUSED_FEATURES)}",
            ],
        )
        yield browser
        await browser.close()


@pytest.fixture
async def site(make_app: MakeApp, settings: Settings, browser: Browser) -> AsyncIterator[Site]:
    """The application on a free port of the loopback."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    settings = replace(settings, public_url=url)
    app = make_app(settings)
    server = _Server(uvicorn.Config(app.app, host="127.0.0.1", port=port, log_config=None, lifespan="off"))
    running = asyncio.create_task(server.serve())
    await server.ready.wait()
    yield Site(url, app.sessions, app.clock, browser, settings, app.app)
    server.should_exit = True
    await running
