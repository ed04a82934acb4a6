"""The search of the header: from any page to a learner in two presses, by keyboard, without a script."""

from playwright.async_api import Page, Request, expect

from lopso.application import reference
from lopso.kernel.access import Role
from tests.factories import NOON, add_course, add_learner, add_session, add_user, add_ward
from tests.journeys.clicks import at_most
from tests.journeys.conftest import Site, look_at

WARD = "19753"
ANY_PAGE = (f"/lich/{WARD}", f"/dia-diem/{WARD}", f"/tin-nhan/{WARD}", "/tai-khoan-cua-toi")


async def seed(site: Site) -> int:
    """A ward with four women of one name; the id of one of them."""
    async with site.sessions.begin() as db:
        await add_ward(db)
        await add_ward(db, ward_id="19789", name="Thuận Hóa")
        await add_user(db, (Role.COORDINATOR, WARD))
        course = await add_course(db)
        await add_session(db, title="Hoa văn trên lụa", course=course, starts_at=NOON)
        learners = [
            await add_learner(db, "Nguyễn Thị Hoà", birth_year=year, phone=f"+8491234{year}")
            for year in range(1951, 1955)
        ]
        return learners[-1].id


def hit(page: Page, year: int):
    return page.get_by_role("option").filter(has_text=f"{year} · ")


async def test_learner_is_two_presses_from_any_page_on_a_phone(site: Site) -> None:
    learner_id = await seed(site)
    async with site.person("ha@example.org", phone=True) as page:
        for address in ANY_PAGE:
            await page.goto(address)
            async with at_most(page, 2) as person:
                await person.press(page.get_by_role("link", name="Tìm", exact=True))
                await page.keyboard.type("bà hoa")
                await person.press(hit(page, 1954))
            await page.wait_for_url(f"**/nguoi-hoc/{WARD}/{learner_id}")


async def test_keyboard_alone_searches_chooses_and_leaves(site: Site) -> None:
    learner_id = await seed(site)
    async with site.person("ha@example.org") as page:
        await page.goto(f"/lich/{WARD}")
        await expect(page.locator(".quick-search kbd")).to_be_visible()
        link = page.get_by_role("link", name="Địa điểm").first
        await link.focus()
        await page.keyboard.press("/")
        field = page.get_by_role("combobox", name="Tìm người, lớp, địa điểm")
        await expect(field).to_be_focused()
        await page.keyboard.type("hoa")
        await expect(page.get_by_role("option").first).to_be_visible()
        await look_at(page, "tim-nhanh")
        await expect(field).to_have_attribute("aria-expanded", "true")
        await page.keyboard.press("Escape")
        await expect(page.locator("#find-hits")).to_be_hidden()
        await expect(link).to_be_focused()
        await expect(field).to_have_value("")

        async with at_most(page, 1) as person:
            await person.key("/")
            await page.keyboard.type(f"91234{1954}")
            await expect(hit(page, 1954)).to_be_visible()
            await person.key("ArrowDown")
            await expect(field).to_have_attribute("aria-activedescendant", "hit-learners-1")
            await expect(hit(page, 1954)).to_have_attribute("aria-selected", "true")
            await person.key("Enter")
        await page.wait_for_url(f"**/nguoi-hoc/{WARD}/{learner_id}")


async def test_enter_without_a_choice_shows_all_hits_by_group(site: Site) -> None:
    await seed(site)
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    async with site.person("ha@example.org") as page:
        page.on("request", note)
        await page.goto(f"/lich/{WARD}")
        await page.keyboard.press("/")
        await page.keyboard.type("hoà")
        await page.keyboard.press("Enter")
        await page.get_by_role("heading", name="Người học 4").wait_for()
        await page.get_by_role("heading", name="Buổi học 1").wait_for()
        await look_at(page, "tim", rules=True)
    assert not [url for url in asked if "ho" in url.partition("?")[2]]


async def test_slash_in_a_field_is_a_letter(site: Site) -> None:
    await seed(site)
    async with site.person("ha@example.org") as page:
        await page.goto("/tim")
        field = page.get_by_role("searchbox", name="Tìm", exact=True)
        await expect(field).to_be_focused()
        await page.keyboard.type("24/11")
        await expect(field).to_have_value("24/11")


async def test_search_works_without_a_script(site: Site) -> None:
    learner_id = await seed(site)
    async with site.person("ha@example.org", phone=True, java_script_enabled=False) as page:
        await page.goto(f"/lich/{WARD}")
        await page.get_by_role("link", name="Tìm", exact=True).click()
        await page.get_by_label("Tìm", exact=True).fill("hoa nguyen")
        await page.get_by_role("button", name="Tìm", exact=True).click()
        await page.get_by_role("link", name="1954 · ").click()
        await page.wait_for_url(f"**/nguoi-hoc/{WARD}/{learner_id}")
        await page.goto("/tim")
        await page.get_by_label("Tìm", exact=True).fill("không ai tên thế")
        await page.get_by_role("button", name="Tìm", exact=True).click()
        await page.get_by_role("heading", name="Không tìm thấy “không ai tên thế”").wait_for()


async def test_header_and_menu_are_whole_for_every_role(site: Site) -> None:
    async with site.sessions.begin() as db:
        await reference.load(db, now=NOON)
        for role in (Role.ASSESSOR, Role.VIEWER, Role.TRAINER):
            await add_user(db, (role, WARD), email=f"{role}@example.org")
        await add_user(db, (Role.CITY_ADMIN, None), email="admin@example.org")
    for who in ("admin", Role.ASSESSOR, Role.VIEWER, Role.TRAINER):
        async with site.person(f"{who}@example.org", phone=True) as page:
            await page.goto("/tim")
            await look_at(page, f"tim-{who}", rules=True)
            await page.get_by_role("link", name="Tìm", exact=True).click()
            await expect(page.get_by_role("combobox")).to_be_focused()
            await look_at(page, f"tim-{who}-mo")
            await page.get_by_role("button", name="Đóng tìm kiếm").click()
            await expect(page.get_by_role("combobox")).to_be_hidden()
