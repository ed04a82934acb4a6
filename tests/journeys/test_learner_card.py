"""From the printed card to the learner's own page, read on a phone without JavaScript."""

from datetime import timedelta

from playwright.async_api import Page, Route, expect
from sqlalchemy import select

from notifications.queries.opt_outs import active_opt_outs
from notifications.service.policy import load_policy
from scheduling.models import ClassSession, Enrolment
from tests.classroom import WARD, Classroom, add_classroom
from tests.factories import NOON, TEST, add_enrolment, add_learner, add_session
from tests.journeys.conftest import Site, look_at
from tests.learner_portal.cards import addresses, teach, words
from wordings.service.shipped import load_wordings

SHARED_PHONE = "+84912345678"


async def prepare(site: Site) -> tuple[Classroom, ClassSession]:
    """Bà Hồng showed two skills, one is signed; two more classes come, one person waits for a seat."""
    async with site.sessions.begin() as db:
        room = await add_classroom(db, ["Công Tằng Tôn Nữ Thị Hồng"])
        await load_wordings(db, by=TEST, now=NOON)
        await load_policy(db, by=TEST, now=NOON)
        hong = room.learners[0]
        hong.phone, hong.phone_kind = SHARED_PHONE, "mobile"
        await teach(db, room, hong)
        soon = await add_session(db, title="Thanh toán không dùng tiền mặt", capacity=1)
        later = await add_session(
            db, title="Dịch vụ công trực tuyến", starts_at=soon.starts_at + timedelta(days=7)
        )
        await add_enrolment(db, soon, hong)
        await add_enrolment(db, later, hong)
        await add_enrolment(db, soon, await add_learner(db, "Lê Văn Chờ"), state="waitlisted")
    return room, soon


async def seat_of(site: Site, session: ClassSession, learner_id: int) -> str | None:
    async with site.sessions() as db:
        return await db.scalar(
            select(Enrolment.state).where(
                Enrolment.session_id == session.id, Enrolment.learner_id == learner_id
            )
        )


async def refused(site: Site) -> set[str | None]:
    """Topics about which the shared number wants no texts."""
    async with site.sessions() as db:
        return {each.topic for each in await active_opt_outs(db, SHARED_PHONE)}


async def look_on_both(phone: Page, eyes: Page, name: str) -> None:
    """Both pictures, and axe-core's judgement: axe needs a script, so another browser opens the same page."""
    await eyes.goto("about:blank")  # else the same address with another #place is not fetched anew
    await eyes.goto(phone.url)
    await look_at(eyes, name)


async def printed(page: Page) -> bytes:
    """Press the button; what the printer would get. The browser's own viewer is left out of it."""
    kept: list[bytes] = []

    async def keep(route: Route) -> None:
        if route.request.method != "POST":
            await route.continue_()
            return
        answer = await route.fetch()
        assert answer.headers["content-type"] == "application/pdf"
        kept.append(await answer.body())
        await route.fulfill(body="<p>PDF</p>", content_type="text/html")

    await page.route("**/the*", keep)
    await page.get_by_role("button", name="In thẻ học viên").click()
    await page.get_by_text("PDF", exact=True).wait_for()
    await page.unroute("**/the*")
    [pdf] = kept
    return pdf


