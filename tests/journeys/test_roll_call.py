"""The room in a real browser: roll call on a phone, skills, the assessor's queue, certificates."""

from datetime import timedelta

from playwright.async_api import Page, Route, expect
from sqlalchemy import select

from attendance.models import AttendanceMark
from attendance.queries import roll
from tests.classroom import WARD, Classroom, add_classroom, add_learner, add_session
from tests.competency.evidence import MINUTE, came_and_showed, certified
from tests.factories import NOON
from tests.journeys.conftest import Site, look_at

NAMES = [
    "Trần Thị Ngọc Ánh",
    "Nguyễn Văn Bình",
    "Công Tằng Tôn Nữ Thị Ngọc Diệp",
    "Lê Thị Gái",
    "Hồ Thị Hường",
    "Nguyễn Phúc Bảo Hưng",
    "Tôn Thất Quỳnh Khánh",
    "Phan Thị Lài",
    "Đặng Thị Lan",
    "Võ Văn Lộc",
    "Nguyễn Thị Ngọc Ưỡn",
    "Huỳnh Thị Mỹ Nghiêm",
    "Trương Thị Nhạn",
    "Lê Quang Phước",
    "Đỗ Thị Kim Phượng",
    "Bùi Văn Quý",
    "Nguyễn Hữu Sang",
    "Hoàng Thị Sen",
    "Phạm Thị Thuý",
    "Ngô Thị Thanh Thủy",
    "Cao Văn Tường",
    "Nguyễn Đình Hoàng Vũ Nguyên",
    "Mai Thị Xuân",
    "Trần Thị Xuyến",
    "Nguyễn Thị Hoàng Yến",
]


async def classroom(site: Site) -> Classroom:
    """25 elders, four skills with the framework's longest names."""
    async with site.sessions.begin() as db:
        room = await add_classroom(db, NAMES, skills=4)
        room.skills[1].name_vi = "Sử dụng công nghệ số để thực hiện trách nhiệm công dân"
        room.skills[3].name_vi = "Đánh giá dữ liệu, thông tin và nội dung trên môi trường Internet"
        await db.flush()
        return room


def address(room: Classroom) -> str:
    return f"/buoi/{room.session.id}/diem-danh"


async def marks(site: Site, room: Classroom) -> dict[str, str]:
    async with site.sessions() as db:
        return {row.name: row.mark for row in await roll(db, room.session.id) if row.mark}


def row(page: Page, room: Classroom, place: int):
    return page.locator(f"#hv-{room.learners[place].id}")


async def test_the_helper_calls_the_roll_on_a_phone(site: Site) -> None:
    room = await classroom(site)
    async with site.person("phuoc@example.org", phone=True) as page:
        await page.goto(address(room))
        await row(page, room, 0).get_by_role("button", name="Có mặt", exact=True).click()
        await expect(page.locator("#roll-count")).to_contain_text("1/25")
        await expect(page.locator("#roll-status")).to_contain_text("Bà Trần Thị Ngọc Ánh: có mặt.")

        await row(page, room, 1).get_by_role("button", name="Vắng", exact=True).click()
        await expect(page.locator("#roll-status")).to_contain_text("Nguyễn Văn Bình: vắng.")
        await page.get_by_role("button", name="Hoàn tác").click()
        await expect(page.locator("#roll-status")).to_contain_text("Đã hoàn tác.")
        assert await marks(site, room) == {"Trần Thị Ngọc Ánh": "present"}

        await row(page, room, 2).locator("summary").click()
        await row(page, room, 2).get_by_role("button", name="Về sớm").click()
        await expect(row(page, room, 2).locator("summary")).to_contain_text("Về sớm")
        await page.get_by_role("button", name="Còn lại: có mặt").click()
        await expect(page.locator("#roll-count")).to_contain_text("25/25")
        await expect(page.get_by_role("button", name="Còn lại: vắng")).to_have_count(0)
        await look_at(page, "diem-danh")

    assert (await marks(site, room))["Công Tằng Tôn Nữ Thị Ngọc Diệp"] == "left_early"


async def test_quick_presses_on_a_slow_line_end_with_the_last(site: Site) -> None:
    room = await classroom(site)
    async with site.person("phuoc@example.org", phone=True) as page:
        await page.goto(address(room))

        async def slowly(route: Route) -> None:
            await page.wait_for_timeout(400)
            await route.continue_()

        await page.route(f"**{address(room)}", slowly)
        anh = row(page, room, 0)
        for word in ("Có mặt", "Vắng", "Muộn", "Có mặt", "Vắng"):
            await anh.get_by_role("button", name=word, exact=True).click()
        await expect(anh.get_by_role("button", name="Vắng", exact=True)).to_have_attribute(
            "aria-pressed", "true", timeout=10_000
        )
        await page.wait_for_timeout(1500)
        await expect(page.locator("#roll-status")).to_contain_text("vắng")

    assert await marks(site, room) == {"Trần Thị Ngọc Ánh": "absent"}


