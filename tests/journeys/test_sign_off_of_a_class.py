"""Sign-off of a class: 25 people × 3 skills of one session, with exceptions, presses counted."""

from uuid import uuid4

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import select

from accounts.service import grant_role
from competency.models import SignOff, SignOffEvidence
from competency.service.demonstrations import ObservedSkill, record_demonstrations
from lopso.kernel.access import Role
from tests.classroom import WARD, Classroom, add_classroom
from tests.competency.evidence import MINUTE, came_and_showed
from tests.factories import NOON, TEST
from tests.journeys.clicks import Clicks, at_most
from tests.journeys.conftest import Site, look_at
from tests.journeys.test_roll_call import NAMES

MOST_PRESSES = 6
"""For 75 sign-offs with two exceptions."""

EXCEPTIONS = ((0, 1), (7, 2))
"""(place in the class, place of the skill) not signed."""


async def class_that_showed(site: Site) -> Classroom:
    """25 people who showed three skills to the helper."""
    async with site.sessions.begin() as db:
        room = await add_classroom(db, NAMES)
        room.skills[2].name_vi = "Đánh giá dữ liệu, thông tin và nội dung trên môi trường Internet"
        for learner in room.learners:
            await came_and_showed(db, room, learner, skills=(0, 1, 2))
        return room


def address() -> str:
    return f"/xac-nhan/{WARD}"


def value(room: Classroom, place: int, skill: int) -> str:
    return f"{room.learners[place].id}:{room.skills[skill].id}"


def expected(room: Classroom) -> set[tuple[int, int]]:
    left = {(room.learners[place].id, room.skills[skill].id) for place, skill in EXCEPTIONS}
    return {(each.id, skill.id) for each in room.learners for skill in room.skills} - left


async def signed(site: Site, room: Classroom) -> set[tuple[int, int]]:
    """What stands, each by the assessor on what the helper observed."""
    async with site.sessions() as db:
        rows = await db.execute(
            select(SignOff.learner_id, SignOff.skill_id, SignOff.signed_by, SignOffEvidence.observed_by)
            .join(SignOffEvidence, SignOffEvidence.sign_off_id == SignOff.id)
            .where(SignOff.revoked_at.is_(None))
        )
        found = [(*row,) for row in rows]
    assert {(by, observer) for _learner, _skill, by, observer in found} <= {
        (room.assessor.id, room.helper.id)
    }
    return {(learner, skill) for learner, skill, _by, _observer in found}


async def untick(person: Clicks, room: Classroom) -> None:
    for place, skill in EXCEPTIONS:
        await person.press(person.page.locator(f"input[value='{value(room, place, skill)}']"))


async def expect_result(page: Page) -> None:
    await expect(page.locator("#flash")).to_contain_text("Đã xác nhận 73 kỹ năng cho 25 người.")
    await expect(page.locator(".subtitle")).to_contain_text("2 người có kỹ năng chờ xác nhận")


@pytest.mark.parametrize("phone", [True, False])
async def test_class_is_signed_off_in_few_presses(site: Site, phone: bool) -> None:
    room = await class_that_showed(site)
    async with site.person("lanh@example.org", phone=phone) as page:
        async with at_most(page, MOST_PRESSES) as person:
            await person.choose(page.get_by_label("Nội dung, lớp hoặc buổi học"), f"buoi-{room.session.id}")
            await page.wait_for_url(f"**/xac-nhan/{WARD}?*buoi-{room.session.id}")
            await expect(page.locator("#f-tu option:checked")).to_contain_text("11h00 thứ Hai 23/11 — 75")
            await person.press(page.get_by_role("button", name="Chọn tất cả"))
            await untick(person, room)
            main = page.get_by_role("button", name="Xác nhận các kỹ năng đã chọn (73)")
            await expect(page.get_by_role("button", name="Chọn tất cả")).to_contain_text("73/75")
            await look_at(page, "xac-nhan-ca-lop", rules=phone)
            await person.press(main)
            await expect_result(page)
        assert await signed(site, room) == expected(room)
        await look_at(page, "xac-nhan-ca-lop-xong")
        await page.get_by_role("button", name="Hoàn tác").click()
        await expect(page.locator("#flash")).to_contain_text("Đã hoàn tác 73 xác nhận.")
    assert await signed(site, room) == set()


async def test_class_is_signed_off_without_a_script(site: Site) -> None:
    room = await class_that_showed(site)
    async with site.person("lanh@example.org", phone=True, java_script_enabled=False) as page:
        async with at_most(page, MOST_PRESSES) as person:
            # The page begins with everything that waits in the ward: here that is this class.
            await person.press(page.get_by_role("button", name="Chọn tất cả"))
            await untick(person, room)
            await person.press(page.get_by_role("button", name="Xác nhận các kỹ năng đã chọn"))
            await expect_result(page)
        assert await signed(site, room) == expected(room)
        await page.get_by_label("Nội dung, lớp hoặc buổi học").select_option(f"buoi-{room.session.id}")
        await page.get_by_role("button", name="Tìm", exact=True).click()
        await page.get_by_role("button", name="K2 Chuyển tiền thử").click()
        await expect(page.locator(f"input[value='{value(room, 0, 1)}']")).to_be_checked()
        await page.get_by_role("button", name="Xác nhận các kỹ năng đã chọn").click()
        await expect(page.locator("#flash")).to_contain_text("Đã xác nhận 1 kỹ năng cho 1 người.")


async def test_class_is_signed_off_by_keyboard(site: Site) -> None:
    room = await class_that_showed(site)
    async with site.person("lanh@example.org") as page, at_most(page, MOST_PRESSES) as person:
        await page.get_by_role("button", name="Chọn tất cả").focus()
        await person.key("Space")
        for place, skill in EXCEPTIONS:
            await page.locator(f"input[value='{value(room, place, skill)}']").focus()
            await person.key("Space")
        await page.get_by_role("button", name="Xác nhận các kỹ năng đã chọn (73)").focus()
        await person.key("Enter")
        await expect_result(page)
    assert await signed(site, room) == expected(room)


async def test_one_skill_or_one_person_is_ticked_at_once(site: Site) -> None:
    room = await class_that_showed(site)
    async with site.sessions.begin() as db:
        # The assessor observed one more, better than the helper did.
        await grant_role(db, room.assessor.id, Role.COORDINATOR, WARD, by=TEST, now=NOON)
        session = await room.roll_session(db)
        taken = ObservedSkill(room.learners[2].id, room.skills[0].id, None, uuid4())
        await record_demonstrations(db, session, [taken], by=room.as_helper, now=NOON + 2 * MINUTE)
        seen = ObservedSkill(room.learners[2].id, room.skills[0].id, "alone", uuid4())
        await record_demonstrations(db, session, [seen], by=room.as_assessor, now=NOON + 3 * MINUTE)
    async with site.person("lanh@example.org", phone=True) as page:
        await page.goto(address())
        await expect(page.locator("main")).to_contain_text("1 kỹ năng do chính bạn quan sát")
        main = page.get_by_role("button", name="Xác nhận các kỹ năng đã chọn")
        skill = page.get_by_role("button", name="K1 Quét mã QR")
        await expect(skill).to_contain_text("0/24")
        await skill.click()
        await expect(skill).to_have_attribute("aria-pressed", "true")
        await expect(main).to_contain_text("(24)")
        await page.get_by_role("button", name="Chọn cả Bà Nguyễn Văn Bình").click()
        await expect(main).to_contain_text("(26)")
        await skill.click()
        await expect(main).to_contain_text("(2)")
        await look_at(page, "xac-nhan-co-muc-tu-quan-sat")
