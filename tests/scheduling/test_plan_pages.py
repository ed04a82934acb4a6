"""Planning a series by page: form, preview, confirmation; other wards' rows are not found."""

import re
from datetime import date

from sqlalchemy import select

from scheduling.models import ClassSession, Holiday, Series
from scheduling.service.sessions import plan_session
from tests.conftest import TestApp
from tests.factories import NOON, add_room
from tests.planning import OTHER_WARD, WARD, slot
from tests.scheduling.plan_pages import FORM, MONDAY, picks, seeded, series_form, starts, words
from venues.models import Room


async def test_series_form_preview_plan_and_publish(app: TestApp) -> None:
    here = await seeded(app)
    async with app.sessions.begin() as db:
        db.add(Holiday(day=date(2026, 12, 8), ward_id=None, name="Ngày lễ thử", tentative=True))
        await plan_session(
            db, WARD, here.details(title="An toàn số"), slot(date(2026, 12, 9)), by=here.by, now=NOON
        )
    form = series_form(here)
    async with app.client_as("ha@example.org") as client:
        preview = await client.get(f"{FORM}/xem-truoc", params=form)
        said = words(preview.text)
        assert "Thứ Hai, thứ Tư 08h30 – 10h00; thứ Ba 14h00 – 15h30" in said  # a course of 90 minutes
        assert "Thứ Hai 07/12/2026 08h30 – 10h00" in said
        assert "Thứ Ba 08/12/2026 14h00 – 15h30 bỏ qua: Ngày lễ thử (dự kiến)" in said
        assert "phòng đã có lớp Đã có: “An toàn số”, 08h30 – 10h00" in said
        assert picks(preview.text) == [
            "2026-12-07T01:30Z",
            "2026-12-14T01:30Z",
            "2026-12-15T07:00Z",
            "2026-12-16T01:30Z",
        ]

        made = await client.post(FORM, data=form | {"pick": picks(preview.text)[:3]})
        assert made.status_code == 303
        series = made.headers["location"]
        page = words((await client.get(series)).text)
        assert "Đã lập 3 buổi, còn là bản nháp." in page
        assert page.count("Bản nháp") == 3
        async with app.sessions() as db:
            first = await db.scalar(
                select(ClassSession).where(ClassSession.starts_at == slot(MONDAY).starts_at)
            )
            assert first is not None
            assert (first.capacity, first.need_trainers, first.need_helpers) == (25, 1, 5)
        asked = words((await client.get(f"/buoi/{first.id}/cong-bo?chuoi=1")).text)
        assert "Công bố 3 buổi" in asked
        assert "chưa ai nhận tin" in asked
        await client.post(f"/buoi/{first.id}/cong-bo", data={"chuoi": "1"})
        assert words((await client.get(series)).text).count("Đã công bố") == 4  # the flash, and three lines


async def test_hours_of_a_series_in_words_are_shown_back_as_understood(app: TestApp) -> None:
    here = await seeded(app)
    spoken = {"from0": "8 rưỡi", "until0": "10 giờ kém 15", "from1": "2 giờ chiều", "until1": "15:30"}
    async with app.client_as("ha@example.org") as client:
        preview = await client.get(f"{FORM}/xem-truoc", params=series_form(here, **spoken))
        back = re.search(rf'href="({FORM}\?[^"]+)"', preview.text)
        assert back is not None
        again = await client.get(back[1].replace("&amp;", "&"))
        more = await client.get(FORM, params=series_form(here, **spoken, rows="3"))
        wrong = await client.get(
            f"{FORM}/xem-truoc", params=series_form(here, **spoken | {"until0": "10 giờ rưỡi kém"})
        )

    said = words(preview.text)
    assert "Thứ Hai, thứ Tư 08h30 – 09h45; thứ Ba 14h00 – 15h30" in said
    assert "Thứ Hai 07/12/2026 08h30 – 09h45" in said
    for page in (again, more):
        hours = dict(re.findall(r'name="((?:from|until)[01])" type="text" value="([^"]*)"', page.text))
        assert hours == {"from0": "08h30", "until0": "09h45", "from1": "14h00", "until1": "15:30"}
    assert 'value="08h30"' in wrong.text
    assert 'value="10 giờ rưỡi kém"' in wrong.text
    assert "Xin ghi giờ kết thúc, ví dụ 10h." in wrong.text


async def test_room_choice_names_venue_and_seats(app: TestApp) -> None:
    here = await seeded(app)
    async with app.sessions.begin() as db:
        db.add(
            Room(ward_id=WARD, venue_id=here.hall.venue_id, name="Phòng họp", name_key="phong hop", seats=8)
        )
    async with app.client_as("ha@example.org") as client:
        form = await client.get(FORM)

    assert ">Phòng họp, Nhà văn hóa Hội trường (8 chỗ)</option>" in form.text


async def test_date_taken_since_preview_is_left_out_and_named(
    app: TestApp,
) -> None:
    here = await seeded(app)
    form = series_form(here, meetings="3")
    async with app.client_as("ha@example.org") as client:
        preview = await client.get(f"{FORM}/xem-truoc", params=form)
        async with app.sessions.begin() as db:
            await plan_session(db, WARD, here.details(title="Nhanh chân"), slot(MONDAY), by=here.by, now=NOON)
        made = await client.post(FORM, data=form | {"pick": picks(preview.text)})
        page = words((await client.get(made.headers["location"])).text)

    assert "Đã lập 2 buổi" in page
    assert "Thứ Hai 07/12, 08h30 – 10h00: phòng đã có “Nhanh chân”, 08h30 – 10h00." in page
    assert len(await starts(app)) == 3


