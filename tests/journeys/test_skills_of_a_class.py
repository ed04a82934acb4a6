"""Skills of a class on a phone: one press for everybody left, exceptions, counts at once, presses counted."""

import pytest
from playwright.async_api import Locator, Page, expect
from sqlalchemy import select

from competency.models import Demonstration
from tests.classroom import Classroom, add_classroom
from tests.journeys.clicks import Clicks, at_most
from tests.journeys.conftest import Site, look_at
from tests.journeys.test_roll_call import NAMES, address, row

PEOPLE = 21
MOST_PRESSES = 12
"""For the skills of 21 people × 3, with three exceptions."""

EXCEPTIONS = {0: "Dạy lại được", 3: "Có người giúp", 7: "Có người giúp"}
"""Place in the class → the level of the first skill."""

WORDS = {"Dạy lại được": "can_teach", "Có người giúp": "with_help"}

VISIBLE = """
() => {
  const below = document.querySelector(".count-bar").getBoundingClientRect().bottom;
  const above = document.querySelector(".roll-bar").getBoundingClientRect().top;
  return [...document.querySelectorAll(".roll > li")].filter(row => {
    const {top, bottom} = row.getBoundingClientRect();
    return top >= below - 1 && bottom <= above + 1;
  }).length;
}
"""
SMALL = """
() => [...document.querySelectorAll(".mark, .level, .marks-more > summary, .roll-bar :is(button, .button)")]
.filter(one => {
  const {width, height} = one.getBoundingClientRect();
  return one.checkVisibility() && (width < 47.5 || height < 47.5);
}).map(one => one.textContent.trim())
"""
BEYOND_A_THUMB = """
() => [...document.querySelectorAll(".roll .mark")].filter(one => one.checkVisibility()).filter(one => {
  const {left, right} = one.getBoundingClientRect();
  return left < 0 || right > innerWidth;
}).length
"""


async def class_that_came(site: Site) -> Classroom:
    """21 people, all present, three skills."""
    async with site.sessions.begin() as db:
        room = await add_classroom(db, NAMES[:PEOPLE])
        for learner in room.learners:
            await room.mark(db, learner)
        return room


async def recorded(site: Site) -> dict[tuple[int, int], str]:
    async with site.sessions() as db:
        rows = await db.execute(
            select(Demonstration.learner_id, Demonstration.skill_id, Demonstration.level).where(
                Demonstration.voided_at.is_(None)
            )
        )
        return {(row.learner_id, row.skill_id): row.level for row in rows}


def expected(room: Classroom) -> dict[tuple[int, int], str]:
    levels = {(each.id, skill.id): "alone" for each in room.learners for skill in room.skills}
    first = room.skills[0].id
    return levels | {(room.learners[place].id, first): WORDS[word] for place, word in EXCEPTIONS.items()}


async def record_everything(person: Clicks, room: Classroom, *, scripted: bool) -> None:
    """The first skill with its exceptions, then each next one."""
    page = person.page
    await person.press(page.get_by_role("link", name="Ghi kỹ năng"))
    for place, word in EXCEPTIONS.items():
        await person.press(row(page, room, place).get_by_role("button", name=word))
        await expect(
            row(page, room, place).get_by_role("button", name=word, exact=scripted)
        ).to_have_attribute("aria-pressed", "true")
    for number in range(3):
        if number:
            await person.press(page.get_by_role("link", name="Kỹ năng tiếp"))
        await person.press(page.get_by_role("button", name="Còn lại: tự làm được"))
        await expect(page.locator("#roll-count")).to_contain_text("21/21")
        await expect(page.get_by_label("Đang ghi").locator("option:checked")).to_contain_text("21/21")


@pytest.mark.parametrize("phone", [True, False])
async def test_skills_of_a_class_take_few_presses(site: Site, phone: bool) -> None:
    room = await class_that_came(site)
    async with site.person("phuoc@example.org", phone=phone) as page:
        await page.goto(address(room))
        await look_at(page, "diem-danh-du")
        async with at_most(page, MOST_PRESSES) as person:
            await record_everything(person, room, scripted=True)
        await look_at(page, "ky-nang-ca-lop", rules=phone)
    assert await recorded(site) == expected(room)


