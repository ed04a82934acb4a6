"""Logging in and the list of accounts, as people meet them."""

from playwright.async_api import expect

from lopso.application import reference
from lopso.kernel.access import Role
from tests.factories import NOON, add_user
from tests.journeys.conftest import Site, look_at


async def test_new_account_logs_in(site: Site) -> None:
    async with site.sessions.begin() as db:
        await reference.load(db, now=NOON)
        await add_user(db, (Role.CITY_ADMIN, None), name="Trần Quốc Toàn", email="toan@example.org")

    async with site.visitor() as stranger:
        await stranger.goto("/tai-khoan")
        await stranger.get_by_role("button", name="Đăng nhập").click()
        await look_at(stranger, "dang-nhap")

    async with site.person("toan@example.org") as admin:
        await admin.goto("/tai-khoan")
        await look_at(admin, "tai-khoan")
        await admin.get_by_label("Họ và tên").fill("Công Tằng Tôn Nữ Thị Ngọc Ưỡn")
        await admin.get_by_label("Số điện thoại").fill("0912 345 678")
        await admin.get_by_label("Vai trò", exact=True).last.select_option(label="Cán bộ điều phối")
        await admin.get_by_label("Ở đâu").last.select_option(label="Phường Phú Xuân")
        await admin.get_by_role("button", name="Thêm và tạo đường dẫn mời").click()
        link = await admin.get_by_label("Đường dẫn mời").input_value()
        await look_at(admin, "tai-khoan-da-them")

    async with site.visitor(phone=True) as invited:
        await invited.goto(link)
        await invited.get_by_label("Mật khẩu mới").fill("12345678")
        await invited.get_by_role("button", name="Lưu mật khẩu").click()
        await look_at(invited, "dat-mat-khau-de-doan")
        await invited.get_by_label("Mật khẩu mới").fill("qua cầu Trường Tiền")
        await invited.get_by_role("button", name="Lưu mật khẩu").click()
        await invited.get_by_label("E-mail hoặc số điện thoại").fill("0912345678")
        await invited.get_by_label("Mật khẩu", exact=True).fill("qua cầu Trường Tiền")
        await invited.get_by_role("button", name="Đăng nhập").click()
        await invited.wait_for_url("**/lich/19753")


async def test_password_is_shown_while_typing_when_asked(site: Site) -> None:
    async with site.visitor(phone=True) as page:
        await page.goto("/dang-nhap")
        field = page.get_by_label("Mật khẩu", exact=True)
        await field.fill("qua cầu Trường Tiền")
        assert await field.get_attribute("type") == "password"
        await field.press("Tab")
        await page.keyboard.press("Space")
        assert await field.get_attribute("type") == "text"
        await look_at(page, "dang-nhap-hien-mat-khau")
        await page.get_by_label("Hiện mật khẩu").uncheck()
        assert await field.get_attribute("type") == "password"

    async with site.visitor(java_script_enabled=False) as page:
        await page.goto("/dang-nhap")
        await expect(page.get_by_label("Hiện mật khẩu")).to_be_hidden()
