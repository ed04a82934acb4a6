"""Tuesday's class goes to Thursday for the rest of the term."""

from datetime import date

from sqlalchemy import select

from lopso.kernel.clock import local
from scheduling.models import ClassSession
from scheduling.rules.plan import SessionChange
from scheduling.service.changes import change_session
from scheduling.service.sessions import publish_sessions
from tests.classroom import add_learner, enrol
from tests.factories import NOON
from tests.journeys.clicks import at_most
from tests.journeys.conftest import Site, look_at
from tests.planning import WARD, add_planning, add_trainer, assign
from tests.scheduling.series_changes import tuesdays
from wordings.service.shipped import load_wordings


async def seed(site: Site) -> int:
    """Eight Tuesdays with a learner and a helper, the third moved to a Wednesday; the id of the series."""
    async with site.sessions.begin() as db:
        here = await add_planning(db)
        await load_wordings(db, by=here.by, now=NOON)
        sessions = await tuesdays(db, here, meetings=8)
        learner, helper = await add_learner(db, "Trần Thị Ánh", phone="+84905123456"), await add_trainer(db)
        for each in sessions:
            await enrol(db, each, learner)
            await assign(db, each, helper)
        await publish_sessions(db, [each.id for each in sessions], by=here.by, now=NOON)
        change = SessionChange(day=date(2026, 12, 23))
        await change_session(db, sessions[2].id, change, by=here.by, now=NOON)
        return sessions[0].series_id or 0


async def days(site: Site) -> list[str]:
    async with site.sessions() as db:
        found = await db.scalars(select(ClassSession).order_by(ClassSession.original_start))
        return [f"{local(each.starts_at):%a %d/%m}" for each in found]


async def test_tuesday_goes_to_thursday_for_the_rest_of_term(site: Site) -> None:
    series = await seed(site)
    async with site.person("ha@example.org") as page:
        await page.goto(f"/lich/{WARD}/chuoi/{series}")
        async with at_most(page, 5) as person:
            await person.press(page.get_by_role("link", name="Sửa, dời các buổi tới"))
            await page.wait_for_url("**/sua?**")
            await look_at(page, "chuoi-sua")
            await person.choose(page.get_by_label("Chuyển sang thứ"), "3")
            await person.press(page.get_by_role("button", name="Xem trước thay đổi"))
            await page.get_by_text("Tin nhắn sẽ gửi").wait_for()
            await look_at(page, "chuoi-doi-thu")
            await person.press(page.get_by_role("button", name="Lưu thay đổi"))
        await page.get_by_text("Đã đổi 7 buổi.").wait_for()
        await look_at(page, "chuoi-da-doi")
    assert await days(site) == [
        "Thu 10/12",
        "Thu 17/12",
        "Wed 23/12",
        "Thu 31/12",
        "Thu 07/01",
        "Thu 14/01",
        "Thu 21/01",
        "Thu 28/01",
    ]


async def test_weekday_is_changed_without_scripts(site: Site) -> None:
    series = await seed(site)
    async with site.person("ha@example.org", java_script_enabled=False) as page:
        await page.goto(f"/lich/{WARD}/chuoi/{series}")
        await page.get_by_role("link", name="Sửa, dời các buổi tới").click()
        await page.get_by_label("Chuyển sang thứ").select_option("3")
        await page.get_by_role("button", name="Xem trước thay đổi").click()
        await page.get_by_label("thứ Tư 23/12").check()
        await page.get_by_role("button", name="Lưu thay đổi").click()
        await page.get_by_text("Đã đổi 8 buổi.").wait_for()
    assert {day[:3] for day in await days(site)} == {"Thu"}


async def test_series_is_extended_and_ended_early(site: Site) -> None:
    series = await seed(site)
    async with site.person("ha@example.org") as page:
        await page.goto(f"/lich/{WARD}/chuoi/{series}")
        await page.get_by_role("link", name="Thêm buổi").click()
        await look_at(page, "chuoi-them-buoi", rules=True)
        async with at_most(page, 2) as person:
            await person.press(page.get_by_role("button", name="Xem trước các ngày"))
            await look_at(page, "chuoi-them-buoi-xem", rules=True)
            await person.press(page.get_by_role("button", name="Thêm các buổi đã chọn"))
        await page.get_by_text("Đã thêm 4 buổi.").wait_for()
        await page.get_by_role("link", name="Kết thúc sớm").click()
        await page.get_by_label("Ngày học cuối cùng").fill("29/12")
        await page.get_by_label("Lý do").fill("Hết đợt")
        await look_at(page, "chuoi-ket-thuc", rules=True)
        await page.get_by_role("button", name="Xem trước các buổi sẽ hủy").click()
        await look_at(page, "chuoi-ket-thuc-xem", rules=True)
        await page.get_by_role("button", name="Kết thúc chuỗi").click()
        await page.get_by_text("Đã hủy 8 buổi.").wait_for()
        await look_at(page, "chuoi-trang", rules=True)


async def test_change_is_undone_in_one_press_and_by_keyboard(site: Site) -> None:
    series = await seed(site)
    before = await days(site)
    async with site.person("ha@example.org") as page:
        await page.goto(f"/lich/{WARD}/chuoi/{series}")
        for by_keyboard in (False, True):
            await page.get_by_role("link", name="Sửa, dời các buổi tới").click()
            await page.get_by_label("Chuyển sang thứ").select_option("3")
            await page.get_by_role("button", name="Xem trước thay đổi").click()
            await page.get_by_role("button", name="Lưu thay đổi").click()
            undo = page.get_by_role("button", name="Hoàn tác lần đổi này")
            await undo.wait_for()
            await look_at(page, "chuoi-hoan-tac")
            if by_keyboard:
                await undo.focus()
                await page.keyboard.press("Enter")
            else:
                async with at_most(page, 1) as person:
                    await person.press(undo)
            await page.get_by_text("Đã hoàn tác: 7 buổi lại như trước").wait_for()
            assert await days(site) == before


async def test_change_is_undone_without_scripts(site: Site) -> None:
    series = await seed(site)
    before = await days(site)
    async with site.person("ha@example.org", java_script_enabled=False) as page:
        await page.goto(f"/lich/{WARD}/chuoi/{series}")
        await page.get_by_role("link", name="Sửa, dời các buổi tới").click()
        await page.get_by_label("Chuyển sang thứ").select_option("3")
        await page.get_by_role("button", name="Xem trước thay đổi").click()
        await page.get_by_role("button", name="Lưu thay đổi").click()
        await page.goto(f"/lich/{WARD}/chuoi/{series}")
        await page.get_by_role("link", name="Hoàn tác lần đổi gần nhất").click()
        await page.get_by_role("button", name="Hoàn tác lần đổi này").click()
        await page.get_by_text("Đã hoàn tác: 7 buổi lại như trước").wait_for()
    assert await days(site) == before
