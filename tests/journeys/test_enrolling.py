"""A ward officer enrols twenty people: by phone, by keyboard, without scripts, with a mistake on the way."""

from datetime import timedelta

from playwright.async_api import Locator, Page, expect
from sqlalchemy import func, select

from learners.models import Learner
from lopso.kernel.access import Role
from scheduling.models import Enrolment
from tests.factories import (
    NOON,
    TEST,
    add_course,
    add_enrolment,
    add_learner,
    add_series,
    add_session,
    add_user,
    add_ward,
)
from tests.journeys.clicks import Clicks, at_most
from tests.journeys.conftest import Site, look_at
from venues.models import Neighbourhood
from wordings.service.shipped import load_wordings

WARD = "19753"
COORDINATOR = "dieuphoi@example.org"
MOST_CLICKS = 12
PEOPLE = 20
WEEK = timedelta(days=7)


async def add_classes(site: Site) -> int:
    """Twenty people in a class that ended, forty others in the ward; the new class has three meetings.

    Returns:
        Its first session.
    """
    async with site.sessions.begin() as db:
        await load_wordings(db, by=TEST, now=NOON)
        await add_ward(db)
        await add_user(db, (Role.COORDINATOR, WARD), email=COORDINATOR)
        place = Neighbourhood(ward_id=WARD, name="Tổ dân phố 3", name_key="to dan pho 3")
        db.add(place)
        await db.flush()
        course = await add_course(db)
        old, new = [await add_series(db, course=course) for _ in range(2)]
        earlier = await add_session(
            db, title="Dùng Zalo", starts_at=NOON - WEEK, course=course, series=old, place="Đình làng"
        )
        coming = [
            await add_session(
                db,
                title="Cài VNeID",
                starts_at=NOON + timedelta(days=2) + week * WEEK,
                course=course,
                series=new,
                capacity=18 if week == 2 else 25,
            )
            for week in range(3)
        ]
        names = ["Công Tằng Tôn Nữ Thị Ngọc Ưỡn", *(f"Trần Thị {chr(65 + n)}" for n in range(PEOPLE - 1))]
        for name in names:
            learner = await add_learner(db, name, phone="+84912345678")
            learner.neighbourhood_id = place.id
            await add_enrolment(db, earlier, learner)
        for n in range(40):
            await add_learner(db, f"Lê Văn {chr(65 + n % 26)}{n}")
        return coming[0].id


async def expect_all_enrolled(site: Site, page: Page, *, sessions: int = 3) -> None:
    """One table with a row for each; whoever waits somewhere comes first, with the place in the queue."""
    waiting = ", 2 người phải chờ chỗ" if sessions == 3 else ", ai cũng có chỗ"
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"Đã ghi danh {PEOPLE} người{waiting}")
    await expect(page.locator("tbody tr")).to_have_count(PEOPLE)
    if sessions == 3:
        await expect(page.locator("tbody tr").first).to_contain_text("danh sách chờ, thứ 1")
    async with site.sessions() as db:
        number = await db.scalar(
            select(func.count()).select_from(Enrolment).where(Enrolment.enrolled_by.is_not(None))
        )
    assert number == PEOPLE * sessions


async def choose_earlier_class(page: Page, person: Clicks, *, scripts: bool = True) -> None:
    """From the session's page to twenty people ticked."""
    await person.press(page.get_by_role("link", name="Ghi danh").or_(enrol_link(page)).first)
    await person.press(page.get_by_text("Lọc, chọn như lớp trước"))
    await person.choose(page.get_by_label("Như lớp"), "Dùng Zalo, cả lớp, gần nhất thứ Hai 16/11")
    if not scripts:
        await person.press(page.get_by_role("button", name="Lọc", exact=True))
    await expect(page.get_by_text(f"Tìm thấy {PEOPLE} người")).to_be_visible()
    await person.press(page.get_by_role("button", name="Chọn tất cả người đang hiện"))


def enrol_link(page: Page) -> Locator:
    """Where the part of the page with the learners was not fetched."""
    return page.get_by_role("link", name="Người học ghi danh")


async def test_twenty_people_are_enrolled_on_the_phone(site: Site) -> None:
    session = await add_classes(site)
    async with site.person(COORDINATOR, phone=True) as page:
        await page.goto(f"/buoi/{session}")
        async with at_most(page, MOST_CLICKS) as person:
            await choose_earlier_class(page, person)
            await person.tick(page.get_by_label("Buổi này và 2 buổi sau của lớp"))
            await expect(page.get_by_text("cả lớp còn 18 chỗ")).to_be_visible()
            await expect(page.get_by_text("2 người sẽ phải chờ")).to_be_visible()
            await look_at(page, "ghi-danh-chon-nguoi", rules=True)
            await person.press(page.get_by_role("button", name=f"Ghi danh {PEOPLE}"))
        await expect_all_enrolled(site, page)
        await look_at(page, "ghi-danh-ket-qua", rules=True)
        await page.reload()  # shows the result again, posts nothing
        await expect_all_enrolled(site, page)
        await page.get_by_role("button", name="Hoàn tác lần ghi danh này").click()
        await expect(page.get_by_role("status")).to_contain_text(f"Đã hoàn tác, bỏ {PEOPLE} người vừa ghi.")


