"""A coordinator imports the ward's teams and keeps them up to date."""

from lopso.application import reference
from lopso.kernel.access import Role
from lopso.kernel.paths import shipped
from tests.factories import NOON, add_user
from tests.journeys.conftest import Site, look_at

LIST = shipped("data") / "example" / "phu-xuan" / "to-cong-nghe-so.xlsx"


async def test_a_coordinator_imports_teams_and_keeps_them(site: Site) -> None:
    async with site.sessions.begin() as db:
        await reference.load(db, now=NOON)
        await add_user(db, (Role.COORDINATOR, "19753"), email="ha@example.org")

    async with site.person("ha@example.org") as page:
        await page.goto("/nguoi-day/19753")
        await look_at(page, "nguoi-day-trong")
        await page.get_by_role("link", name="Nhập danh sách").first.click()
        await page.get_by_label("Tệp danh sách tổ, đội").set_input_files(LIST)
        await page.get_by_role("button", name="Đọc tệp").click()
        await page.get_by_role("heading", name="Xem lại trước khi lưu").wait_for()
        await look_at(page, "nhap-to-doi-xem-lai")
        await page.get_by_role("button", name="Lưu 123 người").click()
        await page.get_by_role("heading", name="Đã lưu 123 người").wait_for()
        await look_at(page, "nhap-to-doi-xong")

        await page.get_by_role("link", name="Xem tổ, đội").click()
        await look_at(page, "to-doi")
        await page.get_by_role("link", name="Tổ CNSCĐ TDP 10").click()
        await page.get_by_label("Tìm người để thêm").last.fill("huynh van duc")
        await page.get_by_role("button", name="Tìm").last.click()
        await page.get_by_role("button", name="Thêm Huỳnh Văn Đức").click()
        await page.get_by_text("Đã lưu thành viên").wait_for()
        await look_at(page, "to-doi-mot")

        await page.goto("/nguoi-day/19753")
        await look_at(page, "nguoi-day")
        await page.get_by_label("Tìm người hướng dẫn", exact=True).last.fill("hoang huu manh")
        await page.get_by_role("button", name="Tìm").last.click()
        await page.get_by_role("link", name="Hoàng Hữu Mạnh").click()
        await page.get_by_role("button", name="Xem số").click()
        await page.get_by_role("link", name="0895 817 640").wait_for()
        await look_at(page, "nguoi-day-mot")
        await page.get_by_role("button", name="Tạo tài khoản").click()
        await page.get_by_label("Đường dẫn mời").wait_for()
        await look_at(page, "nguoi-day-tai-khoan")
        await page.get_by_role("link", name="Sửa thông tin").click()
        await look_at(page, "nguoi-day-sua")
        await page.get_by_label("Họ và tên").fill("")
        await page.get_by_label("Số điện thoại").fill("09")
        await page.get_by_label("Họ và tên").evaluate("each => each.removeAttribute('required')")
        await page.get_by_role("button", name="Lưu thông tin").click()
        await page.get_by_text("Xin ghi họ tên.").first.wait_for()
        await look_at(page, "nguoi-day-sua-sai")
        await page.goto("/nguoi-day/19753/to/moi")
        await look_at(page, "to-doi-moi")
