"""The skip link, by keyboard."""

from tests.classroom import add_classroom
from tests.journeys.conftest import Site, look_at
from tests.learner_portal.cards import card_of


async def test_skip_link_of_learner_page_comes_first(site: Site) -> None:
    async with site.sessions.begin() as db:
        room = await add_classroom(db)
        path = await card_of(db, room.learners[0], site.settings)
    async with site.visitor(phone=True) as page:
        await page.goto(path)
        await look_at(page, "trang-hoc-vien-duong-tat", rules=True)
        await page.keyboard.press("Tab")
        link = page.locator(":focus")
        assert await link.inner_text() == "Đến nội dung chính"
        box = await link.bounding_box()
        assert box is not None
        assert box["y"] >= 0
        await page.keyboard.press("Enter")
        assert await page.locator("main:target").count() == 1
        await page.keyboard.press("Tab")
        assert await page.locator("main :focus").count() == 1
