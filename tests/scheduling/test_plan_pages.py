"""Planning by page: form, preview, confirmation; other wards' rows are not found."""

import re
from datetime import date, time, timedelta
from html import unescape
from typing import Any

import httpx
from sqlalchemy import select

from lopso.kernel.access import Role
from scheduling.models import ClassSession, Holiday, Series
from scheduling.service.sessions import plan_session, publish_sessions
from tests.classroom import add_learner, enrol
from tests.conftest import TestApp
from tests.factories import NOON, add_room, add_user
from tests.planning import OTHER_WARD, WARD, Planning, add_planning, add_trainer, assign, slot

MONDAY = date(2026, 12, 7)
FORM = f"/lich/{WARD}/lop-moi"


async def seeded(app: TestApp) -> Planning:
    async with app.sessions.begin() as db:
        here = await add_planning(db)
        await add_user(db, (Role.VIEWER, WARD), name="Trần Văn Xem", email="xem@example.org")
        return here


def series_form(here: Planning, **other: Any) -> dict[str, Any]:
    """Mondays and Wednesdays 8h30, Tuesdays 14h, five meetings in the hall."""
    plain = {
        "kind": "ward_class",
        "course": str(here.course.id),
        "day0": ["0", "2"],
        "from0": "8h30",
        "until0": "10h",
        "day1": ["1"],
        "from1": "14 giờ",
        "starts_on": "07/12/2026",
        "meetings": "5",
        "room": str(here.hall.id),
        "skip": "1",
    }
    return plain | other


def picks(page: str) -> list[str]:
    """Values of the dates that are ticked."""
    return re.findall(r'name="pick" value="([^"]+)" checked', page)