async def test_all_dates_taken_shows_preview_with_reason(app: TestApp) -> None:
    here = await seeded(app)
    form = series_form(here, meetings="1")
    async with app.client_as("ha@example.org") as client:
        preview = await client.get(f"{FORM}/xem-truoc", params=form)
        async with app.sessions.begin() as db:
            await plan_session(db, WARD, here.details(), slot(MONDAY), by=here.by, now=NOON)
        lost = await client.post(FORM, data=form | {"pick": picks(preview.text)})
        none = await client.post(FORM, data=form)

    assert (lost.status_code, none.status_code) == (409, 422)
    assert "chưa lập buổi nào" in words(lost.text)
    assert "Xin chọn ít nhất một ngày." in words(none.text)
    async with app.sessions() as db:
        assert await db.scalar(select(Series.id)) is None


async def test_form_errors_are_at_fields_and_input_is_kept(app: TestApp) -> None:
    here = await seeded(app)
    wrong = {
        "kind": "ward_class",
        "title": "Lớp <của tôi>",
        "day0": "0",
        "from0": "10h",
        "until0": "9h",
        "day1": "3",
        "from2": "25h",
        "starts_on": "31/02/2026",
        "meetings": "300",
        "capacity": "0",
        "need_helpers": "nhiều",
        "place": "",
        "note": "Mang theo kính",
    }
    async with app.client_as("ha@example.org") as client:
        answer = await client.get(f"{FORM}/xem-truoc", params=wrong)
        twice = await client.get(
            f"{FORM}/xem-truoc", params=series_form(here, day1=["0"], from1="9h30", ends_on="01/01/2027")
        )
        never = await client.get(
            f"{FORM}/xem-truoc",
            params=series_form(here, day0=["6"], day1=[], from1="", meetings="", ends_on="08/12/2026"),
        )
        back = await client.get(
            f"{FORM}/xem-truoc", params=series_form(here, meetings="", ends_on="01/12/2026")
        )

    assert {each.status_code for each in (answer, twice, never, back)} == {422}
    fields = re.findall(r'<a href="#f-(\w+)">([^<]+)', answer.text)
    assert dict(fields) == {
        "course": "Xin chọn nội dung của lớp.",
        "room": "Xin chọn phòng, hoặc ghi nơi học bằng lời.",
        "capacity": "Số này phải từ 1 đến 5000.",
        "need_helpers": "Xin ghi một số, từ 0 đến 200.",
        "until0": "Giờ kết thúc phải sau giờ bắt đầu.",
        "from1": "Xin ghi giờ bắt đầu, ví dụ 8h30.",
        "day2": "Xin chọn ngày trong tuần cho giờ này.",
        "from2": "Xin ghi giờ bắt đầu, ví dụ 8h30.",
        "starts_on": "Ngày 31/02/2026 không có: tháng 2 năm 2026 có 28 ngày.",
        "meetings": "Số buổi từ 1 đến 200.",
    }
    for typed in (
        "Lớp &lt;của tôi&gt;",
        'value="25h"',
        'value="31/02/2026"',
        'value="300"',
        "Mang theo kính",
    ):
        assert typed in answer.text
    assert "Có hai khung giờ trùng nhau" in twice.text
    assert "một trong hai" in twice.text
    assert "không có ngày nào khớp" in never.text
    assert "Ngày kết thúc phải sau ngày bắt đầu." in back.text


async def test_added_time_row_keeps_others(app: TestApp) -> None:
    here = await seeded(app)
    async with app.client_as("ha@example.org") as client:
        page = (await client.get(FORM, params=series_form(here, rows="3"))).text

    assert page.count("Khung giờ ") == 3
    assert 'name="from0" type="text" value="8h30"' in page
    assert 'name="day1" value="1" checked' in page


async def test_ids_of_other_wards_are_not_found(app: TestApp) -> None:
    here = await seeded(app)
    async with app.sessions.begin() as db:
        foreign = await add_room(db, ward_id=OTHER_WARD, name="Đình làng")
    async with app.client_as("ha@example.org") as client:
        for other in (
            {"room": str(foreign.id)},
            {"course": "999999"},
            {"kind": "market_round", "market": "7"},
        ):
            form = series_form(here, **other)
            assert (await client.get(f"{FORM}/xem-truoc", params=form)).status_code == 404
            assert (await client.post(FORM, data=form)).status_code == 404
            single = form | {"day": "07/12/2026", "since": "8h"}
            assert (await client.post(f"/lich/{WARD}/buoi-moi", data=single)).status_code == 404
        assert (await client.get(f"/lich/{OTHER_WARD}/lop-moi")).status_code == 404
    async with app.client_as("xem@example.org") as client:
        assert (await client.get(FORM)).status_code == 403
        assert (await client.post(FORM, data=series_form(here))).status_code == 403
    assert await starts(app) == []


async def test_kinds_without_series_are_refused(app: TestApp) -> None:
    here = await seeded(app)
    async with app.client_as("ha@example.org") as client:
        for kind in ("home_visit", "mass_event"):
            assert (await client.get(FORM, params={"kind": kind})).status_code == 200
            assert (await client.get(FORM, params={"switch_to": kind})).status_code == 200
            form = series_form(here, kind=kind, place="Nhà bà Năm", pick="2026-12-07T01:30Z")
            assert (await client.post(FORM, data=form)).status_code == 422
    assert await starts(app) == []
