"""Files that are no plan as it should be: each gets a sentence that is true."""

import io
from collections.abc import Sequence
from typing import Any

import openpyxl
import pytest

from lopso.kernel.access import Role
from tests.conftest import TestApp
from tests.factories import add_user, add_ward
from tests.plan_sheets.sheets import (
    HEADER,
    SCAMS,
    UPLOAD,
    VNEID,
    WARD,
    add_planning_ward,
    book_of,
    confirm,
    send,
    words,
    workbook,
)

TITLES = ("UBND PHƯỜNG PHÚ XUÂN", "KẾ HOẠCH MỞ LỚP NĂM 2026 - 2027", "")
WEEKDAYS = ["Thứ 2", "Thứ 3", "Thứ 4", "Thứ 5", "Thứ 6"]
MORNING = [None, "Sử dụng VNeID", None, "Phòng chống lừa đảo", None]


def with_hidden(*rows: int) -> bytes:
    """A plan of two classes, in rows 5 and 6, some of them hidden."""
    book: Any = openpyxl.load_workbook(io.BytesIO(workbook(HEADER, SCAMS, VNEID, titles=TITLES)))
    for row in rows:
        book.active.row_dimensions[row].hidden = True
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


async def test_plan_with_a_password_is_refused_with_a_sentence(app: TestApp) -> None:
    locked = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")
    async with app.sessions.begin() as db:
        await add_planning_ward(db)
    async with app.client_as("ha@example.org") as client:
        refused = await send(client, locked)
    assert (refused.status_code, refused.url.path) == (422, UPLOAD)
    assert "Tệp này có mật khẩu. Hãy bỏ mật khẩu rồi thử lại." in words(refused)


async def test_hidden_row_is_said_and_read_when_asked_for(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        await add_planning_ward(db)
    async with app.client_as("ha@example.org") as client:
        review = await send(client, with_hidden(5))
        assert "Trong tệp có chỗ bị ẩn hoặc lọc đi: 1 dòng ẩn." in words(review)
        assert "Lập 1 chuỗi, 4 buổi" in words(review)
        await client.post(f"{review.url.path}/cho-an", data={"hidden": "1"})
        assert "Lập 2 chuỗi, 10 buổi" in words(await client.get(review.url.path))


async def test_plan_of_only_hidden_rows_is_not_called_known(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        await add_planning_ward(db)
    async with app.client_as("ha@example.org") as client:
        review = words(await send(client, with_hidden(5, 6)))
    assert "Trong tệp có chỗ bị ẩn hoặc lọc đi: 2 dòng ẩn." in review
    assert "Không có dòng nào để lập." in review
    assert "mọi dòng đã có trong lịch" not in review
    assert "Xin xem các dòng dưới đây" not in review


async def test_plan_whose_rows_are_all_left_out_is_not_called_known(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        await add_planning_ward(db)
    async with app.client_as("ha@example.org") as client:
        review = await send(client, workbook(HEADER, VNEID, titles=TITLES))
        await client.post(f"{review.url.path}/dong/0.5", data={"viec": "skip"})
        text = words(await client.get(review.url.path))
    assert "Không có dòng nào để lập." in text
    assert "mọi dòng đã có trong lịch" not in text


async def test_empty_sheets_beside_a_plan_are_passed_over(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        await add_planning_ward(db)
    async with app.client_as("ha@example.org") as client:
        review = await send(client, book_of({"Bìa": [], "Kế hoạch": [HEADER, SCAMS], "Sheet3": []}))
        assert "Lập 1 chuỗi, 6 buổi" in words(review)
        await confirm(client, review)


@pytest.mark.parametrize("first", [["Giờ", "8h-10h"], ["Buổi", "Sáng"], ["", "8h-10h"]])
async def test_timetable_with_classes_below_weekdays_is_told_what_is_read(
    app: TestApp, first: Sequence[str]
) -> None:
    async with app.sessions.begin() as db:
        await add_planning_ward(db)
    grid = workbook([first[0], *WEEKDAYS], [first[1], *MORNING], titles=("THỜI KHÓA BIỂU TUẦN", ""))
    async with app.client_as("ha@example.org") as client:
        page = words(await send(client, grid))
    assert "Mỗi lớp phải là một dòng" in page
    assert "thời khóa biểu ghi tên lớp dưới từng thứ thì chưa đọc được" in page


async def test_timetable_with_a_column_of_places_plans_nothing(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        await add_planning_ward(db)
    grid = workbook(["Lớp", *WEEKDAYS], ["TDP 4", *MORNING], titles=("THỜI KHÓA BIỂU TUẦN", ""))
    async with app.client_as("ha@example.org") as client:
        page = words(await send(client, grid))
    assert "Thứ Ba: “Sử dụng VNeID” chưa đọc được. Xin đánh dấu x hoặc ghi giờ." in page
    assert "chưa có gì để lập" in page


async def test_ward_without_courses_is_told_to_add_them(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        await add_ward(db)
        await add_user(db, (Role.COORDINATOR, WARD), email="ha@example.org")
    async with app.client_as("ha@example.org") as client:
        review = await send(client, workbook(HEADER, SCAMS, titles=TITLES))
        assert "2 nội dung hoặc nơi học trong tệp chưa khớp" in words(review)
        names = words(await client.get(f"{review.url.path}/ten"))
    assert "Phường, xã chưa có nội dung nào." in names


async def test_notes_beyond_four_are_counted_in_the_list(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        await add_planning_ward(db)
    row: list[Any] = [*VNEID]
    row[6], row[7], row[8] = 8, "45-50", "TDP 4"
    async with app.client_as("ha@example.org") as client:
        review = words(await send(client, workbook(HEADER, row, titles=TITLES)))
    assert "Còn 1 ghi chú nữa khi mở dòng này." in review