def words(page: str) -> str:
    """The page without its tags, on one line."""
    body = page.split("<main", 1)[1].split("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


async def starts(app: TestApp) -> list[Any]:
    async with app.sessions() as db:
        found = await db.scalars(select(ClassSession.starts_at).order_by(ClassSession.starts_at))
        return list(found)


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
        assert "thứ Hai, thứ Tư 8h30–10h; thứ Ba 14h–15h30" in said  # 90 minutes is the course's length
        assert "thứ Hai 07/12/2026 8h30–10h" in said
        assert "thứ Ba 08/12/2026 14h–15h30 bỏ qua: Ngày lễ thử (dự kiến)" in said
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
    assert "thứ Hai 07/12, 08h30 – 10h00: phòng đã có “Nhanh chân”, 08h30 – 10h00." in page
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
        "starts_on": "Xin ghi ngày bắt đầu, ví dụ 07/12/2026.",
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


async def plan_one(client: httpx.AsyncClient, **fields: str) -> httpx.Response:
    return await client.post(f"/lich/{WARD}/buoi-moi", data=fields)


async def test_single_session_of_every_kind_is_planned(app: TestApp) -> None:
    here = await seeded(app)
    when = {"day": "07/12/2026", "since": "14h", "until": "15h30"}
    forms = [
        {"kind": "ward_class", "course": str(here.course.id), "room": str(here.small.id)},
        {"kind": "market_round", "place": "Cổng chính chợ Tây Lộc", "title": "Chợ số"},
        {"kind": "home_visit", "place": "Kiệt 12 Bạch Đằng"},
        {"kind": "mass_event", "place": "Quảng trường", "title": "Ngày hội số"},
        {"kind": "team_training", "room": str(here.hall.id), "title": "Tập huấn tổ"},
    ]
    async with app.client_as("ha@example.org") as client:
        for form in forms:
            assert (await plan_one(client, **when, **form)).status_code == 303
        nameless = await plan_one(client, **when, kind="mass_event", place="Quảng trường")

    assert nameless.status_code == 422
    async with app.sessions() as db:
        found = (await db.scalars(select(ClassSession).order_by(ClassSession.id))).all()
    assert [
        (each.kind, each.title, each.capacity, each.need_trainers, each.need_helpers) for each in found
    ] == [
        ("ward_class", "Dùng VNeID", 12, 1, 3),
        ("market_round", "Chợ số", 30, 1, 5),
        ("home_visit", "Đến tận nhà", 10, 0, 2),
        ("mass_event", "Ngày hội số", 500, 1, 10),
        ("team_training", "Tập huấn tổ", 25, 1, 0),
    ]
    assert {each.series_id for each in found} == {None}


async def test_unusual_plan_is_confirmed_once(app: TestApp) -> None:
    here = await seeded(app)
    async with app.sessions.begin() as db:
        db.add(Holiday(day=date(2026, 11, 22), ward_id=WARD, name="Lễ hội làng", tentative=False))
    form = {
        "kind": "ward_class",
        "course": str(here.course.id),
        "room": str(here.small.id),
        "day": "22/11/2026",
        "since": "8h",
        "capacity": "20",
    }
    async with app.client_as("ha@example.org") as client:
        asked = await plan_one(client, **form)
        said = words(asked.text)
        seen = re.search(r'name="seen" value="([^"]+)"', asked.text)
        assert seen is not None
        assert (await plan_one(client, **form, seen=unescape(seen[1]))).status_code == 303
        taken = await plan_one(client, **form, seen=unescape(seen[1]))

    assert asked.status_code == 422
    assert "Ngày giờ này đã qua." in said
    assert "Hôm đó là ngày nghỉ: Lễ hội làng." in said
    assert "Nhận 20 người nhưng phòng chỉ có 12 chỗ ngồi." in said
    assert taken.status_code == 422
    assert "phòng đã có “Dùng VNeID”, 08h00 – 09h30." in words(taken.text)


async def published(app: TestApp, here: Planning) -> int:
    """A published class on Monday with one learner and one helper."""
    async with app.sessions.begin() as db:
        session = await plan_session(db, WARD, here.details(), slot(MONDAY), by=here.by, now=NOON)
        await publish_sessions(db, [session.id], by=here.by, now=NOON)
        await enrol(db, session, await add_learner(db, "Trần Thị Ánh"))
        await assign(db, session, await add_trainer(db))
        return session.id


async def test_session_page_shows_facts_and_possible_actions(app: TestApp) -> None:
    here = await seeded(app)
    session = await published(app, here)
    async with app.client_as("ha@example.org") as client:
        page = (await client.get(f"/buoi/{session}")).text
        said = words(page)
    app.clock.forward(timedelta(days=15))
    async with app.client_as("ha@example.org") as client:
        begun = (await client.get(f"/buoi/{session}")).text
        late = await client.post(f"/buoi/{session}/huy", data={"reason": "Mưa"})
        assert (await client.get(f"/buoi/{session}/sua")).status_code == 409
    async with app.client_as("xem@example.org") as client:
        viewer = (await client.get(f"/buoi/{session}")).text

    for part in (
        "thứ Hai 07/12/2026, 08h30 – 10h00",
        "Nhà văn hóa Hội trường",
        "cạnh trường mầm non Hoa Sen",
        "30 chỗ ngồi",
        "Đã ghi danh 1/25",
        "Người dạy đã nhận 0/1",
        "Người hỗ trợ đã nhận 1/5",
        "Quét mã QR",
    ):
        assert part in said
    assert f'href="/buoi/{session}/huy"' in page
    assert f'href="/buoi/{session}/sua"' in page
    assert f'href="/buoi/{session}/huy"' not in begun
    assert f'href="/buoi/{session}/sua"' not in viewer
    assert late.status_code == 409


async def test_move_preview_names_affected_people_then_saves(app: TestApp) -> None:
    here = await seeded(app)
    session = await published(app, here)
    form = {
        "pham_vi": "one",
        "day": "08/12/2026",
        "since": "9h",
        "until": "10h30",
        "room": str(here.small.id),
        "capacity": "12",
        "need_trainers": "1",
        "need_helpers": "2",
        "title": "Dùng VNeID",
    }
    async with app.client_as("ha@example.org") as client:
        seen = words((await client.get(f"/buoi/{session}/sua/xem-truoc", params=form)).text)
        made = await client.post(f"/buoi/{session}/sua", data=form)
        same = await client.get(f"/buoi/{session}/sua/xem-truoc", params=form)
        over = await client.get(f"/buoi/{session}/sua/xem-truoc", params=form | {"day": "01/11/2026"})
        bad = await client.get(f"/buoi/{session}/sua/xem-truoc", params=form | {"until": "7h"})

    assert "Giờ: thứ Hai 07/12, 08h30 – 10h00 → thứ Ba 08/12, 09h00 – 10h30" in seen
    assert "Nơi học: Nhà văn hóa Hội trường → Nhà văn hóa Phòng đọc" in seen
    assert "Số người nhận: 25 → 12" in seen
    assert "1 người học đã ghi danh" in seen
    assert "1 người dạy và hỗ trợ: Ngô Hữu Phước" in seen
    assert made.headers["location"] == f"/buoi/{session}"
    assert await starts(app) == [slot(date(2026, 12, 8), time(9)).starts_at]
    assert same.headers["location"] == f"/buoi/{session}"  # nothing left to change
    assert "Giờ mới đã qua" in over.text
    assert "Giờ kết thúc phải sau giờ bắt đầu." in bad.text


async def test_clashing_move_is_named_in_preview_and_confirmation(app: TestApp) -> None:
    here = await seeded(app)
    session = await published(app, here)
    async with app.sessions.begin() as db:
        await plan_session(
            db, WARD, here.details(title="An toàn số"), slot(date(2026, 12, 8)), by=here.by, now=NOON
        )
    form = {
        "day": "08/12/2026",
        "since": "8h30",
        "until": "10h",
        "room": str(here.hall.id),
        "title": "Dùng VNeID",
    }
    async with app.client_as("ha@example.org") as client:
        seen = words((await client.get(f"/buoi/{session}/sua/xem-truoc", params=form)).text)
        refused = await client.post(f"/buoi/{session}/sua", data=form)

    assert "Phòng đã có: “An toàn số”, 08h30 – 10h00" in seen
    assert refused.status_code == 409
    assert "phòng đã có “An toàn số”" in words(refused.text)
    assert 'name="day" value="08/12/2026"' in refused.text


async def test_picked_coming_sessions_change_together(app: TestApp) -> None:
    here = await seeded(app)
    async with app.client_as("ha@example.org") as client:
        form = series_form(here, day1=[], from1="", meetings="4")
        preview = await client.get(f"{FORM}/xem-truoc", params=form)
        await client.post(FORM, data=form | {"pick": picks(preview.text)})
        async with app.sessions() as db:
            ids = (await db.scalars(select(ClassSession.id).order_by(ClassSession.starts_at))).all()
        change = {
            "pham_vi": "following",
            "since": "9h",
            "until": "10h30",
            "room": str(here.hall.id),
            "capacity": "25",
            "title": "Dùng VNeID",
        }
        seen = await client.get(f"/buoi/{ids[1]}/sua/xem-truoc", params=change)
        assert picks(seen.text) == [str(each) for each in ids[1:]]
        made = await client.post(f"/buoi/{ids[1]}/sua", data=change | {"pick": [str(ids[1]), str(ids[3])]})
        page = words((await client.get(made.headers["location"])).text)

    assert "Đã đổi 2 buổi." in page
    assert await starts(app) == [
        slot(MONDAY).starts_at,
        slot(date(2026, 12, 9), time(9)).starts_at,
        slot(date(2026, 12, 14)).starts_at,
        slot(date(2026, 12, 16), time(9)).starts_at,
    ]


async def test_cancel_page_names_affected_people_and_requires_reason(app: TestApp) -> None:
    here = await seeded(app)
    session = await published(app, here)
    async with app.client_as("ha@example.org") as client:
        asked = words((await client.get(f"/buoi/{session}/huy")).text)
        silent = await client.post(f"/buoi/{session}/huy", data={"reason": " "})
        done = await client.post(f"/buoi/{session}/huy", data={"reason": "Mưa lớn"})
        page = words((await client.get(done.headers["location"])).text)

    assert "1 người học đã ghi danh" in asked
    assert silent.status_code == 422
    assert "Xin ghi lý do" in silent.text
    assert "Buổi này đã hủy: Mưa lớn." in page


async def test_unquotable_reason_is_confirmed_once(app: TestApp) -> None:
    here = await seeded(app)
    session = await published(app, here)
    door, reason = f"/buoi/{session}/huy", "Chưa có tiền thuê phòng"
    async with app.client_as("ha@example.org") as client:
        asked = await client.post(door, data={"reason": reason})
        other = await client.post(door, data={"reason": "Đợi quà của phường", "seen": reason})
        done = await client.post(door, data={"reason": reason, "seen": reason})
        page = words((await client.get(done.headers["location"])).text)

    assert (asked.status_code, other.status_code, done.status_code) == (422, 422, 303)
    assert "tin nhắn chỉ nói “có việc đột xuất” hoặc “việc gấp”." in words(asked.text)
    assert f'name="seen" value="{reason}"' in unescape(asked.text)
    assert f"Buổi này đã hủy: {reason}." in page


async def test_unsuitable_place_is_refused_at_its_field(app: TestApp) -> None:
    await seeded(app)
    form = {"kind": "home_visit", "place": "Nhà bà Lan, nhận quà 50k tại bit.ly/abc", "day": "27/11/2026"}
    async with app.client_as("ha@example.org") as client:
        refused = await plan_one(client, **form, since="8h")
        good = await plan_one(client, **{**form, "place": "Nhà bà Quà, kiệt 12 Bạch Đằng"}, since="8h")

    assert (refused.status_code, good.status_code) == (422, 303)
    assert "Nơi gặp sẽ đứng trong tin nhắn. Tin gửi người học không được có đường dẫn." in words(refused.text)


async def test_draft_is_deleted_and_published_session_is_not(app: TestApp) -> None:
    here = await seeded(app)
    known = await published(app, here)
    async with app.sessions.begin() as db:
        draft = await plan_session(db, WARD, here.details(), slot(date(2026, 12, 8)), by=here.by, now=NOON)
    async with app.client_as("ha@example.org") as client:
        gone = await client.post(f"/buoi/{draft.id}/xoa")
        kept = await client.post(f"/buoi/{known}/xoa")

    assert gone.headers["location"] == f"/lich/{WARD}?tuan=2026-12-07"
    assert kept.status_code == 409
    assert await starts(app) == [slot(MONDAY).starts_at]


async def test_courses_and_holidays_are_kept_by_pages(app: TestApp) -> None:
    here = await seeded(app)
    async with app.client_as("ha@example.org") as client:
        form = (await client.get(f"/lich/{WARD}/noi-dung/moi")).text
        skill = re.search(r'name="skills" value="(\d+)"', form)
        assert skill is not None
        wrong = await client.post(
            f"/lich/{WARD}/noi-dung/moi", data={"title": "Thanh toán QR", "duration": "5"}
        )
        taken = await client.post(
            f"/lich/{WARD}/noi-dung/moi", data={"title": "dùng vneid", "duration": "60", "skills": skill[1]}
        )
        await client.post(
            f"/lich/{WARD}/noi-dung/moi",
            data={"title": "Thanh toán QR", "duration": "60", "skills": skill[1]},
        )
        assert "Thanh toán QR 1 1 giờ" in words((await client.get(f"/lich/{WARD}/noi-dung")).text)
        await client.post(f"/lich/{WARD}/noi-dung/{here.course.id}/ngung")
        assert "Dùng VNeID" in words((await client.get(f"/lich/{WARD}/noi-dung?ngung=1")).text)

        days = f"/lich/{WARD}/ngay-nghi"
        odd = await client.post(days, data={"day": "32/1/2027", "name": "Lễ"})
        city = await client.post(days, data={"day": "20/12/2026", "name": "Lễ", "scope": "city"})
        await client.post(days, data={"day": "20/12/2026", "name": "Lễ hội làng"})
        listed = (await client.get(f"{days}?nam=2026")).text
        remove = re.search(rf'action="({days}/\d+/bo)"', listed)
        assert remove is not None
        await client.post(remove[1])
        after = (await client.get(f"{days}?nam=2026")).text

    assert wrong.status_code == taken.status_code == odd.status_code == 422
    assert 'value="Thanh toán QR"' in wrong.text
    assert "Phường, xã đã có nội dung mang tên này." in taken.text
    assert city.status_code == 403
    assert "Chủ nhật 20/12/2026 Lễ hội làng Phường, xã" in words(listed)
    assert "Lễ hội làng" not in words(after)
