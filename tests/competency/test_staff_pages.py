"""The assessor's queue and the learner's page, as their readers meet them."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.service import grant_role
from attendance.queries import session_for
from attendance.service.marks import Mark, record_marks
from competency.models import Demonstration, SignOff
from competency.queries.learner import Visits, visits
from competency.queries.timeline import timeline
from competency.service.sign_off_revocations import revoke_sign_off
from lopso.kernel.access import Role
from lopso.kernel.audit import AuditEntry
from tests.classroom import WARD, add_classroom, add_learner, add_session, enrol
from tests.competency.evidence import MINUTE, came_and_showed, certified, signed
from tests.conftest import TestApp
from tests.factories import NOON, TEST, add_user
from tests.statements import statements_of

QUEUE = f"/xac-nhan/{WARD}"


async def test_assessor_signs_several_and_sees_the_count(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        room = await add_classroom(db)
        for learner in room.learners[:2]:
            await came_and_showed(db, room, learner, skills=(0, 1))
    skill = room.skills[0].id
    async with app.client_as("lanh@example.org") as client:
        page = await client.get(QUEUE)
        nothing = await client.post(QUEUE)
        done = await client.post(
            f"{QUEUE}?ten=a", data={"pick": [f"{each.id}:{skill}" for each in room.learners]}
        )
        after = await client.get(done.headers["location"])

    assert "2 người có kỹ năng chờ xác nhận" in page.text
    assert "12h01 thứ Hai 23/11, Thanh toán QR, buổi 3 · Ngô Hữu Phước" in page.text
    assert (nothing.status_code, "Xin chọn ít nhất một kỹ năng" in nothing.text) == (422, True)
    assert done.headers["location"] == f"{QUEUE}?ten=a"
    assert "Đã xác nhận 2 kỹ năng cho 2 người. Còn 1 mục chưa xác nhận được: Chưa đủ minh chứng" in after.text


async def test_observer_is_told_why_they_cannot_sign(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        room = await add_classroom(db)
        anh = room.learners[0]
        await came_and_showed(db, room, anh)
        await grant_role(db, room.helper.id, Role.ASSESSOR, WARD, by=TEST, now=NOON)
    pick = f"{anh.id}:{room.skills[0].id}"
    async with app.client_as("phuoc@example.org") as client:
        page = await client.get(QUEUE)
        refused = await client.post(QUEUE, data={"pick": pick})

    assert "Bạn đã quan sát, cần người khác xác nhận" in page.text
    assert f'value="{pick}" disabled' in page.text
    assert (refused.status_code, "Người xác nhận phải khác người đã quan sát." in refused.text) == (422, True)
    async with app.sessions() as db:
        assert (await db.scalars(select(SignOff))).all() == []


async def test_learner_timeline_is_newest_first(db: AsyncSession) -> None:
    room = await add_classroom(db)
    anh = room.learners[0]
    certificate = await certified(db, room, anh, skills=(0, 1))

    page = await timeline(db, anh.id, number=1)

    assert [(each.kind, each.skill, each.what, each.person, each.flagged) for each in page.items] == [
        ("certificate", None, certificate.serial, "Lê Thị Thu Hà", False),
        ("sign_off", "Chuyển tiền thử", "alone", "Hoàng Thị Lành", False),
        ("sign_off", "Quét mã QR", "alone", "Hoàng Thị Lành", False),
        ("demonstration", "Chuyển tiền thử", "alone", "Ngô Hữu Phước", False),
        ("demonstration", "Quét mã QR", "alone", "Ngô Hữu Phước", False),
        ("attendance", None, "present", "Ngô Hữu Phước", False),
    ]


async def test_corrected_mark_flags_what_rests_on_it(db: AsyncSession) -> None:
    room = await add_classroom(db)
    anh = room.learners[0]
    await certified(db, room, anh, skills=(0, 1))
    first = (await db.scalars(select(SignOff).order_by(SignOff.id))).first()
    assert first is not None

    await room.mark(db, anh, "absent", at=NOON + 5 * MINUTE)
    await revoke_sign_off(db, WARD, first.id, reason="Nhầm", by=room.as_assessor, now=NOON + 6 * MINUTE)

    page = await timeline(db, anh.id, number=1)
    assert [(each.kind, each.flagged, each.reason) for each in page.items] == [
        ("certificate", True, None),
        ("sign_off", True, None),
        ("sign_off", False, "Nhầm"),
        ("demonstration", True, None),
        ("demonstration", True, None),
        ("attendance", False, None),
    ]


async def test_visits_are_counted_on_marked_sessions(db: AsyncSession) -> None:
    room = await add_classroom(db, [])
    anh = await add_learner(db, "Trần Thị Ngọc Ánh")
    marks = ("present", "late", "excused", "absent", None, "cancelled", "future", "extra", "extra absent")
    for place, mark in enumerate(marks):
        starts_at = NOON + timedelta(days=1) if mark == "future" else NOON - timedelta(days=place + 1)
        session = await add_session(db, None, starts_at=starts_at, title=f"Buổi {place}")
        if not (mark or "").startswith("extra"):
            await enrol(db, session, anh)
        if mark == "cancelled":
            session.cancelled_at, session.cancel_reason = NOON, "Mưa"
            await db.flush()
        elif mark not in (None, "future"):
            roll = await session_for(db, session.id, actor=room.as_coordinator)
            kept = {"extra": "present", "extra absent": "absent"}.get(mark, mark)
            await record_marks(db, roll, [Mark(anh.id, kept, uuid4())], by=room.as_coordinator, now=NOON)

    assert await visits(db, anh.id, NOON) == Visits(expected=5, attended=2, excused=1, unmarked=1, extra=1)


async def test_phone_is_masked_and_showing_it_is_audited(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        await add_classroom(db, [])
        learner = await add_learner(db, "Hồ Thị Hường", phone="+84912345678")
    here = f"/nguoi-hoc/{WARD}/{learner.id}"
    async with app.client_as("lanh@example.org") as client:
        seen_by_assessor = await client.get(here)
        refused = await client.post(f"{here}/so-dien-thoai")
    async with app.client_as("ha@example.org") as client:
        page = await client.get(here)
        number = await client.post(f"{here}/so-dien-thoai", headers={"hx-request": "true"})

    for shown in (seen_by_assessor, page):
        assert "0912 ••• 678" in shown.text
        assert "345" not in shown.text.partition("<main")[2].partition("csrf")[0]
    assert "Xem số" not in seen_by_assessor.text
    assert refused.status_code == 403
    assert "0912 345 678" in number.text
    async with app.sessions() as db:
        looks = select(AuditEntry.actor_name, AuditEntry.ward_id, AuditEntry.subject_id).where(
            AuditEntry.action == "learner.phone_shown"
        )
        assert [(*row,) for row in await db.execute(looks)] == [("Lê Thị Thu Hà", WARD, str(learner.id))]


async def test_remaining_skills_are_those_of_the_audience(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        room = await add_classroom(db)
        anh = room.learners[0]
        await came_and_showed(db, room, anh, skills=(0, 1))
        await signed(db, room, anh)
    async with app.client_as("ha@example.org") as client:
        page = (await client.get(f"/nguoi-hoc/{WARD}/{anh.id}")).text

    assert "Người cao tuổi" in page
    assert 'Đã xác nhận trong số kỹ năng cần học <span class="numeric">1/3</span>' in page
    assert "Đã làm ở lớp, chờ xác nhận: tự làm được" in page
    assert "Tính trên 1 buổi đã ghi danh và đã diễn ra." in page


async def test_voiding_on_the_page_needs_a_reason(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        room = await add_classroom(db)
        anh = room.learners[0]
        await came_and_showed(db, room, anh)
        shown = (await db.scalars(select(Demonstration))).one()
    here = f"/nguoi-hoc/{WARD}/{anh.id}/minh-chung/{shown.id}/bo"
    async with app.client_as("ha@example.org") as client:
        unsaid = await client.post(here, data={"reason": ""})
        done = await client.post(here, data={"reason": "Nhầm người"})
        after = await client.get(done.headers["location"])

    assert (unsaid.status_code, "Xin ghi lý do bỏ minh chứng này." in unsaid.text) == (422, True)
    assert "Nhầm người" in after.text


async def test_sign_off_is_revoked_on_the_page_with_a_reason(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        room = await add_classroom(db)
        anh = room.learners[0]
        await came_and_showed(db, room, anh)
        (done,) = await signed(db, room, anh)
    here = f"{QUEUE}/{done.id}/thu-hoi"
    async with app.client_as("lanh@example.org") as client:
        page = await client.get(here)
        unsaid = await client.post(here, data={"reason": ""})
        said = await client.post(here, data={"reason": "Ký nhầm người"})

    assert "Trần Thị Ngọc Ánh" in page.text
    assert (unsaid.status_code, "Xin ghi lý do thu hồi." in unsaid.text) == (422, True)
    assert said.headers["location"] == f"/nguoi-hoc/{WARD}/{anh.id}"


@pytest.mark.parametrize("address", [QUEUE, f"/nguoi-hoc/{WARD}/{{learner}}"])
async def test_statements_of_pages_do_not_grow_with_rows(app: TestApp, address: str) -> None:
    counts: list[int] = []
    engine = app.sessions.kw["bind"]
    async with app.sessions.begin() as db:
        room = await add_classroom(db, [f"Nguyễn Thị Số {n}" for n in range(12)])
        await add_user(db, (Role.CITY_ADMIN, None), name="Quản trị", email="admin@example.org")

    for few in (room.learners[:1], room.learners[1:]):
        async with app.sessions.begin() as db:
            for learner in few:
                await certified(db, room, learner, skills=(0,))
                await came_and_showed(db, room, learner, skills=(1, 2), at=NOON + 10 * MINUTE)
        async with app.client_as("lanh@example.org") as client:
            page = address.format(learner=few[0].id)
            await client.get(page)
            with statements_of(engine) as statements:
                assert (await client.get(page)).status_code == 200
            counts.append(len(statements))

    assert counts[0] == counts[1]
    assert counts[0] <= 8
