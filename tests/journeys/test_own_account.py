"""One's own account, a forgotten password and the second factor, as people meet them."""

from dataclasses import replace

from lopso.application import reference
from lopso.kernel.access import Role
from tests.accounts.browser import app_code
from tests.factories import NOON, PASSWORD, add_user
from tests.journeys.conftest import Site, look_at


async def seed(site: Site) -> None:
    async with site.sessions.begin() as db:
        await reference.load(db, now=NOON)
        await add_user(db, (Role.CITY_ADMIN, None), name="Trần Quốc Toàn", email="toan@example.org")
        await add_user(
            db,
            (Role.COORDINATOR, "19753"),
            name="Công Tằng Tôn Nữ Thị Ngọc Ưỡn",
            email="ngoc-uon.cong-tang-ton-nu@phuxuan.example.org",
        )


async def test_second_factor_is_set_up_and_asked_at_log_in(site: Site) -> None:
    await seed(site)
    async with site.person("ngoc-uon.cong-tang-ton-nu@phuxuan.example.org", phone=True) as officer:
        await officer.locator(".account-menu summary").click()
        await officer.get_by_role("link", name="Tài khoản của tôi").click()
        await look_at(officer, "tai-khoan-cua-toi")
        await officer.get_by_role("link", name="Đổi mật khẩu").click()
        await look_at(officer, "doi-mat-khau")
        await officer.goto("/tai-khoan-cua-toi/hai-buoc")
        await officer.get_by_label("Mật khẩu đang dùng").fill(PASSWORD)
        await look_at(officer, "hai-buoc")
        await officer.get_by_role("button", name="Bắt đầu cài").click()
        await officer.get_by_text("Không quét được?").click()
        await look_at(officer, "hai-buoc-cai")
        secret = (await officer.locator(".app-key").inner_text()).replace(" ", "")
        await officer.get_by_label("Mã 6 số").fill("12")
        await officer.get_by_role("button", name="Bật xác thực hai bước").click()
        await look_at(officer, "hai-buoc-sai")
        await officer.get_by_label("Mã 6 số").fill(app_code(secret, site.clock.now))
        await officer.get_by_role("button", name="Bật xác thực hai bước").click()
        await look_at(officer, "ma-du-phong")
        code = await officer.locator(".recovery-codes code").first.inner_text()
        await officer.get_by_role("link", name="Đã cất, đi tiếp").click()
        await officer.goto("/tai-khoan-cua-toi/hai-buoc")
        await look_at(officer, "hai-buoc-dang-bat")

        async with site.visitor() as elsewhere:
            await elsewhere.goto("/dang-nhap")
            await elsewhere.get_by_label("E-mail hoặc số điện thoại").fill(
                "ngoc-uon.cong-tang-ton-nu@phuxuan.example.org"
            )
            await elsewhere.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
            await elsewhere.get_by_role("button", name="Đăng nhập").click()
            await look_at(elsewhere, "nhap-ma")
            await elsewhere.get_by_label("Mã 6 số").fill(code)
            await elsewhere.get_by_role("button", name="Đăng nhập").click()
            await elsewhere.wait_for_url("**/lich/19753")
            await elsewhere.goto("/tai-khoan-cua-toi/thiet-bi")
            await look_at(elsewhere, "thiet-bi")
            await elsewhere.get_by_label("Mật khẩu đang dùng").fill(PASSWORD)
            await elsewhere.get_by_role("button", name="Đăng xuất mọi thiết bị khác").click()
            await elsewhere.wait_for_url("**/tai-khoan-cua-toi")
        await officer.reload()
        assert "/dang-nhap" in officer.url


async def test_role_with_second_factor_sets_it_up_at_log_in(site: Site) -> None:
    await seed(site)
    roles = frozenset({Role.CITY_ADMIN})
    site.app.state.settings = replace(site.settings, second_factor_roles=roles)
    async with site.visitor(phone=True) as admin:
        await admin.goto("/dang-nhap?tiep=/tai-khoan")
        await admin.get_by_label("E-mail hoặc số điện thoại").fill("toan@example.org")
        await admin.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
        await admin.get_by_role("button", name="Đăng nhập").click()
        await look_at(admin, "hai-buoc-khi-dang-nhap")
        await admin.get_by_text("Không quét được?").click()
        secret = (await admin.locator(".app-key").inner_text()).replace(" ", "")
        await admin.get_by_label("Mã 6 số").fill(app_code(secret, site.clock.now))
        await admin.get_by_role("button", name="Bật xác thực hai bước").click()
        await admin.get_by_role("link", name="Đã cất, đi tiếp").click()
        await admin.wait_for_url("**/tai-khoan")


async def test_code_read_out_on_the_phone_sets_a_password(site: Site) -> None:
    await seed(site)
    async with site.person("toan@example.org") as admin, site.visitor(phone=True) as officer:
        await admin.goto("/tai-khoan?q=Công")
        await admin.get_by_text("Thay đổi").click()
        await admin.get_by_role("button", name="Tạo mã để đọc qua điện thoại").click()
        await look_at(admin, "tai-khoan-ma")
        code = await admin.locator(".code-to-read").inner_text()

        await officer.goto("/dang-nhap")
        await officer.get_by_role("link", name="Quên mật khẩu?").click()
        await look_at(officer, "quen-mat-khau")
        await officer.get_by_role("link", name="Tôi đã có mã").click()
        await officer.get_by_label("E-mail hoặc số điện thoại").fill(
            "ngoc-uon.cong-tang-ton-nu@phuxuan.example.org"
        )
        await officer.get_by_label("Mã 12 số").fill("123")
        await officer.get_by_label("Mật khẩu mới").fill("qua cầu Trường Tiền")
        await officer.get_by_role("button", name="Lưu mật khẩu").click()
        await look_at(officer, "dat-lai-mat-khau-sai")
        await officer.get_by_label("Mã 12 số").fill(code)
        await officer.get_by_label("Mật khẩu mới").fill("qua cầu Trường Tiền")
        await officer.get_by_role("button", name="Lưu mật khẩu").click()
        await officer.get_by_text("Đã đặt mật khẩu").wait_for()
