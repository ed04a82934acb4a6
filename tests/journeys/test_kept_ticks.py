"""Lists with ticks: what is ticked stays through pages, searches and going back, with scripts and without."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.async_api import Locator, Page, expect

from lopso.kernel.access import Role
from tests.classroom import add_classroom, enrol
from tests.classroom import add_learner as add_person
from tests.competency.evidence import came_and_showed
from tests.factories import (
    NOON,
    TEST,
    add_course,
    add_enrolment,
    add_helper,
    add_learner,
    add_session,
    add_user,
    add_ward,
)
from tests.journeys.conftest import Site, look_at
from wordings.service.shipped import load_wordings

WARD = "19753"
COORDINATOR, ASSESSOR = "dieuphoi@example.org", "lanh@example.org"


@dataclass(frozen=True)
class TickedList:
    """A list of more than one page.

    Attributes:
        make: adds its rows; gives its address.
        boxes: what is ticked, as a selector. search: label of its search.
    """

    make: Callable[[Site], Awaitable[str]]
    boxes: str
    email: str = COORDINATOR
    search: str | None = None


async def _ward(site: Site) -> None:
    async with site.sessions.begin() as db:
        await load_wordings(db, by=TEST, now=NOON)
        await add_ward(db)
        await add_user(db, (Role.COORDINATOR, WARD), email=COORDINATOR)


async def roster(site: Site) -> str:
    """A class with more people than its page shows, others to enrol."""
    await _ward(site)
    async with site.sessions.begin() as db:
        session = await add_session(db, starts_at=NOON + timedelta(days=2), capacity=90)
        for n in range(55):
            await add_enrolment(db, session, await add_learner(db, f"Trần Thị A{n:02}"))
        for n in range(60):
            await add_learner(db, f"Lê Văn B{n:02}")
        return f"/buoi/{session.id}/ghi-danh"


async def unasked(site: Site) -> str:
    await _ward(site)
    async with site.sessions.begin() as db:
        for n in range(55):
            await add_learner(db, f"Trần Thị A{n:02}")
    return f"/nguoi-hoc/{WARD}/dong-y"


async def queue(site: Site) -> str:
    async with site.sessions.begin() as db:
        room = await add_classroom(db, [])
        room.session.capacity = 60
        await db.flush()
        for n in range(55):
            learner = await add_person(db, f"Trần Thị A{n:02}")
            await enrol(db, room.session, learner)
            await came_and_showed(db, room, learner)
    return f"/xac-nhan/{WARD}"


async def board(site: Site) -> str:
    await _ward(site)
    async with site.sessions.begin() as db:
        for n in range(24):
            starts_at = NOON + timedelta(days=1 + n // 6, hours=n % 6)
            await add_session(
                db, title=f"Lớp {n}", starts_at=starts_at, need=(1, 0), place=f"Nhà văn hóa {n}"
            )
        for name in ("An", "Bình", "Chi"):
            await add_helper(db, f"Nguyễn Thị {name}")
    return f"/lich/{WARD}/xep-nguoi"


async def classes(site: Site) -> str:
    await _ward(site)
    async with site.sessions.begin() as db:
        course = await add_course(db)
        for n in range(24):
            await add_session(
                db, title=f"Lớp {n}", starts_at=NOON + timedelta(days=2, hours=3 * n), course=course
            )
        learner = await add_learner(db, "Hồ Thị Mới")
        return f"/nguoi-hoc/{WARD}/{learner.id}/ghi-danh"


LISTS = {
    "enrol": TickedList(roster, "#found [name=nguoi]", search="Tìm theo tên hoặc số điện thoại"),
    "consents": TickedList(unasked, "[name=nguoi]"),
    "sign-off": TickedList(queue, "[name=pick]", email=ASSESSOR, search="Tìm theo tên"),
    "board": TickedList(board, "[name=chon]"),
    "classes": TickedList(classes, "[name=chon]", search="Tìm lớp"),
}


def ticked(page: Page) -> Locator:
    """Ticks that would be sent, those of other pages too."""
    return page.locator("form[data-keeps]").locator(
        "input[type=checkbox]:not([data-uncounted]):checked, input[data-kept]"
    )


async def turn(page: Page, number: int) -> None:
    """To a page of the list: of the roster where people are enrolled."""
    pages = page.get_by_role("navigation", name="Trang của danh sách")
    assert await pages.get_by_role("link").count() == 0  # a link would lose what is ticked
    await pages.get_by_role("button", name=f"Trang {number}", exact=True).click()
    await expect(pages.locator("[aria-current=page]")).to_have_text(str(number))


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("name", LISTS)
async def test_ticks_stay_when_the_page_of_a_list_changes(site: Site, name: str, *, scripts: bool) -> None:
    each = LISTS[name]
    address = await each.make(site)
    async with site.person(each.email, java_script_enabled=scripts) as page:
        await page.goto(address)
        for n in (0, 4):
            await page.locator(each.boxes).nth(n).check()
        await turn(page, 2)
        await expect(ticked(page)).to_have_count(2)
        await page.locator(each.boxes).last.check()
        await turn(page, 1)
        await expect(ticked(page)).to_have_count(3)
        if each.search:
            await page.get_by_label(each.search).first.fill("zzzz")
            await page.get_by_label(each.search).first.press("Enter")
            await expect(page.get_by_text("Không").first).to_be_visible()
            await expect(ticked(page)).to_have_count(3)
        if scripts:
            await look_at(page, f"danh-sach-da-chon-{name}")


@pytest.mark.parametrize("name", LISTS)
async def test_ticks_stay_when_one_goes_back_or_reloads(site: Site, name: str) -> None:
    each = LISTS[name]
    address = await each.make(site)
    async with site.person(each.email) as page:
        await page.goto(address)
        await page.locator(each.boxes).first.check()
        await turn(page, 2)
        await page.locator(each.boxes).last.check()
        await expect(ticked(page)).to_have_count(2)
        await page.reload()
        await expect(ticked(page)).to_have_count(2)
        await page.goto("/tai-khoan-cua-toi")
        await page.go_back()
        await expect(ticked(page)).to_have_count(2)
