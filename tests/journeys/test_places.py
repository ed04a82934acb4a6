"""Wards, places, markets and the framework, as a coordinator and the administrator meet them."""

import json
from pathlib import Path

from lopso.application import reference
from lopso.kernel.access import Role
from tests.factories import NOON, add_user
from tests.journeys.conftest import Site, look_at


async def test_coordinator_adds_places(site: Site) -> None:
    async with site.sessions.begin() as db:
        await reference.load(db, now=NOON)
        await add_user(db, (Role.COORDINATOR, "19753"))

    async with site.person("ha@example.org") as page:
        await page.goto("/phuong-xa")
        await page.get_by_label("Tìm phường, xã").fill("thuan hoa")
        await page.keyboard.press("Enter")
        await page.get_by_text("2 phường, xã").wait_for()
        await look_at(page, "phuong-xa")
        await page.get_by_role("main").get_by_role("link", name="Phường Phú Xuân").click()
        await page.get_by_label("Điện thoại của phường, xã").fill("12")
        await page.get_by_role("button", name="Lưu số").click()
        await page.get_by_role("alert").wait_for()
        await page.get_by_label("Điện thoại của phường, xã").fill("0234 3823 456")
        await page.get_by_role("button", name="Lưu số").click()
        for name in ("tdp 10", "Tổ dân phố 2", "Thôn Vỹ Dạ Thượng"):
            await page.get_by_label("Tên tổ dân phố, thôn").fill(name)
            await page.get_by_role("button", name="Thêm").click()
            await page.get_by_text("có trong danh sách").wait_for()
        await look_at(page, "phuong-xa-mot")

        await page.get_by_role("link", name="Địa điểm và chợ").click()
        await look_at(page, "dia-diem-chua-co")
        await page.get_by_role("link", name="Thêm địa điểm").first.click()
        await page.get_by_label("Tên địa điểm").fill("Nhà văn hóa tổ dân phố 5")
        await page.get_by_label("Địa chỉ").fill("   ")
        await page.get_by_role("button", name="Thêm địa điểm").click()
        await page.get_by_role("link", name="Xin ghi địa chỉ bằng lời").click()
        assert await page.get_by_label("Địa chỉ").evaluate("field => field === document.activeElement")
        assert await page.get_by_label("Tên địa điểm").input_value() == "Nhà văn hóa tổ dân phố 5"
        await look_at(page, "dia-diem-moi-loi")
        await page.get_by_label("Địa chỉ").fill("12 Đinh Tiên Hoàng")
        await page.get_by_label("Chỉ đường").fill("cạnh trường mầm non Hoa Sen, đối diện quán bún Mụ Rớt")
        await page.get_by_label("Tổ dân phố, thôn").select_option(label="TDP 2")
        await page.get_by_label("Wifi").check()
        await page.get_by_role("button", name="Thêm địa điểm").click()

        await page.get_by_role("link", name="Thêm phòng").click()
        await page.get_by_label("Tên phòng").fill("Phòng họp tầng 2")
        await page.get_by_role("button", name="Thêm phòng").click()
        await page.get_by_role("link", name="Sửa Phòng họp tầng 2").click()
        await page.locator("summary", has_text="Đóng phòng").click()
        await look_at(page, "phong-sua")
        await page.get_by_role("button", name="Đóng phòng").click()
        await look_at(page, "dia-diem-mot")
        await page.get_by_role("button", name="Hoàn tác").click()
        await page.get_by_text("Đã mở lại Phòng họp tầng 2").wait_for()

        await page.goto("/dia-diem/19753")
        await page.get_by_text("Chợ chưa rõ thuộc phường, xã nào").click()
        await look_at(page, "dia-diem")
        await page.get_by_role("link", name="Chợ Tây Lộc").click()
        await look_at(page, "cho-can-kiem-tra")
        await page.get_by_role("button", name="Lưu tên").click()
        for aisle in ("Đường số 9", "Cổng chính"):
            await page.get_by_label("Tên người trong chợ vẫn gọi").fill(aisle)
            await page.get_by_role("button", name="Thêm").click()
            await page.get_by_text(f"{aisle} có trong danh sách").wait_for()
        await look_at(page, "cho")
        await page.get_by_role("button", name="Bỏ Đường số 9").click()
        await page.get_by_text("Đã bỏ Đường số 9").wait_for()


async def test_administrator_loads_a_new_edition_of_the_framework(site: Site, tmp_path: Path) -> None:
    async with site.sessions.begin() as db:
        await reference.load(db, now=NOON)
        await add_user(db, (Role.CITY_ADMIN, None))
    edition = reference.data("skills_framework")
    whole, broken = tmp_path / "khung.json", tmp_path / "hong.json"
    edition |= {"version": "2.0", "complete": True}
    edition["groups"][0]["skills"][0]["name_vi"] = "Dùng điện thoại"
    edition["groups"][-1]["skills"].append(
        {**edition["groups"][-1]["skills"][-1], "code": "DT.9", "name_vi": "Ký số trên điện thoại"}
    )
    whole.write_text(json.dumps(edition))
    broken.write_text(json.dumps({**edition, "title": "", "groups": []}))

    async with site.person("ha@example.org") as page:
        await page.goto("/ky-nang")
        await look_at(page, "ky-nang")
        await page.get_by_role("link", name="Đưa bản mới vào").click()
        await page.get_by_label("Tệp khung kỹ năng").set_input_files(broken)
        await page.get_by_role("button", name="Xem trước").click()
        await page.get_by_text("Khung chưa có kỹ năng nào.").wait_for()
        await look_at(page, "ky-nang-tep-hong")
        await page.get_by_label("Tệp khung kỹ năng").set_input_files(whole)
        await page.get_by_role("button", name="Xem trước").click()
        await page.get_by_text("Ký số trên điện thoại").wait_for()
        await look_at(page, "ky-nang-xem-truoc")
        await page.get_by_role("button", name="Dùng bản này từ nay").click()
        await page.get_by_text("nay là khung đang dùng").wait_for()
        await page.get_by_role("link", name="Bản 1.0").click()
        await page.get_by_text("Đây là bản cũ").wait_for()
