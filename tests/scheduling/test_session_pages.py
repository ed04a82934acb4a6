"""One session by page: planning it, its facts, deleting a draft; courses and holidays."""

import re
from datetime import date, timedelta
from html import unescape

import httpx
import pytest
from sqlalchemy import select

from scheduling.models import ClassSession, Holiday
from scheduling.service.sessions import plan_session
from tests.classroom import add_learner, enrol
from tests.conftest import TestApp
from tests.factories import NOON
from tests.planning import WARD, slot
from tests.scheduling.plan_pages import MONDAY, published, seeded, starts, words


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


async def test_unsuitable_place_is_refused_at_its_field(app: TestApp) -> None:
    await seeded(app)
    form = {"kind": "home_visit", "place": "Nhà bà Lan, nhận quà 50k tại bit.ly/abc", "day": "27/11/2026"}
    async with app.client_as("ha@example.org") as client:
        refused = await plan_one(client, **form, since="8h")
        good = await plan_one(client, **{**form, "place": "Nhà bà Quà, kiệt 12 Bạch Đằng"}, since="8h")

    assert (refused.status_code, good.status_code) == (422, 303)
    assert "Nơi gặp sẽ đứng trong tin nhắn. Tin gửi người học không được có đường dẫn." in words(refused.text)


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
        "Thứ Hai 07/12/2026, 08h30 – 10h00",
        "Nhà văn hóa Hội trường",
        "cạnh trường mầm non Hoa Sen",
        "30 chỗ ngồi",
        "Đã ghi danh 1/25",
        "Người dạy chính đã nhận 0/1",
        "Người hỗ trợ đã nhận 1/5",
        "Quét mã QR",
    ):
        assert part in said
    assert f'href="/buoi/{session}/huy"' in page
    assert f'href="/buoi/{session}/sua"' in page
    assert f'href="/buoi/{session}/huy"' not in begun
    assert f'href="/buoi/{session}/sua"' not in viewer
    assert late.status_code == 409


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


@pytest.mark.parametrize("ended", [False, True])
async def test_draft_that_was_forgotten_is_published_or_deleted(app: TestApp, ended: bool) -> None:
    here = await seeded(app)
    async with app.sessions.begin() as db:
        kept, left = [
            await plan_session(db, WARD, here.details(title=title), slot(day), by=here.by, now=NOON)
            for title, day in (("Vẫn học", MONDAY), ("Bỏ quên", MONDAY + timedelta(days=1)))
        ]
        await enrol(db, kept, await add_learner(db, "Trần Thị Ánh"))
    app.clock.now = left.starts_at + timedelta(minutes=1, days=ended)
    async with app.client_as("ha@example.org") as client:
        page = await client.get(f"/buoi/{left.id}")
        deleted = await client.post(f"/buoi/{left.id}/xoa")
        asked = await client.get(f"/buoi/{kept.id}/cong-bo")
        await client.post(f"/buoi/{kept.id}/cong-bo")
        roll = await client.get(f"/buoi/{kept.id}/diem-danh")
    async with app.client_as("xem@example.org") as client:
        seen = await client.get(f"/buoi/{kept.id}")

    assert "Bản nháp đã qua giờ bắt đầu, chưa ai được báo." in words(page.text)
    assert "mới nhận tin" not in page.text
    assert f'action="/buoi/{left.id}/xoa"' in page.text
    assert (f'href="/buoi/{left.id}/huy"' in page.text) is not ended
    assert deleted.status_code == 303
    assert "không ai nhận tin" in words(asked.text)
    assert "Người sẽ được báo" not in asked.text
    assert "Trần Thị Ánh" in roll.text
    assert seen.status_code == 200


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
    assert "Chủ nhật 20/12/2026 (âm lịch: 12 tháng 11) Lễ hội làng Phường, xã" in words(listed)
    assert "Lễ hội làng" not in words(after)
