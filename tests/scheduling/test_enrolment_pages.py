"""The pages of a session's learners, through the whole application."""

import re
from dataclasses import dataclass
from datetime import timedelta

import httpx
from sqlalchemy import select

from lopso.kernel.access import Role
from scheduling.models import Enrolment
from tests.conftest import TestApp
from tests.factories import (
    NOON,
    TEST,
    add_assignment,
    add_course,
    add_enrolment,
    add_helper,
    add_learner,
    add_series,
    add_session,
    add_user,
    add_ward,
)
from wordings.service.shipped import load_wordings


@dataclass
class Scene:
    """A class of two seats on Thursday and a week later; Hoa is in the first."""

    session: int
    next_week: int
    hoa: int
    lan: int
    uon: int


async def scene(app: TestApp, *, capacity: int = 2) -> Scene:
    async with app.sessions.begin() as db:
        await load_wordings(db, by=TEST, now=NOON)
        await add_ward(db)
        await add_ward(db, ward_id="19789", name="Thuận Hóa")
        await add_user(db, (Role.COORDINATOR, "19753"))
        for role in (Role.ASSESSOR, Role.VIEWER):
            await add_user(db, (role, "19753"), email=f"{role}@example.org")
        me = await add_user(db, (Role.TRAINER, "19753"), email="an@example.org")
        await add_user(db, (Role.COORDINATOR, "19789"), email="khac@example.org")
        course = await add_course(db)
        series = await add_series(db, course=course)
        weeks = [
            await add_session(
                db,
                title="Cài đặt VNeID",
                starts_at=NOON + timedelta(days=3 + 7 * n, hours=2),
                capacity=capacity,
                course=course,
                series=series,
            )
            for n in range(2)
        ]
        await add_assignment(db, weeks[0], await add_helper(db, user=me))
        hoa = await add_learner(db, "Trần Thị Hòa", phone="+84912345678")
        lan = await add_learner(db, "Lê Thị Lan")
        uon = await add_learner(db, "Công Tằng Tôn Nữ Thị Ngọc Ưỡn", phone="+84905111222")
        await add_enrolment(db, weeks[0], hoa)
    return Scene(weeks[0].id, weeks[1].id, hoa.id, lan.id, uon.id)


async def states(app: TestApp, session_id: int) -> dict[int, str]:
    async with app.sessions() as db:
        rows = await db.scalars(select(Enrolment).where(Enrolment.session_id == session_id))
        return {row.learner_id: row.state for row in rows}


def text_of(answer: httpx.Response) -> str:
    return " ".join(re.sub(r"<[^>]+>|\u2060", " ", answer.text).split())


async def test_enrolment_page_counts_lists_and_masks_phones(app: TestApp) -> None:
    s = await scene(app)
    async with app.client_as("ha@example.org") as client:
        page = await client.get(f"/buoi/{s.session}/ghi-danh")

    words = text_of(page)
    assert "Đã ghi danh 1/2" in words
    assert "Bà Trần Thị Hòa 1958 · 0912 ••• 678 Nghỉ" in words
    assert "Tìm thấy 2 người" in words  # Hòa is in already
    assert "Bà Lê Thị Lan 1958 · không có điện thoại" in words
    assert "912345678" not in page.text.replace(" ", "")


async def test_enrolling_over_capacity_shows_waitlist(app: TestApp) -> None:
    s = await scene(app)
    here = f"/buoi/{s.session}/ghi-danh"
    async with app.client_as("ha@example.org") as client:
        done = await client.post(here, data={"nguoi": [str(s.lan), str(s.uon), str(s.hoa)]})
        shown = await client.get(done.headers["location"])

    words = text_of(shown)
    assert (done.status_code, done.headers["location"]) == (303, here)
    assert "Đã ghi danh 1 người: Bà Lê Thị Lan." in words
    assert "Lớp đã đủ chỗ, vào danh sách chờ: Bà Công Tằng Tôn Nữ Thị Ngọc Ưỡn (thứ 1)." in words
    assert "Đã có trong danh sách từ trước: Bà Trần Thị Hòa." in words
    assert "Lớp đã đủ 2 chỗ. Người ghi danh thêm sẽ vào danh sách chờ." in words
    assert "1. Bà Công Tằng Tôn Nữ Thị Ngọc Ưỡn" in words
    assert await states(app, s.session) == {s.hoa: "enrolled", s.lan: "enrolled", s.uon: "waitlisted"}