async def test_card_opens_the_learner_page_until_it_is_lost(site: Site) -> None:
    room, soon = await prepare(site)
    hong = room.learners[0]
    async with (
        site.person(room.coordinator.email or "", phone=False) as office,
        site.visitor(phone=True, java_script_enabled=False) as phone,
        site.visitor(phone=True) as eyes,
    ):
        await office.goto(f"/nguoi-hoc/{WARD}/{hong.id}")
        pdf = await printed(office)
        assert "Bà Công Tằng Tôn Nữ Thị Hồng" in words(pdf)[0]
        [card] = addresses(pdf)
        await office.goto(f"/nguoi-hoc/{WARD}/{hong.id}")
        await expect(office.get_by_text("Chưa mở trang lần nào.")).to_be_visible()
        await look_at(office, "the-hoc-vien-trang-nguoi-hoc")

        await phone.goto(card)
        await expect(phone.get_by_role("heading", name="Chào bà Hồng")).to_be_visible()
        await look_on_both(phone, eyes, "trang-hoc-vien")

        await phone.get_by_role("button", name="Tôi bận buổi này").first.click()
        await expect(phone.get_by_text("Đã báo bận.")).to_be_visible()
        assert await seat_of(site, soon, hong.id) == "cancelled"
        await look_on_both(phone, eyes, "trang-hoc-vien-bao-ban")

        await phone.get_by_role("button", name="Tôi đi được").click()
        await expect(phone.get_by_text("Lớp đang đủ người, xin chờ chỗ.")).to_be_visible()
        assert await seat_of(site, soon, hong.id) == "waitlisted"

        await phone.get_by_text("Không nhận tin nhắn nữa").click()
        await phone.get_by_role("button", name="Thôi tin nhắc").click()
        await expect(phone.get_by_text("Không nhắn tin nhắc về số 0912 ••• 678 nữa.")).to_be_visible()
        assert await refused(site) == {"reminders"}
        await look_on_both(phone, eyes, "trang-hoc-vien-da-thoi")
        await phone.get_by_role("button", name="Không nhận tin nào nữa").click()
        await expect(phone.get_by_text("Không nhắn tin về số 0912 ••• 678.")).to_be_visible()
        assert await refused(site) == {"reminders", "changes", "results"}
        await phone.get_by_role("button", name="Nhận lại tin nhắn").click()
        assert await refused(site) == set()

        await phone.get_by_role("button", name="Chữ to hơn").click()
        await expect(phone.locator("html.large")).to_be_visible()
        await look_on_both(phone, eyes, "trang-hoc-vien-chu-to")
        await phone.get_by_role("button", name="English").click()
        await expect(phone.locator("html[lang=en]")).to_be_visible()
        await expect(phone.get_by_role("button", name="Tiếng Việt")).to_be_visible()
        await look_on_both(phone, eyes, "trang-hoc-vien-en")

        await office.goto(f"/nguoi-hoc/{WARD}/{hong.id}/the")
        await expect(office.get_by_text("Mở trang lần cuối lúc 12h00 thứ Hai 23/11.")).to_be_visible()
        await office.locator("summary", has_text="Đổi mã").click()
        await look_at(office, "the-hoc-vien-doi-ma")
        await office.locator("form.panel button", has_text="Đổi mã").click()
        await expect(office.get_by_text("Thẻ cũ không mở được trang nữa")).to_be_visible()

        answer = await phone.goto(card)
        assert answer is not None
        assert answer.status == 404
        await expect(phone.get_by_role("heading", name="Không mở được trang này")).to_be_visible()
        await look_on_both(phone, eyes, "trang-hoc-vien-het-han")
        assert await phone.context.cookies() == []


async def test_cards_for_a_class_and_for_a_ward(site: Site) -> None:
    room, soon = await prepare(site)
    async with site.person(room.coordinator.email or "") as office:
        await office.goto(f"/buoi/{soon.id}/ghi-danh")
        await office.get_by_role("link", name="In thẻ học viên").click()
        await expect(office.get_by_text("1 thẻ, 1 tờ A4")).to_be_visible()
        await look_at(office, "the-hoc-vien-ca-lop")
        assert len(addresses(await printed(office))) == 1

        await office.goto(f"/nguoi-hoc/{WARD}")
        await office.get_by_role("link", name="In thẻ học viên").click()
        await office.get_by_label("Chỉ người chưa có thẻ").check()
        await office.get_by_role("button", name="Lọc").click()
        await expect(office.get_by_text("1 thẻ, 1 tờ A4")).to_be_visible()
        await look_at(office, "the-hoc-vien-phuong")
