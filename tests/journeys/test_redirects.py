"""Where a real browser goes when it is sent to an address of ours, and to the others."""

from urllib.parse import quote, urldefrag

from lopso.web.local_address import is_local
from tests.factories import add_user, add_ward
from tests.journeys.conftest import Site
from tests.web.local_addresses import NOT_OURS, OURS

READ = """address => {
    const link = document.createElement('a');
    link.setAttribute('href', address);
    return link.href;
}"""


async def _officer(site: Site) -> None:
    async with site.sessions.begin() as db:
        await add_ward(db)
        await add_user(db)


async def test_every_accepted_address_stays_on_the_site(site: Site) -> None:
    await _officer(site)
    async with site.visitor() as page:
        await page.goto("/dang-nhap")
        for address in (*OURS, *NOT_OURS):
            read = await page.evaluate(READ, address)
            if is_local(address):
                assert read == site.url + address, f"{address!r} is read as {read!r}"


async def test_log_in_page_redirects_to_no_other_site(site: Site) -> None:
    await _officer(site)
    async with site.person("ha@example.org") as page:
        asked: list[str] = []
        page.on("request", lambda each: asked.append(each.url) if each.is_navigation_request() else None)
        for address in (*OURS, *NOT_OURS):
            asked.clear()
            await page.goto(f"/dang-nhap?tiep={quote(address)}", wait_until="commit")
            wanted = address if is_local(address) else "/"
            assert urldefrag(asked[1]).url == urldefrag(site.url + wanted).url, f"{address!r}: {asked}"
            assert all(each.startswith(f"{site.url}/") for each in asked), f"{address!r}: {asked}"
