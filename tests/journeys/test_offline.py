"""What the page says when the network goes, and that it stops saying so when the network is back."""

from playwright.async_api import expect

from lopso.application import reference
from lopso.kernel.access import Role
from tests.factories import NOON, add_user
from tests.journeys.conftest import Site


async def test_sentence_about_the_network_goes_when_it_is_back(site: Site) -> None:
    async with site.sessions.begin() as db:
        await reference.load(db, now=NOON)
        await add_user(db, (Role.COORDINATOR, "19753"))
    async with site.person("ha@example.org") as page:
        await page.goto("/lich/19753")
        said = page.locator("#flash").get_by_text("Đang mất mạng")
        search = page.get_by_placeholder("Tìm người, lớp, địa điểm").first
        await page.context.set_offline(True)
        await search.press_sequentially("lan")
        await expect(said).to_be_visible()
        await page.context.set_offline(False)
        await expect(said).to_have_count(0)
