"""A coordinator reads a list as it really arrives: hidden rows, odd headers, people known already."""

import io
from typing import Any

import openpyxl
from playwright.async_api import Page
from sqlalchemy import select

from learners.models import Learner
from lopso.application import reference
from lopso.kernel.access import Role
from tests.factories import NOON, add_user
from tests.journeys.conftest import Site, look_at

HEADER = ["Ai đăng ký", "Sinh", "Số gọi được", "Ở đâu"]
FIELDS = ["Họ và tên", "Năm sinh", "Số điện thoại", "Tổ dân phố, thôn"]
NAMES = ["Tím", "Nâu", "Son"]
FIRST = [[f"Nhữ Thị {name}", 1950 + n, f"09768{n:05}", "TDP 1"] for n, name in enumerate(NAMES)]
CHANGED = [[name, year, f"09769{n:05}", place] for n, (name, year, _phone, place) in enumerate(FIRST)]


def workbook(rows: list[list[Any]], *, hidden: tuple[int, ...] = ()) -> bytes:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    for row in rows:
        sheet.append(row)
    for row in hidden:
        sheet.row_dimensions[row].hidden = True
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


async def send(page: Page, content: bytes) -> None:
    await page.goto("/nguoi-hoc/19753/nhap")
    await page.get_by_label("Tệp danh sách đăng ký").set_input_files(
        {"name": "x.xlsx", "mimeType": "application/octet-stream", "buffer": content}
    )
    await page.get_by_role("button", name="Đọc tệp").click()


async def save(page: Page, button: str, heading: str) -> None:
    await page.get_by_role("button", name=button).click()
    await page.get_by_role("heading", name=heading).wait_for()


async def test_coordinator_chooses_columns_takes_hidden_rows_and_answers_doubts(site: Site) -> None:
    async with site.sessions.begin() as db:
        await reference.load(db, now=NOON)
        await add_user(db, (Role.COORDINATOR, "19753"), email="ha@example.org")

    async with site.person("ha@example.org") as page:
        # Nobody can tell from these headers which column is the name; she says it once.
        await send(page, workbook([HEADER, *FIRST], hidden=(3,)))
        await page.get_by_text("Máy không chắc dòng tiêu đề").wait_for()
        await look_at(page, "nhap-doan-cot")
        await page.get_by_role("link", name="Chọn dòng tiêu đề và các cột").click()
        await page.get_by_role("heading", name="Chọn dòng tiêu đề và các cột").wait_for()
        await look_at(page, "nhap-chon-cot")
        await page.get_by_label("Dòng 1").check()
        await page.get_by_role("button", name="Dùng dòng này làm tiêu đề").click()
        for header, field in zip(HEADER, FIELDS, strict=True):
            await page.get_by_label(f"“{header}”").select_option(label=field)
        await page.get_by_role("button", name="Đọc lại tệp theo các cột này").click()
        await page.get_by_text("1 dòng ẩn").wait_for()
        await look_at(page, "nhap-dong-an")
        await page.get_by_role("button", name="Đọc cả chỗ ẩn").click()
        await page.get_by_text("Đang đọc cả dòng, cột, trang bị ẩn").wait_for()
        await save(page, "Lưu 3 người", "Đã lưu 3 người")

        # The next list of that look is read at once; its people have other phones.
        await send(page, workbook([HEADER, *CHANGED, ["Nhữ Văn Lục", 1960, "0976700001", "TDP 1"]]))
        await page.get_by_role("heading", name="Xem lại trước khi lưu").wait_for()
        await look_at(page, "nhap-xem-lai-trung")
        await page.get_by_role("link", name="Trả lời các dòng khác số điện thoại").click()
        await page.get_by_role("heading", name="Có phải cùng một người?").wait_for()
        await look_at(page, "nhap-tra-loi")

        # One by keyboard, the others at once.
        card = page.locator("section.question", has_text="Nhữ Thị Tím")
        await card.get_by_role("button", name="Người khác").focus()
        await page.keyboard.press("Enter")
        await card.get_by_text("Là người khác, sẽ thêm mới").wait_for()
        await page.get_by_text("Còn 2 dòng chưa trả lời.").wait_for()
        await card.get_by_role("button", name="Đổi câu trả lời").click()
        await page.get_by_text("Còn 3 dòng chưa trả lời.").wait_for()
        await card.get_by_role("button", name="Người khác").click()
        await page.get_by_text("Còn 2 dòng chưa trả lời.").wait_for()
        await (
            page.locator(".card", has_text="Trả lời một lần").get_by_role("button", name="Cùng người").click()
        )
        await page.get_by_text("Đã trả lời hết").wait_for()
        await look_at(page, "nhap-tra-loi-het")
        await page.get_by_role("link", name="Về trang xem lại").click()
        await page.get_by_role("link", name="người đã có, sẽ được bổ sung hoặc cập nhật").click()
        await page.get_by_text("0976 800 001 → 0976 900 001").wait_for()
        await look_at(page, "nhap-dong-doi")
        await page.go_back()
        await save(page, "Lưu 2 người, cập nhật 2 người", "Đã lưu 2 người")
        await look_at(page, "nhap-xong-cap-nhat")

        await send(page, workbook([HEADER, *CHANGED]))
        await page.get_by_text("Không có ai mới trong tệp này").wait_for()

    async with site.sessions() as db:
        phones = await db.scalars(select(Learner.phone).order_by(Learner.phone))
        assert list(phones) == [f"+84976{n}" for n in (700001, 800000, 900000, 900001, 900002)]


async def test_columns_of_a_wide_list_are_chosen_on_a_phone_without_long_scrolling(site: Site) -> None:
    async with site.sessions.begin() as db:
        await reference.load(db, now=NOON)
        await add_user(db, (Role.COORDINATOR, "19753"), email="ha@example.org")
    header = ["STT", "Họ và tên", "Năm sinh", "Số điện thoại", *(f"Câu hỏi số {n}" for n in range(1, 12))]
    people = [[n, name, year, phone, *["có"] * 11] for n, (name, year, phone, _place) in enumerate(FIRST * 8)]

    async with site.person("ha@example.org", phone=True) as page:
        await send(page, workbook([["DANH SÁCH ĐĂNG KÝ"], header, *people]))
        await page.get_by_role("heading", name="Xem lại trước khi lưu").wait_for()
        await page.goto(f"{page.url}/cot")
        await look_at(page, "nhap-chon-cot-rong", rules=True)
        assert await page.evaluate("document.documentElement.scrollHeight") < 2 * 740
        await page.get_by_text("Cột khác: giữ trong ghi chú").click()
        await page.get_by_label("“Câu hỏi số 3”").select_option(label="Ghi chú")
        await page.get_by_role("button", name="Đọc lại tệp theo các cột này").click()
        await page.get_by_text("Đã đọc lại theo các cột đã chọn.").wait_for()