async def test_skills_are_recorded_by_person_and_by_skill(site: Site) -> None:
    room = await classroom(site)
    async with site.sessions.begin() as db:
        for learner in room.learners[:4]:
            await room.mark(db, learner)
    async with site.person("phuoc@example.org", phone=True) as page:
        await page.goto(address(room))
        anh = row(page, room, 0)
        await anh.locator("summary").click()
        await anh.get_by_role("link", name="Kỹ năng 0/4").click()
        await anh.get_by_role("button", name="Tự làm được").first.click()
        await expect(anh.get_by_role("button", name="Tự làm được").first).to_have_attribute(
            "aria-pressed", "true"
        )
        await look_at(page, "diem-danh-ky-nang-mot-nguoi")
        await anh.get_by_role("link", name="Gấp lại").click()
        await expect(anh.get_by_role("link", name="Gấp lại")).to_have_count(0)
        await anh.locator("summary").click()
        await expect(anh.get_by_role("link", name="Kỹ năng 1/4")).to_be_visible()

        await page.get_by_label("Đang ghi").select_option(str(room.skills[1].id))
        await expect(page.get_by_role("heading", level=1)).to_contain_text("Sử dụng công nghệ số")
        await row(page, room, 1).get_by_role("button", name="Có người giúp").click()
        await expect(page.locator("#roll-status")).to_contain_text("có người giúp")
        await expect(row(page, room, 5).get_by_role("button")).to_have_count(0)
        await look_at(page, "diem-danh-mot-ky-nang")
        await page.get_by_role("button", name="Hoàn tác").click()
        await expect(page.locator("#roll-status")).to_contain_text("Đã hoàn tác.")
        await expect(row(page, room, 1).locator('[aria-pressed="true"]')).to_have_count(0)


async def test_the_keyboard_alone_marks_and_keeps_its_place(site: Site) -> None:
    room = await classroom(site)
    async with site.person("phuoc@example.org") as page:
        await page.goto(address(room))
        first = f"m-{room.learners[0].id}"
        await page.locator(f"#{first}-present").focus()
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.locator("#roll-status")).to_contain_text("đến muộn")
        await page.wait_for_function("id => document.activeElement.id === id", arg=f"{first}-late")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Space")
        await expect(page.locator("#roll-status")).to_contain_text("vắng")

    assert await marks(site, room) == {"Trần Thị Ngọc Ánh": "absent"}


async def test_without_a_script_the_same_is_done_with_whole_pages(site: Site) -> None:
    room = await classroom(site)
    async with site.person("phuoc@example.org", phone=True, java_script_enabled=False) as page:
        await page.goto(address(room))
        await row(page, room, 3).get_by_role("button", name="Vắng", exact=True).click()
        await expect(row(page, room, 3).get_by_role("button", name="Vắng", exact=True)).to_have_attribute(
            "aria-pressed", "true"
        )
        await page.get_by_role("button", name="Hoàn tác").click()
        assert await marks(site, room) == {}
        await page.get_by_role("button", name="Còn lại: có mặt").click()
        await row(page, room, 0).locator("summary").click()
        await row(page, room, 0).get_by_role("link", name="Kỹ năng").click()
        await row(page, room, 0).get_by_role("button", name="Dạy lại được").first.click()
        await expect(row(page, room, 0).get_by_role("button", name="Dạy lại được").first).to_have_attribute(
            "aria-pressed", "true"
        )
        await page.get_by_role("link", name="Người mới đến").click()
        await page.get_by_label("Họ và tên").fill("Lê Văn Vinh")
        await page.get_by_label("Không có điện thoại").check()
        await page.get_by_role("button", name="Ghi có mặt").click()
        await expect(page.locator("#roll-count")).to_contain_text("26/26")
        await page.get_by_role("link", name="Cả lớp").click()
        await page.get_by_label("Điểm danh Bà Lê Thị Gái").select_option("Vắng")
        await page.get_by_role("button", name="Lưu cả lớp").click()
        await expect(page.locator("#roll-count")).to_contain_text("25/26")