async def test_first_screen_of_a_phone_shows_people_to_enrol(site: Site) -> None:
    session = await add_classes(site)
    async with site.person(COORDINATOR, phone=True) as page:
        await page.goto(f"/buoi/{session}/ghi-danh")
        await expect(page.get_by_text("Tìm thấy 60 người")).to_be_in_viewport(ratio=1)
        top = await page.locator("#found .picker li").first.bounding_box()
        menu = await page.locator(".bottom-nav").bounding_box()
        assert top is not None
        assert menu is not None
        assert top["y"] + top["height"] <= menu["y"]


async def test_twenty_people_are_enrolled_without_scripts(site: Site) -> None:
    session = await add_classes(site)
    async with site.person(COORDINATOR, phone=True, java_script_enabled=False) as page:
        await page.goto(f"/buoi/{session}")
        async with at_most(page, MOST_CLICKS) as person:
            await choose_earlier_class(page, person, scripts=False)
            await person.tick(page.get_by_label("Buổi này và 2 buổi sau của lớp"))
            await person.press(page.get_by_role("button", name="Ghi danh", exact=False).last)
        await expect_all_enrolled(site, page)


async def test_twenty_people_are_enrolled_by_keyboard(site: Site) -> None:
    session = await add_classes(site)
    async with site.person(COORDINATOR) as page:
        await page.goto(f"/buoi/{session}/ghi-danh")
        async with at_most(page, MOST_CLICKS) as person:
            await tab_to(page.locator("summary", has_text="Lọc, chọn như lớp trước"), person)
            await person.key("Enter")
            await tab_to(page.get_by_label("Như lớp"), person)
            await person.key("ArrowDown")
            await expect(page.get_by_text(f"Tìm thấy {PEOPLE} người")).to_be_visible()
            await tab_to(page.get_by_role("button", name="Chọn tất cả người đang hiện"), person)
            await person.key("Enter")
            await tab_to(page.get_by_role("button", name=f"Ghi danh {PEOPLE}"), person)
            await person.key("Enter")
        await expect_all_enrolled(site, page, sessions=1)


async def test_nothing_is_lost_by_a_mistake_and_a_search(site: Site) -> None:
    session = await add_classes(site)
    async with site.person(COORDINATOR, phone=True) as page:
        await page.goto(f"/buoi/{session}/ghi-danh?to=1")
        await page.get_by_role("button", name="Chọn tất cả người đang hiện").click()
        await page.get_by_label("Tìm theo tên hoặc số điện thoại").fill("van b")
        await expect(page.get_by_text("Không tìm thấy ai tên “van b”")).to_be_visible()
        await page.get_by_role("button", name="Bỏ lọc").last.click()
        await expect(page.get_by_text(f"Đã chọn {PEOPLE} người khác")).to_be_visible()
        await page.locator("#found .picker").last.get_by_role("checkbox").first.check()
        await expect(page.locator("[data-bulk-count]")).to_have_text(str(PEOPLE + 1))
        await page.get_by_text("Thêm người mới").click()
        await page.get_by_label("Họ và tên").fill("Hồ Thị Mới")
        await page.get_by_label("Năm sinh").fill("19x")
        await page.get_by_label("Năm sinh").press("Enter")
        await expect(page.get_by_role("alert")).to_contain_text("Xin ghi năm sinh bằng bốn chữ số")
        await look_at(page, "ghi-danh-nguoi-moi", rules=True)
        await expect(page.get_by_label("Họ và tên")).to_have_value("Hồ Thị Mới")
        await expect(page.locator("[data-bulk-count]")).to_have_text(str(PEOPLE + 1))
        await page.get_by_label("Năm sinh").fill("1960")
        await page.get_by_label("Đồng ý nhận tin nhắn").check()
        await page.get_by_role("button", name="Thêm và chọn người này").click()
        await expect(page.get_by_role("status")).to_contain_text("Đã thêm Hồ Thị Mới")
        await expect(page.locator("[data-bulk-count]")).to_have_text(str(PEOPLE + 2))
        await page.get_by_role("button", name=f"Ghi danh {PEOPLE + 2}").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text(
            f"Đã ghi danh {PEOPLE + 2} người, ai cũng có chỗ"
        )
    async with site.sessions() as db:
        new = select(Learner.birth_year).where(Learner.full_name == "Hồ Thị Mới")
        assert await db.scalar(new) == 1960


async def tab_to(target: Locator, person: Clicks) -> None:
    """Press Tab until `target` has the focus."""
    for _press in range(200):
        if await target.evaluate("each => each === document.activeElement"):
            return
        await person.key("Tab")
    raise AssertionError("not reached by Tab")