async def test_empty_foreign_and_late_enrolments_are_refused_on_page(
    app: TestApp,
) -> None:
    s = await scene(app)
    async with app.sessions.begin() as db:
        foreign = await add_learner(db, "Võ Thị Xa", ward_id="19789")
    here = f"/buoi/{s.session}/ghi-danh"
    async with app.client_as("ha@example.org") as client:
        nobody = await client.post(here, data={"q": "lan"})
        stranger = await client.post(here, data={"nguoi": [str(foreign.id)]})
        app.clock.forward(timedelta(days=4))
        over = await client.post(here, data={"nguoi": [str(s.lan)]})

    assert (nobody.status_code, stranger.status_code, over.status_code) == (422, 409, 409)
    assert "Xin chọn ít nhất một người trong danh sách." in text_of(nobody)
    assert "Có người không còn trong danh sách." in text_of(stranger)
    assert "Buổi học đã kết thúc nên danh sách không đổi được nữa." in text_of(over)
    assert await states(app, s.session) == {s.hoa: "enrolled"}


async def test_cancelling_on_page_promotes_first_waiting(app: TestApp) -> None:
    s = await scene(app, capacity=1)
    here = f"/buoi/{s.session}/ghi-danh"
    async with app.client_as("ha@example.org") as client:
        await client.post(here, data={"nguoi": [str(s.lan)]})
        asked = await client.get(f"{here}/{s.hoa}/nghi")
        assert "Người chờ đầu tiên sẽ được nhận vào chỗ này ngay." in text_of(asked)
        done = await client.post(f"{here}/{s.hoa}/nghi", data={"ly_do": "về quê"})
        shown = text_of(await client.get(done.headers["location"]))
        gone = await client.get(f"{here}/{s.hoa}/nghi")

    assert "Đã ghi Bà Trần Thị Hòa nghỉ buổi này. Bà Lê Thị Lan được nhận vào chỗ trống." in shown
    assert "Đã nghỉ buổi này 1 Bà Trần Thị Hòa Về quê" in shown
    assert gone.status_code == 404
    assert await states(app, s.session) == {s.hoa: "cancelled", s.lan: "enrolled"}


async def test_series_is_enrolled_and_cancelled_by_page(app: TestApp) -> None:
    s = await scene(app, capacity=1)
    here = f"/buoi/{s.session}/ghi-danh"
    async with app.client_as("ha@example.org") as client:
        done = await client.post(here, data={"nguoi": [str(s.lan)], "pham_vi": "loat"})
        page = await client.get(done.headers["location"])
        first = (await states(app, s.session), await states(app, s.next_week))
        left = await client.post(f"{here}/{s.lan}/nghi", data={"pham_vi": "loat"})
        shown = text_of(await client.get(left.headers["location"]))

    words = text_of(page)
    assert page.status_code == 200
    waiting = "Lớp đã đủ chỗ, vào danh sách chờ: Bà Lê Thị Lan (thứ 1)."
    assert f"Thứ Năm 26/11/2026, 14h00 – 16h00 {waiting}" in words
    assert "Thứ Năm 03/12/2026, 14h00 – 16h00 Đã ghi danh 1 người." in words
    assert first == ({s.hoa: "enrolled", s.lan: "waitlisted"}, {s.lan: "enrolled"})
    assert "Đã ghi Bà Lê Thị Lan nghỉ 2 buổi." in shown


