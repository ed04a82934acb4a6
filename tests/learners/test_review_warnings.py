"""What the review of a list says of values that are not saved as they stand, and asks about old numbers."""

import re

import httpx
from sqlalchemy import select

from learners.models import Learner
from lopso.kernel.access import Role
from lopso.kernel.workbook.writing import workbook_of
from tests.conftest import TestApp
from tests.factories import add_user, add_ward


async def review_of(client: httpx.AsyncClient, header: list[str], *rows: list[str]) -> httpx.Response:
    content = workbook_of(sheet="DS", header=header, rows=rows)
    answer = await client.post(
        "/nguoi-hoc/19753/nhap", files={"file": ("ds.xlsx", content, "application/octet-stream")}
    )
    return await client.get(answer.headers["location"])


async def prepare(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        await add_ward(db)
        await add_user(db, (Role.COORDINATOR, "19753"), email="ha@example.org")


async def test_attendance_sheet_and_numbers_left_out_are_said(app: TestApp) -> None:
    await prepare(app)
    async with app.client_as("ha@example.org") as client:
        page = await review_of(
            client,
            ["Họ và tên", "SĐT", "Buổi 1", "Buổi 2", "Ghi chú"],
            ["Lê Thị Ánh", "0348990608", "x", "x", "CCCD 046160012345"],
            ["Võ Thị Nga", "0348990609", "x", "", ""],
        )

    assert "Tệp này giống bảng điểm danh: 2 cột đánh dấu theo ngày không được đọc" in page.text
    assert "Đã bỏ 1 số giấy tờ, tài khoản hoặc thẻ ghi trong các ô" in page.text
    assert "046160012345" not in page.text


async def test_new_forms_of_old_numbers_are_saved_with_a_tick(app: TestApp) -> None:
    await prepare(app)
    async with app.client_as("ha@example.org") as client:
        page = await review_of(
            client, ["Họ và tên", "Năm sinh", "SĐT"], ["Hồ Văn Sơn", "1969", "01649063703"]
        )
        assert "Đổi 1 số điện thoại kiểu cũ sang đầu số mới" in page.text
        assert "chưa lưu số mới 0349 063 703" in page.text
        save = re.search(r'action="([^"]+/luu)"', page.text)
        assert save
        await client.post(save[1], data={"agreed": "new_numbers"})

    async with app.sessions() as db:
        assert (await db.scalars(select(Learner.phone))).all() == ["+84349063703"]
