"""Changing and cancelling sessions by page: preview, confirmation, refusals."""

from datetime import date, time
from html import unescape

from sqlalchemy import select

from scheduling.models import ClassSession
from scheduling.service.sessions import plan_session
from tests.conftest import TestApp
from tests.factories import NOON
from tests.planning import WARD, slot
from tests.scheduling.plan_pages import FORM, MONDAY, picks, published, seeded, series_form, starts, words


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
    assert "Số chỗ: 25 → 12" in seen
    assert "1 người học đã ghi danh" in seen
    assert "1 người hướng dẫn: Ngô Hữu Phước" in seen
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
