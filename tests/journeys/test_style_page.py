"""The page of the look: whole at both widths, in the dark and on paper."""

from lopso.application import reference
from lopso.kernel.access import Role
from tests.factories import NOON, add_user
from tests.journeys.conftest import Site, look_at, violations


async def test_every_part_is_whole_at_both_widths_in_the_dark_and_on_paper(site: Site) -> None:
    async with site.sessions.begin() as db:
        await reference.load(db, now=NOON)
        await add_user(db, (Role.COORDINATOR, "19753"))
    async with site.person("ha@example.org") as page:
        await page.goto("/kieu-dang")
        await look_at(page, "kieu-dang", contrast_at_both=True)
        await page.emulate_media(media="print")
        assert await violations(page) == []
        await page.emulate_media(media="screen", color_scheme="dark")
        await page.reload()  # colours change slowly
        assert await violations(page) == []