async def test_skills_of_a_class_without_a_script(site: Site) -> None:
    room = await class_that_came(site)
    async with site.person("phuoc@example.org", phone=True, java_script_enabled=False) as page:
        await page.goto(address(room))
        async with at_most(page, MOST_PRESSES) as person:
            await record_everything(person, room, scripted=False)
        await page.get_by_label("Đang ghi").select_option(str(room.skills[0].id))
        await page.get_by_role("button", name="Xem").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Quét mã QR")
        await row(page, room, 1).get_by_role("button", name="Có người giúp").click()
        await page.get_by_role("button", name="Hoàn tác").click()
        await expect(page.locator("#flash")).to_contain_text("Đã hoàn tác.")
    assert await recorded(site) == expected(room)


async def test_skills_of_a_class_by_keyboard(site: Site) -> None:
    room = await class_that_came(site)
    async with site.person("phuoc@example.org") as page:
        await page.goto(address(room))
        async with at_most(page, MOST_PRESSES) as person:
            await page.get_by_role("link", name="Ghi kỹ năng").focus()
            await person.key("Enter")
            await expect(page.get_by_role("heading", level=1)).to_have_text("Quét mã QR")
            for place, word in EXCEPTIONS.items():
                await row(page, room, place).get_by_role("button", name=word).focus()
                await person.key("Space")
                await has_focus(page, f"#hv-{room.learners[place].id} [aria-pressed=true]")
            for number in range(3):
                if number:
                    await person.key("Enter")  # the focus went on to "next skill" by itself
                    await expect(page.locator("#roll-count")).to_contain_text("0/21")
                await page.get_by_role("button", name="Còn lại: tự làm được").focus()
                await person.key("Enter")
                await expect(page.locator("#roll-count")).to_contain_text("21/21")
                await has_focus(page, "#roll-rest a")
    assert await recorded(site) == expected(room)


async def tap(target: Locator) -> None:
    """Press where it is: Playwright's own click scrolls to a place that a thumb need not scroll to."""
    box = await target.bounding_box()
    assert box is not None
    await target.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


async def has_focus(page: Page, selector: str) -> None:
    await page.wait_for_function(
        "selector => document.activeElement.matches(selector)", arg=selector, timeout=5000
    )


async def test_undo_of_the_press_keeps_scroll_and_drop_down(site: Site) -> None:
    room = await class_that_came(site)
    async with site.person("phuoc@example.org", phone=True) as page:
        await page.goto(address(room))
        await page.get_by_label("Đang ghi").focus()
        await page.get_by_label("Đang ghi").select_option(str(room.skills[1].id))
        await expect(page.get_by_role("heading", level=1)).to_have_text("Chuyển tiền thử")
        await has_focus(page, "#roll-view")
        assert page.url.endswith(f"?ky_nang={room.skills[1].id}")
        await row(page, room, 10).scroll_into_view_if_needed()
        before = await page.evaluate("scrollY")
        await tap(page.get_by_role("button", name="Còn lại: tự làm được"))
        await expect(page.locator("#roll-status")).to_contain_text("Đã ghi 21 người: tự làm được.")
        assert await page.evaluate("scrollY") == before > 0
        await tap(page.get_by_role("button", name="Hoàn tác"))
        await expect(page.locator("#roll-status")).to_contain_text("Đã hoàn tác cho 21 người.")
        await expect(page.get_by_label("Đang ghi").locator("option:checked")).to_contain_text("0/21")
        assert await page.evaluate("scrollY") == before
        await page.go_back()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Điểm danh")
    assert await recorded(site) == {}


