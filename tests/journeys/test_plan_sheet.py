"""A coordinator plans a term from the ward's own sheet: names chosen, a doubt answered, a clash mended."""

import pytest
from playwright.async_api import Page
from sqlalchemy import func, select

from scheduling.models import ClassSession, Series
from tests.journeys.conftest import Site, look_at
from tests.plan_sheets.sheets import UPLOAD, add_planning_ward, book_of

HEADER = ["TT", "Tên lớp", "Tại", "Thời gian học", "Khai giảng", "Tổng số buổi", "Sĩ số", "Người đứng lớp"]
ROWS = [
    [
        1,
        "Phòng chống lừa đảo",
        "NVH TDP 4",
        "8h30 - 10h30, T2, T4",
        "tuần 1 tháng 1",
        6,
        "25-30",
        "Lê Thị Hương",
    ],
    [2, "VNeID cơ bản", "Đình làng", "Thứ Bảy 14h - 16h", "tuần 2 tháng 1", 4, 20, None],
    [3, "Sử dụng VNeID", "Nhà VH tổ 4", "T4 9h-11h", "tuần 1 tháng 1", 3, 20, "Cô Hương"],
]
SHEET = book_of(
    {"Quý I": [["ỦY BAN NHÂN DÂN"], ["KẾ HOẠCH MỞ LỚP QUÝ I"], [], HEADER, *ROWS]}, merged=["A2:H2"]
)


async def open_sheet(page: Page) -> None:
    await page.goto(UPLOAD)
    await page.get_by_label("Tệp kế hoạch mở lớp").set_input_files(
        {"name": "ke-hoach.xlsx", "mimeType": "application/octet-stream", "buffer": SHEET}
    )


async def press(page: Page, name: str, role: str = "button", *, keys: bool) -> None:
    """Press something by pointer, or with Enter once it has the focus."""
    found = page.get_by_role("button" if role == "button" else "link", name=name).first
    if keys:
        await found.focus()
        await page.keyboard.press("Enter")
    else:
        await found.click()


@pytest.mark.parametrize("keys", [False, True], ids=["pointer", "keyboard"])
async def test_term_is_planned_from_a_sheet_never_seen(site: Site, keys: bool) -> None:
    async with site.sessions.begin() as db:
        await add_planning_ward(db)

    async with site.person("ha@example.org") as page:
        await open_sheet(page)
        await look_at(page, "ke-hoach-gui-tep")
        await press(page, "Đọc tệp", keys=keys)
        await page.get_by_role("heading", name="Xem lại kế hoạch lớp").wait_for()
        await look_at(page, "ke-hoach-xem-lai")

        await press(page, "Chọn nội dung và nơi học", "link", keys=keys)
        await page.get_by_label("“VNeID cơ bản”").select_option(label="Sử dụng VNeID")
        await page.get_by_label("“Đình làng”").select_option(label="Chỉ ghi tên nơi học, không giữ phòng")
        await look_at(page, "ke-hoach-chon-ten")
        await press(page, "Dùng các tên đã chọn", keys=keys)

        # The year is a guess for all three; the third meets the first in its room.
        await press(page, "Xem và sửa: dòng 6, Quý I", "link", keys=keys)
        await page.get_by_role("heading", name="Dòng 6").wait_for()
        await press(page, "Lưu dòng này", keys=keys)
        await press(page, "Xem và sửa: dòng 5, Quý I", "link", keys=keys)
        await press(page, "Lưu dòng này", keys=keys)
        await page.get_by_text("còn chỗ cần xem lại").wait_for()
        await look_at(page, "ke-hoach-trung-phong")
        await page.goto(page.url.replace("/dong/0.5", "/dong/0.7"))
        await page.get_by_role("textbox", name="Nơi học").fill("NVH TDP 5")
        await page.get_by_label("Phòng", exact=True).select_option(label="Phòng lớn, Nhà văn hóa TDP 5")
        await press(page, "Lưu dòng này", keys=keys)
        await page.get_by_role("heading", name="Lập 3 chuỗi, 13 buổi").wait_for()
        await look_at(page, "ke-hoach-san-sang")
        await press(page, "Lập 3 chuỗi, 13 buổi", keys=keys)
        await page.get_by_role("heading", name="Đã lập 3 chuỗi").wait_for()
        await look_at(page, "ke-hoach-da-lap")

    async with site.sessions() as db:
        assert await db.scalar(select(func.count()).select_from(Series)) == 3
        assert await db.scalar(select(func.count()).select_from(ClassSession)) == 13
