"""A page looks the same with the rules that came inside it as with the whole stylesheets."""

import re

import pytest
from playwright.async_api import Page
from sqlalchemy import func, select

from lopso.application import example
from scheduling.models import ClassSession
from tests.factories import NOON
from tests.journeys.conftest import DESKTOP, PHONE, Site

STYLESHEET = "**/static/built/*.css"


async def pictures(page: Page, path: str) -> list[bytes]:
    """The first screen at both widths."""
    taken: list[bytes] = []
    await page.mouse.move(0, 0)  # nothing under the pointer: how that looks comes with the stylesheet
    for size in (PHONE, DESKTOP):
        await page.set_viewport_size(size)
        await page.goto(path)
        taken.append(await page.screenshot(animations="disabled", caret="hide"))
    return taken


@pytest.mark.example_city
async def test_first_screen_is_the_same_without_the_stylesheets(site: Site) -> None:
    async with site.sessions() as db:
        session_id = await db.scalar(
            select(func.max(ClassSession.id)).where(ClassSession.starts_at < NOON, ClassSession.course_id > 0)
        )
    ward = example.PHU_XUAN
    paths = (
        f"/lich/{ward}",
        f"/buoi/{session_id}",
        f"/buoi/{session_id}/diem-danh",
        f"/nguoi-hoc/{ward}",
        f"/dia-diem/{ward}/moi",
    )
    people = "dieuphoi@lopso.example"
    # Without scripts, which would fetch further parts at any moment.
    async with site.person(people, password=example.PASSWORD, java_script_enabled=False) as page:
        for path in ("/ky-nang", *paths):
            await page.goto(path)
        whole = {path: await pictures(page, path) for path in paths}
        await page.context.clear_cookies(name=re.compile("look"))
        await page.route(STYLESHEET, lambda route: route.abort())
        for path in paths:
            assert await pictures(page, path) == whole[path], path
