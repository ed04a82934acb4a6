"""A coordinator imports a ward's list, corrects it, and keeps it up to date."""

from lopso.application import reference
from lopso.kernel.access import Role
from lopso.kernel.paths import shipped
from tests.factories import NOON, add_user
from tests.journeys.conftest import Site, look_at

LIST = shipped("data") / "example" / "phu-xuan" / "hoc-vien.xlsx"


async def test_a_coordinator_imports_a_list_and_keeps_it(site: Site) -> None:
    async with site.sessions.begin() as db:
        await reference.load(db, now=NOON)
        await add_user(db, (Role.COORDINATOR, "19753"), email="ha@example.org")

    async with site.person("ha@example.org") as page:
        await page.goto("/nguoi-hoc/19753")
        await look_at(page, "nguoi-hoc-trong")
        await page.get_by_role("link", name="Nhập danh sách").first.click()
        await look_at(page, "nhap-nguoi-hoc")

        await page.get_by_label("Tệp danh sách đăng ký").set_input_files(
            {"name": "x.xlsx", "mimeType": "application/octet-stream", "buffer": b"PK\x03\x04 hong"}
        )
        await page.get_by_role("button", name="Đọc tệp").click()
        await page.get_by_text("Tệp này bị hỏng, không đọc được").first.wait_for()
        await look_at(page, "nhap-nguoi-hoc-hong")

        await page.get_by_label("Tệp danh sách đăng ký").set_input_files(LIST)
        await page.get_by_role("button", name="Đọc tệp").click()
        await page.get_by_role("heading", name="Xem lại trước khi lưu").wait_for()
        await look_at(page, "nhap-nguoi-hoc-xem-lai")
        await page.get_by_label("Nhận tin nhắn nhắc lịch học").check()
        await page.get_by_role("button", name="Lưu 323 người").click()
        await page.get_by_role("heading", name="Đã lưu 323 người").wait_for()
        await look_at(page, "nhap-nguoi-hoc-xong")
        async with page.expect_download() as download:
            await page.get_by_role("button", name="Tải các dòng cần xem lại").click()
        assert (await download.value).suggested_filename == "nguoi-hoc-can-xem-lai.xlsx"

        await page.get_by_role("link", name="Xem danh sách").click()
        await look_at(page, "nguoi-hoc")
        await page.get_by_label("Tìm người học", exact=True).last.fill("truong thi phuong")
        await page.get_by_role("button", name="Tìm").last.click()
        await page.get_by_role("link", name="O Trương Thị Phượng").wait_for()
        await look_at(page, "nguoi-hoc-tim")

        await page.goto("/nguoi-hoc/19753/moi")
        await page.get_by_label("Họ và tên").fill("trương thị phượng")
        await page.get_by_label("Năm sinh").fill("1979")
        await page.get_by_label("Số điện thoại").fill("01649 063 703")
        await page.get_by_role("button", name="Thêm người học").click()
        await page.get_by_text("Số 11 chữ số kiểu cũ").first.wait_for()
        await look_at(page, "them-nguoi-hoc-sai")
        await page.get_by_label("Số điện thoại").fill("0831 675 659")
        await page.get_by_role("button", name="Thêm người học").click()
        await page.get_by_text("Có thể người này đã có trong danh sách").first.wait_for()
        await look_at(page, "them-nguoi-hoc-trung")
        await page.get_by_label("Đây là người khác, vẫn lưu").check()
        await page.get_by_role("button", name="Thêm người học").click()
        await page.wait_for_url("**/nguoi-hoc/19753/*")
        await page.goto(page.url + "/sua")
        await look_at(page, "sua-nguoi-hoc")
