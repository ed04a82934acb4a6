"""A ward's plan sheet becomes series, after a review."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from lopso.kernel.clock import local
from plan_sheets.models import SheetSeries
from scheduling.models import Assignment, ClassSession, Series, SeriesSlot
from tests.conftest import TestApp
from tests.plan_sheets.sheets import (
    HEADER,
    SCAMS,
    UPLOAD,
    VNEID,
    add_planning_ward,
    book_of,
    confirm,
    send,
    words,
    workbook,
)

TITLES = ("UBND PHƯỜNG PHÚ XUÂN", "KẾ HOẠCH MỞ LỚP NĂM 2026 - 2027", "")


async def seeded(app: TestApp) -> dict[str, int]:
    async with app.sessions.begin() as db:
        return await add_planning_ward(db)


async def counts(app: TestApp) -> tuple[int, int]:
    async with app.sessions() as db:
        series = await db.scalar(select(func.count()).select_from(Series))
        sessions = await db.scalar(select(func.count()).select_from(ClassSession))
        return series or 0, sessions or 0


async def test_plan_sheet_becomes_drafts_with_rooms_and_helpers(app: TestApp) -> None:
    ids = await seeded(app)
    async with app.client_as("ha@example.org") as client:
        review = await send(client, workbook(HEADER, SCAMS, VNEID, titles=TITLES))
        assert "Lập 2 chuỗi, 10 buổi" in words(review)
        assert await counts(app) == (0, 0)
        done = await confirm(client, review)

    assert "Đã lập 2 chuỗi" in words(done)
    async with app.sessions() as db:
        sessions = (await db.scalars(select(ClassSession).order_by(ClassSession.starts_at))).all()
        scams = [each for each in sessions if each.course_id == ids["Phòng chống lừa đảo"]]
        assert [local(each.starts_at).strftime("%a %d/%m %H:%M") for each in scams] == [
            "Mon 07/12 08:30", "Wed 09/12 08:30", "Mon 14/12 08:30", "Wed 16/12 08:30", "Mon 21/12 08:30",
            "Wed 23/12 08:30",
        ]  # fmt: skip
        assert {(each.room_id, each.capacity, each.published_at) for each in scams} == {
            (ids["TDP 4"], 30, None)
        }
        assert scams[0].note == "Phụ trách: Cô Hương."  # a given name alone asks nobody
        vneid = [each for each in sessions if each.course_id == ids["Sử dụng VNeID"]]
        assert [local(each.starts_at).strftime("%a %d/%m %H:%M") for each in vneid] == [
            "Sat 05/12 14:00", "Sat 12/12 14:00", "Sat 19/12 14:00", "Sat 26/12 14:00",
        ]  # fmt: skip
        asked = (await db.scalars(select(Assignment))).all()
        assert {(each.session_id, each.trainer_id) for each in asked} == {
            (each.id, ids["Hương"]) for each in vneid
        }


async def test_same_file_again_plans_nothing(app: TestApp) -> None:
    await seeded(app)
    file = workbook(HEADER, SCAMS, VNEID, titles=TITLES)
    async with app.client_as("ha@example.org") as client:
        await confirm(client, await send(client, file))
        before = await counts(app)
        again = await send(client, file)
        assert "Ghi nhận: không có gì đổi" in words(again)
        await confirm(client, again)
    assert await counts(app) == before == (2, 10)


async def test_changed_row_is_shown_as_a_change_of_its_series(app: TestApp) -> None:
    await seeded(app)
    async with app.client_as("ha@example.org") as client:
        await confirm(client, await send(client, workbook(HEADER, SCAMS, VNEID, titles=TITLES)))
        later: list[Any] = [*VNEID]
        later[4] = "15h"
        changed = await send(client, workbook(HEADER, SCAMS, later, titles=TITLES))
        text = words(changed)
        assert "thứ Bảy 14h00 – 16h00 → thứ Bảy 15h00 – 17h00" in text
        assert "Đã đổi" in text
        await confirm(client, changed)
        assert await counts(app) == (2, 10)

        # What a person changed in Lớp Số since is said, and not overwritten.
        async with app.sessions.begin() as db:
            series = (await db.scalars(select(Series).order_by(Series.id))).all()[1]
            slot = (await db.scalars(select(SeriesSlot).where(SeriesSlot.series_id == series.id))).one()
            slot.duration_minutes = 90
        changed = await send(client, workbook(HEADER, later, titles=TITLES))
        assert "Chuỗi này đã được đổi trong Lớp Số sau khi nhập." in words(changed)


async def test_row_of_another_class_is_planned_beside_the_series_it_is_like(app: TestApp) -> None:
    await seeded(app)
    async with app.client_as("ha@example.org") as client:
        await confirm(client, await send(client, workbook(HEADER, VNEID, titles=TITLES)))
        evening: list[Any] = [*VNEID]
        evening[4] = "19h"
        review = await send(client, workbook(HEADER, evening, titles=TITLES))
        answered = await client.post(f"{review.url.path}/dong/0.5", data=row_form(another="1", room="words"))
        assert answered.status_code == 303
        await confirm(client, await client.get(review.url.path))
    assert await counts(app) == (2, 8)


def row_form(**other: str) -> dict[str, str]:
    """The second row as the form shows it, in the evening."""
    row = {"course": VNEID[1], "place": VNEID[2], "weekday": VNEID[3], "hours": "19h", "starts": VNEID[5]}
    return {**{name: str(text) for name, text in row.items()}, "meetings": "4", "seats": "20", **other}


@pytest.mark.parametrize(
    ("column", "text", "said"),
    [
        (3, "thứ sau cơm", "Thứ: “thứ sau cơm” chưa đọc được thành thứ."),
        (3, "T3-T5", "có thể là hai ngày, cũng có thể là cả các ngày ở giữa"),
        (4, "25h", "Giờ: Không có giờ “25h” trong ngày."),
        (4, "10h - 8h", "Giờ: Giờ kết thúc 08h00 không sau giờ bắt đầu 10h00."),
        (4, "Sáng", "Giờ: “Sáng” chưa nói mấy giờ."),
        (4, None, "Giờ: Chưa ghi giờ học."),
        (5, "31/02/2027", "Bắt đầu: Ngày 31/02/2027 không có: tháng 2 năm 2027 có 28 ngày."),
        (5, None, "Bắt đầu: Chưa ghi ngày bắt đầu."),
        (5, "07/12/2020", "Bắt đầu: Các buổi của dòng này đã qua."),
        (5, "7/12/2026 - 1/12/2026", "Bắt đầu: Ngày kết thúc phải sau ngày bắt đầu."),
        (6, 5000, "Số buổi: 5.000 buổi: một chuỗi có từ 1 đến 200 buổi."),
        (6, "nhiều", "Số buổi: “nhiều” chưa đọc được thành số buổi."),
        (6, None, "Số buổi: Chưa ghi số buổi hoặc ngày kết thúc."),
        (7, "cả làng", "Số chỗ: “cả làng” chưa đọc được thành số học viên."),
        (1, "Nấu ăn", "Nội dung: Phường, xã chưa có nội dung “Nấu ăn”."),
        (2, "Đình làng", "Nơi học: Chưa rõ “Đình làng” là phòng nào."),
    ],
)
async def test_row_that_makes_no_sense_waits_with_a_sentence(
    app: TestApp, column: int, text: Any, said: str
) -> None:
    await seeded(app)
    row: list[Any] = [*SCAMS]
    row[column] = text
    async with app.client_as("ha@example.org") as client:
        review = await send(client, workbook(HEADER, row, titles=TITLES))
        text = words(review)
        assert said in text
        assert "Dòng 5" in text
        assert "chưa có gì để lập" in text
        page = await client.get(f"{review.url.path}/dong/0.5")
        assert said.partition(": ")[2] in words(page)
        assert (await client.post(f"{review.url.path}/luu")).status_code == 303
    assert await counts(app) == (0, 0)


async def test_weekday_that_never_falls_in_the_range_is_said(app: TestApp) -> None:
    await seeded(app)
    row = [1, "Phòng chống lừa đảo", "NVH TDP 4", "CN", "8h - 10h", "07/12/2026 - 10/12/2026", None, 20, None]
    async with app.client_as("ha@example.org") as client:
        review = await send(client, workbook(HEADER, row, titles=TITLES))
    assert "Từ 07/12/2026 đến 10/12/2026 không có ngày nào là Chủ nhật." in words(review)


async def test_two_rows_in_one_room_name_each_other_until_one_gives_way(app: TestApp) -> None:
    await seeded(app)
    other: list[Any] = [2, "Sử dụng VNeID", "NVH tổ 4", "T4", "9h - 11h", "07/12/2026", 2, 20, None]
    async with app.client_as("ha@example.org") as client:
        review = await send(client, workbook(HEADER, SCAMS, other, titles=TITLES))
        text = words(review)
        assert (
            "Thứ Tư 09/12, 08h30 – 10h30: cùng nơi học với dòng khác của tệp"
            " (Ke hoach, dòng 6: Sử dụng VNeID)." in text
        )
        assert "(Ke hoach, dòng 5: Phòng chống lừa đảo)." in text
        data = {"course": "Sử dụng VNeID", "place": "NVH TDP 5", "weekday": "T4", "hours": "9h - 11h"}
        answered = await client.post(
            f"{review.url.path}/dong/0.6",
            data={**data, "starts": "07/12/2026", "meetings": "2", "seats": "20"},
        )
        assert answered.headers["location"] == review.url.path
        await confirm(client, await client.get(review.url.path))
    assert await counts(app) == (2, 8)


async def test_place_typed_anew_is_followed_though_the_list_still_shows_the_old_room(app: TestApp) -> None:
    ids = await seeded(app)
    async with app.client_as("ha@example.org") as client:
        review = await send(client, workbook(HEADER, VNEID, titles=TITLES))
        data = row_form(hours="14h", place="NVH TDP 4", room=str(ids["TDP 5"]))
        await client.post(f"{review.url.path}/dong/0.5", data=data)
        await confirm(client, await client.get(review.url.path))
    async with app.sessions() as db:
        assert set(await db.scalars(select(ClassSession.room_id))) == {ids["TDP 4"]}


async def test_room_that_is_taken_keeps_the_row_back_until_its_dates_are_dropped(app: TestApp) -> None:
    ids = await seeded(app)
    async with app.sessions.begin() as db:
        start = datetime(2026, 12, 9, 2, 0, tzinfo=UTC)
        db.add(
            ClassSession(
                ward_id="19753", kind="mass_event", title="Họp tổ", room_id=ids["TDP 4"], starts_at=start,
                ends_at=start.replace(hour=4), original_start=start, capacity=50, need_trainers=0,
                need_helpers=0, created_at=start,
            )
        )  # fmt: skip
    async with app.client_as("ha@example.org") as client:
        review = await send(client, workbook(HEADER, SCAMS, titles=TITLES))
        assert "Thứ Tư 09/12, 08h30 – 10h30: phòng đã có “Họp tổ”." in words(review)
        data = {"course": SCAMS[1], "place": SCAMS[2], "weekday": "T2, T4", "hours": "8h30 - 10h30"}
        await client.post(
            f"{review.url.path}/dong/0.5",
            data={**data, "starts": "07/12/2026", "meetings": "6", "seats": "25", "drop": "1"},
        )
        done = await confirm(client, await client.get(review.url.path))
        assert "Đã lập 1 chuỗi (5 buổi)" in words(done)
    assert await counts(app) == (1, 6)


async def test_one_sheet_a_month_goes_on_as_one_series(app: TestApp) -> None:
    await seeded(app)
    header = ["Nội dung", "Địa điểm", "Thứ", "Giờ"]
    row = ["Phòng chống lừa đảo", "NVH TDP 4", "T3", "8h-10h"]
    file = book_of(
        {
            "Tháng 12": [["KẾ HOẠCH THÁNG 12 NĂM 2026"], header, row],
            "Tháng 1": [["KẾ HOẠCH THÁNG 1 NĂM 2027"], header, row],
        }
    )
    async with app.client_as("ha@example.org") as client:
        review = await send(client, file)
        assert "Giống hoặc nối tiếp Tháng 12, dòng 3." in words(
            await client.get(f"{review.url.path}?loai=repeated")
        )
        await confirm(client, review)
        async with app.sessions() as db:
            series = (await db.scalars(select(Series))).one()
            assert (series.starts_on.isoformat(), str(series.ends_on)) == ("2026-12-01", "2027-01-31")
            assert await db.scalar(select(func.count()).select_from(SheetSeries)) == 1
        again = await send(client, file)
        assert "Ghi nhận: không có gì đổi" in words(again)


async def test_columns_of_weekdays_and_merged_courses_are_read(app: TestApp) -> None:
    await seeded(app)
    header = ["Nội dung", "Địa điểm", "Giờ", "Thứ 2", "Thứ 3", "Thứ 4", "Bắt đầu", "Số buổi"]
    first = ["Phòng chống lừa đảo", "NVH TDP 4", "8h-10h", "x", None, "14h-16h", "07/12/2026", 4]
    second = [None, "NVH TDP 5", "8h-10h", None, "x", None, "07/12/2026", 3]
    file = book_of({"Lịch": [["LỊCH HỌC 2026-2027"], header, first, second]}, merged=["A3:A4"])
    async with app.client_as("ha@example.org") as client:
        review = await send(client, file)
        await confirm(client, review)
    async with app.sessions() as db:
        starts = await db.scalars(select(ClassSession.starts_at).order_by(ClassSession.starts_at))
        assert [local(each).strftime("%a %d/%m %H") for each in starts] == [
            "Mon 07/12 08", "Tue 08/12 08", "Wed 09/12 14", "Mon 14/12 08", "Tue 15/12 08", "Wed 16/12 14",
            "Tue 22/12 08",
        ]  # fmt: skip


async def test_year_that_nothing_names_is_asked_about(app: TestApp) -> None:
    await seeded(app)
    async with app.client_as("ha@example.org") as client:
        review = await send(client, workbook(HEADER, VNEID, titles=("KẾ HOẠCH MỞ LỚP",)))
        assert "“tuần 1 tháng 12” không ghi năm; hiểu là 01/12/2026." in words(review)
        await client.post(
            f"{review.url.path}/dong/0.3", data=row_form(hours="14h", course_id="", helper_id="")
        )
        done = await confirm(client, await client.get(review.url.path))
        assert "Đã lập 1 chuỗi" in words(done)


async def test_name_chosen_once_holds_for_all_its_rows(app: TestApp) -> None:
    ids = await seeded(app)
    rows = [
        [n, "VNeID cơ bản", "Đình làng", day, "8h-10h", "07/12/2026", 2, 20, None]
        for n, day in ((1, "T2"), (2, "T3"))
    ]
    async with app.client_as("ha@example.org") as client:
        review = await send(client, workbook(HEADER, *rows, titles=TITLES))
        page = await client.get(f"{review.url.path}/ten")
        keys = dict.fromkeys(option.split(":")[0] for option in _options(page.text))
        course, place = keys
        await client.post(
            f"{review.url.path}/ten", data={"ten": [f"{course}:{ids['Sử dụng VNeID']}", f"{place}:words"]}
        )
        await confirm(client, await client.get(review.url.path))
    async with app.sessions() as db:
        found = (await db.scalars(select(ClassSession))).all()
        assert {(each.course_id, each.room_id, each.place) for each in found} == {
            (ids["Sử dụng VNeID"], None, "Đình làng")
        }
        assert len(found) == 4


def _options(html: str) -> list[str]:
    return [part.split('"')[0] for part in html.split('<option value="')[1:] if ":" in part.split('"')[0]]


async def test_row_is_left_out_and_taken_back(app: TestApp) -> None:
    await seeded(app)
    async with app.client_as("ha@example.org") as client:
        review = await send(client, workbook(HEADER, SCAMS, VNEID, titles=TITLES))
        await client.post(f"{review.url.path}/dong/0.5", data={"viec": "skip"})
        assert "Lập 1 chuỗi" in words(await client.get(review.url.path))
        await client.post(f"{review.url.path}/dong/0.5", data={"viec": "take"})
        assert "Lập 2 chuỗi" in words(await client.get(review.url.path))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Tệp này trống."),
        (book_of({"Trống": []}), "Không tìm thấy cột nội dung"),
        (workbook(["Họ tên", "Năm sinh"], ["Lê Thị Bé", 1950]), "Không tìm thấy cột nội dung"),
    ],
)
async def test_file_without_a_plan_is_refused_with_a_sentence(
    app: TestApp, content: bytes, said: str
) -> None:
    await seeded(app)
    async with app.client_as("ha@example.org") as client:
        refused = await send(client, content)
        assert said in words(refused)
        assert await counts(app) == (0, 0)
        assert UPLOAD in str(refused.url.path)


async def test_days_with_hours_of_their_own_keep_them(app: TestApp) -> None:
    await seeded(app)
    header = ["Nội dung", "Địa điểm", "Lịch học", "Bắt đầu", "Số buổi"]
    row = ["Phòng chống lừa đảo", "NVH TDP 4", "T2, T4 8h-10h; T3 14h-16h", "07/12/2026", 3]
    async with app.client_as("ha@example.org") as client:
        await confirm(client, await send(client, workbook(header, row)))
    async with app.sessions() as db:
        starts = await db.scalars(select(ClassSession.starts_at).order_by(ClassSession.starts_at))
        assert [local(each).strftime("%a %H") for each in starts] == ["Mon 08", "Tue 14", "Wed 08"]


@pytest.mark.parametrize(
    "sheet", ["chuoi/ke-hoach.xlsx?tinh_trang=draft", "tuan/ke-hoach.xlsx?tuan=2026-12-07"]
)
async def test_sheet_that_was_handed_out_changes_nothing_when_it_comes_back(app: TestApp, sheet: str) -> None:
    await seeded(app)
    header = ["Nội dung", "Địa điểm", "Lịch học", "Bắt đầu", "Số buổi"]
    several = ["Sử dụng VNeID", "NVH TDP 5", "T2, T4 19h-21h; T3 14h-16h", "07/12/2026", 7]
    async with app.client_as("ha@example.org") as client:
        await confirm(client, await send(client, workbook(header, several)))
        await confirm(client, await send(client, workbook(HEADER, SCAMS, VNEID, titles=TITLES)))
        before = await counts(app)
        handed_out = await client.get(f"/lich/19753/{sheet}")
        assert handed_out.status_code == 200
        review = await send(client, handed_out.content)
        assert "Ghi nhận: không có gì đổi" in words(review) or "Không có gì đổi" in words(review)
        assert "Cần xem lại" not in words(review)
        await client.post(f"{review.url.path}/luu")
    assert await counts(app) == before


async def test_row_with_too_long_a_text_comes_back_with_all_that_was_chosen(app: TestApp) -> None:
    ids = await seeded(app)
    async with app.client_as("ha@example.org") as client:
        review = await send(client, workbook(HEADER, VNEID, titles=TITLES))
        chosen = {"course_id": str(ids["Phòng chống lừa đảo"]), "room": "words", "helper_id": ""}
        data = row_form(hours="19h" + " " * 5 + "x" * 300, **chosen)
        refused = await client.post(f"{review.url.path}/dong/0.5", data=data)
    assert refused.status_code == 422
    assert "x" * 150 in refused.text
    selected = re.findall(r'<option value="([^"]*)" selected', refused.text)
    assert selected == [chosen["course_id"], "words"]


async def test_row_with_a_course_that_is_no_number_is_refused_beside_the_list(app: TestApp) -> None:
    await seeded(app)
    async with app.client_as("ha@example.org") as client:
        review = await send(client, workbook(HEADER, VNEID, titles=TITLES))
        refused = await client.post(f"{review.url.path}/dong/0.5", data=row_form(course_id="lừa đảo"))
    assert refused.status_code == 422
    assert 'id="f-course_id-e"' in refused.text