async def test_a_walk_in_is_found_while_typing(site: Site) -> None:
    room = await classroom(site)
    async with site.sessions.begin() as db:
        known = await add_learner(db, "Hồ Thị Minh Nguyệt", phone="+84912345678")
    async with site.person("phuoc@example.org", phone=True) as page:
        await page.goto(f"{address(room)}/nguoi-moi")
        await page.get_by_label("Họ và tên").press_sequentially("minh ng")
        await expect(page.get_by_role("button", name="Đúng người này")).to_be_visible()
        await look_at(page, "nguoi-moi-den")
        await page.get_by_label("Họ và tên").press("Enter")  # must not pick the first one found
        await expect(page.locator(".error-summary")).to_contain_text("số điện thoại")
        await page.get_by_role("button", name="Đúng người này").click()
        await expect(page.locator(f"#hv-{known.id}")).to_contain_text("mới đến")

    async with site.sessions() as db:
        assert (await db.scalars(select(AttendanceMark.learner_id))).all() == [known.id]


async def test_assessor_and_coordinator_confirm_and_certify(site: Site) -> None:
    room = await classroom(site)
    anh, binh, diep = room.learners[:3]
    async with site.sessions.begin() as db:
        await came_and_showed(db, room, anh, skills=(0, 1, 3))
        await came_and_showed(db, room, binh, level="with_help")
        await came_and_showed(db, room, diep)
        await room.mark(db, diep, "absent", at=NOON + 5 * MINUTE)
    async with site.person("lanh@example.org") as page:
        await page.goto(f"/xac-nhan/{WARD}")
        await expect(page.locator("main")).not_to_contain_text("Diệp")
        await look_at(page, "xac-nhan")
        for box in await page.get_by_role("checkbox", disabled=False).all():
            await box.check()
        await page.get_by_role("button", name="Xác nhận các kỹ năng đã chọn").click()
        await expect(page.locator("#flash")).to_contain_text("Đã xác nhận 4 kỹ năng cho 2 người.")
        await expect(page.locator("main")).to_contain_text("Không còn kỹ năng nào chờ xác nhận")
    async with site.person("ha@example.org") as page:
        await page.goto(f"/nguoi-hoc/{WARD}/{anh.id}")
        await look_at(page, "nguoi-hoc")
        await page.get_by_role("link", name="Cấp chứng nhận").click()
        await look_at(page, "cap-chung-nhan")
        await page.get_by_role("button", name="Cấp chứng nhận").click()
        await expect(page.get_by_role("article")).to_contain_text("Bà Trần Thị Ngọc Ánh")
        await look_at(page, "chung-nhan")
        await page.get_by_role("link", name="Xem trang kiểm tra").click()
        await expect(page.locator(".verdict")).to_contain_text("Chứng nhận có hiệu lực")
        await look_at(page, "kiem-tra-hieu-luc")
        await page.goto(f"/nguoi-hoc/{WARD}/{diep.id}")
        await expect(page.locator(".timeline")).to_contain_text("Cần xem lại")
        await look_at(page, "nguoi-hoc-can-xem-lai")


async def test_pages_that_only_say_something(site: Site) -> None:
    room = await classroom(site)
    async with site.sessions.begin() as db:
        certificate = await certified(db, room, room.learners[0])
        later = await add_session(db, None, starts_at=NOON + timedelta(days=1))
        called_off = await add_session(db, None, starts_at=NOON - timedelta(days=1))
        called_off.cancelled_at, called_off.cancel_reason = NOON, "Mưa lớn, đường ngập"
        empty = await add_session(db, None, starts_at=NOON - timedelta(hours=5))
    async with site.person("ha@example.org") as page:
        for session, name in ((later, "chua-den-gio"), (called_off, "da-huy"), (empty, "khong-co-ai")):
            await page.goto(f"/buoi/{session.id}/diem-danh")
            await look_at(page, f"diem-danh-{name}")
        await page.goto(f"{address(room)}/ca-lop")
        await look_at(page, "diem-danh-ca-lop")
        await page.goto(f"/chung-nhan/{certificate.id}")
        await page.get_by_text("Thu hồi chứng nhận").first.click()
        await look_at(page, "chung-nhan-thu-hoi")
    async with site.visitor(phone=True) as page:
        await page.goto("/kiem-tra")
        await look_at(page, "kiem-tra")
        await page.get_by_label("Số chứng nhận").fill("abc")
        await page.get_by_role("button", name="Kiểm tra").click()
        await expect(page.locator(".error-summary")).to_contain_text("16 chữ và số")
        await look_at(page, "kiem-tra-sai")
        await page.goto("/kiem-tra/0000-0000-0000-0000")
        await look_at(page, "kiem-tra-khong-thay")