async def test_waiting_learner_is_admitted_only_into_free_seat(app: TestApp) -> None:
    s = await scene(app, capacity=1)
    here = f"/buoi/{s.session}/ghi-danh"
    async with app.client_as("ha@example.org") as client:
        await client.post(here, data={"nguoi": [str(s.lan)]})
        full = await client.post(f"{here}/{s.lan}/nhan")
        nobody = await client.post(f"{here}/{s.uon}/nhan")

    assert (full.status_code, nobody.status_code) == (409, 404)
    assert "Lớp đã đủ 1 chỗ." in text_of(full)


async def test_learner_search_posts_keeps_ticks_ignores_accents(app: TestApp) -> None:
    s = await scene(app)
    there = f"/buoi/{s.session}/ghi-danh/tim"
    async with app.client_as("ha@example.org") as client:
        page = await client.post(there, data={"q": "LAN", "nguoi": [str(s.uon)]})
        for_part = {"hx-request": "true", "hx-target": "found"}
        part = await client.post(there, data={"q": "hoà"}, headers=for_part)
        none = await client.post(there, data={"q": "khong ai"}, headers=for_part)

    assert "Đã chọn 1 người khác Đã chọn Bà Công Tằng Tôn Nữ Thị Ngọc Ưỡn" in text_of(page)
    assert f'value="{s.uon}" checked' in page.text
    assert "Bà Lê Thị Lan" in text_of(page)
    assert "<html" not in part.text
    assert "Bà Trần Thị Hòa 1958 · 0912 ••• 678 đã ghi danh" in text_of(part)
    assert "Không tìm thấy ai tên “khong ai”" in text_of(none)


async def test_printed_roster_is_by_given_name_with_masked_phones(app: TestApp) -> None:
    s = await scene(app)
    async with app.client_as("ha@example.org") as client:
        await client.post(f"/buoi/{s.session}/ghi-danh", data={"nguoi": [str(s.uon)]})
        paper = text_of(await client.get(f"/buoi/{s.session}/danh-sach"))

    assert "2 người trên 2 chỗ" in paper
    assert "1 Bà Trần Thị Hòa 1958 0912 ••• 678 2 Bà Công Tằng Tôn Nữ Thị Ngọc Ưỡn 1958 0905 ••• 222" in paper


async def test_roles_may_read_and_change_enrolments(app: TestApp) -> None:
    s = await scene(app)
    here = f"/buoi/{s.session}/ghi-danh"
    reads = [here, f"/buoi/{s.session}/danh-sach"]
    changes = [here, f"{here}/tim", f"{here}/{s.hoa}/nghi", f"{here}/{s.hoa}/nhan"]
    expected = {
        "assessor@example.org": (200, 403),
        "viewer@example.org": (403, 403),
        "an@example.org": (403, 403),  # the roll call is where a helper meets the learners
        "khac@example.org": (404, 404),
    }
    for email, (reading, changing) in expected.items():
        async with app.client_as(email) as client:
            assert [(await client.get(path)).status_code for path in reads] == [reading] * 2, email
            done = [(await client.post(path, data={"nguoi": [str(s.lan)]})).status_code for path in changes]
            assert done == [changing] * 4, email
    assert await states(app, s.session) == {s.hoa: "enrolled"}


async def test_session_panel_hides_learners_without_permission(app: TestApp) -> None:
    s = await scene(app)
    shown: list[tuple[bool, bool]] = []
    for email in ("ha@example.org", "assessor@example.org", "viewer@example.org", "an@example.org"):
        async with app.client_as(email) as client:
            part = await client.get(f"/buoi/{s.session}/ghi-danh/tom-tat", headers={"hx-request": "true"})
            assert "<html" not in part.text
            shown.append(("Đã ghi danh 1/2" in text_of(part), "Hòa" in part.text))
    assert shown == [(True, True), (True, True), (True, False), (True, False)]