@pytest.mark.parametrize("scripted", [True, False])
async def test_other_level_of_the_rest_takes_two_presses_and_undo(site: Site, scripted: bool) -> None:
    room = await class_that_came(site)
    skill = room.skills[1]
    async with site.person("phuoc@example.org", phone=True, java_script_enabled=scripted) as page:
        await page.goto(f"{address(room)}?ky_nang={skill.id}")
        await row(page, room, 0).get_by_role("button", name="Tự làm được").click()
        await expect(page.locator("#roll-count b")).to_have_text("1/21")
        async with at_most(page, 2) as person:
            await person.press(page.locator("#roll-rest summary", has_text="Mức khác"))
            if scripted:
                assert await page.evaluate(SMALL) == []
                await look_at(page, "ky-nang-muc-khac", rules=True)
            await person.press(page.get_by_role("button", name="Còn lại: có người giúp"))
            await expect(page.locator("#roll-count")).to_contain_text("21/21")
        await expect(page.locator("#roll-rest summary")).to_have_count(0)
        levels = await recorded(site)
        await page.get_by_role("button", name="Hoàn tác").click()
        await expect(page.locator("#roll-count b")).to_have_text("1/21")
    first = {(room.learners[0].id, skill.id): "alone"}
    assert levels == {(each.id, skill.id): "with_help" for each in room.learners} | first
    assert await recorded(site) == first


async def test_other_level_of_the_rest_is_chosen_by_keyboard(site: Site) -> None:
    room = await class_that_came(site)
    async with site.person("phuoc@example.org") as page:
        await page.goto(f"{address(room)}?ky_nang={room.skills[0].id}")
        await page.locator("#roll-rest summary").focus()
        async with at_most(page, 2) as person:
            await person.key("Enter")
            await person.key("Tab")
            await person.key("Tab")
            await has_focus(page, "[name=rest_skill][value$=can_teach]")
            await person.key("Enter")
            await expect(page.locator("#roll-count")).to_contain_text("21/21")
        await has_focus(page, "#roll-rest a")
    assert set((await recorded(site)).values()) == {"can_teach"}


async def test_sheet_of_a_class_folds_skills_on_a_phone(site: Site) -> None:
    room = await class_that_came(site)
    anh, skill = room.learners[0], room.skills[1]
    async with site.person("phuoc@example.org", phone=True, java_script_enabled=False) as page:
        await page.goto(f"{address(room)}/ca-lop")
        level = page.get_by_label(f"{skill.name_vi}, Bà {anh.full_name}")
        await expect(level).to_be_hidden()
        assert await page.evaluate("document.documentElement.scrollHeight") < 140 * PEOPLE
        await page.get_by_text("Kỹ năng 0/3").first.click()
        await level.select_option("can_teach")
        await page.get_by_role("button", name="Lưu cả lớp").click()
        await expect(page.locator("#flash")).to_contain_text("Đã lưu 1 thay đổi.")
    assert await recorded(site) == {(anh.id, skill.id): "can_teach"}
    async with site.person("phuoc@example.org", phone=True) as page:
        await page.goto(f"{address(room)}/ca-lop")
        await page.get_by_text("Kỹ năng 1/3").click()
        await look_at(page, "diem-danh-ca-lop-mo", rules=True)


async def test_four_people_are_visible_on_a_phone_with_marks_for_a_thumb(site: Site) -> None:
    async with site.sessions.begin() as db:
        room = await add_classroom(db, NAMES)
    async with site.person("phuoc@example.org", phone=True) as page:
        await page.goto(address(room))
        assert await page.evaluate(VISIBLE) >= 4
        assert await page.evaluate(SMALL) == []
        assert await page.evaluate(BEYOND_A_THUMB) == 0
        await expect(page.get_by_role("link", name="Cả lớp")).to_be_in_viewport(ratio=1)
        await row(page, room, 4).locator("summary").click()
        assert await page.evaluate(SMALL) == []
        await page.mouse.wheel(0, 900)
        await expect(page.locator("#roll-count")).to_be_in_viewport(ratio=1)
        await expect(page.get_by_role("button", name="Còn lại: có mặt")).to_be_in_viewport(ratio=1)
        assert await page.evaluate(VISIBLE) >= 5
        await page.get_by_role("button", name="Còn lại: có mặt").click()
        await expect(page.locator("#roll-count")).to_contain_text("25/25")
        await page.get_by_role("link", name="Ghi kỹ năng").click()
        assert await page.evaluate(VISIBLE) >= 4
        assert await page.evaluate(SMALL) == []
