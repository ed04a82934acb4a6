"""A session's page says who came, by mark, and who can get a certificate."""

import re
from datetime import timedelta
from html import unescape
from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from attendance.queries import session_for
from attendance.service.marks import Mark, record_marks
from competency.queries.queue import QueueFilter, queue
from competency.queries.session_results import session_results
from competency.service.sign_offs import sign_off
from lopso.kernel.access import Role
from tests.classroom import WARD, add_classroom, add_learner, add_session, enrol
from tests.competency.evidence import MINUTE, came_and_showed, certified, signed
from tests.conftest import TestApp
from tests.factories import NOON, add_user, add_ward
from tests.statements import statements_of

HTMX = {"hx-request": "true"}


def words(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>|\u2060", " ", text)).split())


async def test_people_are_grouped_by_their_standing_mark(db: AsyncSession) -> None:
    room = await add_classroom(db, ["Một", "Hai", "Ba", "Bốn", "Năm"])
    for learner, mark in zip(room.learners, ("present", "late", "excused", "absent"), strict=False):
        await room.mark(db, learner, mark)

    found = await session_results(db, room.session.id)

    assert [
        [each.name for each in found.marked(mark)] for mark in ("present", "late", "excused", "absent", None)
    ] == [["Một"], ["Hai"], ["Ba"], ["Bốn"], ["Năm"]]


async def test_certificate_is_ready_for_skills_not_yet_on_paper(db: AsyncSession) -> None:
    room = await add_classroom(db)
    anh, binh, gai = room.learners
    await certified(db, room, anh)  # has it all on paper
    await came_and_showed(db, room, binh, skills=(0, 1))
    await signed(db, room, binh, skills=(0, 1))
    await came_and_showed(db, room, gai, skills=(0, 1))  # waits for an assessor

    found = await session_results(db, room.session.id)

    assert [(each.learner_id, each.skills) for each in found.ready] == [(binh.id, 2)]
    assert found.waiting == (2, 1)


async def test_waiting_skills_are_those_the_queue_of_this_session_shows(db: AsyncSession) -> None:
    room = await add_classroom(db)
    anh, binh, gai = room.learners
    await came_and_showed(db, room, anh, skills=(0, 1))
    await came_and_showed(db, room, gai)
    gai.archived_at = NOON
    await room.mark(db, binh)
    other = await add_session(db, None, starts_at=NOON - timedelta(days=1))
    elsewhere = await session_for(db, other.id, actor=room.as_coordinator)
    came = [Mark(each.id, "present", uuid4()) for each in (anh, binh)]
    await record_marks(db, elsewhere, came, by=room.as_coordinator, now=NOON)

    queued = await queue(db, WARD, QueueFilter(session_id=room.session.id), number=1, reader_id=None)
    here, there = await session_results(db, room.session.id), await session_results(db, other.id)

    assert [(each.id, len(each.skills)) for each in queued.items] == [(anh.id, 2)]
    assert here.waiting == (2, 1)
    assert there.waiting == (0, 0)


@pytest.mark.parametrize("people", [1, 12])
async def test_results_take_three_statements(db: AsyncSession, people: int) -> None:
    room = await add_classroom(db, [f"Người Số {n}" for n in range(people)])
    for learner in room.learners:
        await came_and_showed(db, room, learner)
    connection = await db.connection()

    with statements_of(connection) as statements:
        await session_results(db, room.session.id)

    assert len(statements) == 3


async def test_page_leads_to_the_roll_to_people_and_to_certificates(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        room = await add_classroom(db)
        anh, binh, _gai = room.learners
        await came_and_showed(db, room, anh)
        await signed(db, room, anh)
        await room.mark(db, binh, "late")
    here = f"/buoi/{room.session.id}"
    async with app.client_as("ha@example.org") as client:
        page = await client.get(here)
        part = await client.get(f"{here}/ket-qua", headers=HTMX)
        alone = await client.get(f"{here}/ket-qua")
        app.clock.now = NOON + timedelta(days=1)
        after = await client.get(f"{here}/ket-qua", headers=HTMX)
    async with app.client_as("phuoc@example.org") as client:
        refused = await client.get(f"{here}/ket-qua")

    assert f'hx-get="{here}/ket-qua"' in page.text
    assert f'href="{here}/ket-qua"' in page.text
    assert "Ai đang ở lớp" in part.text
    assert "Có mặt 2/3" in words(part.text)
    assert "Đến muộn 1" in words(part.text)
    assert "Chưa điểm danh 1" in words(part.text)
    assert f'href="{here}/diem-danh"' in part.text
    assert f'href="/nguoi-hoc/{WARD}/{binh.id}"' in part.text
    assert f'href="/nguoi-hoc/{WARD}/{anh.id}/chung-nhan"' in part.text
    assert "<h1>Ai đang ở lớp</h1>" in alone.text
    assert "Ai đã đến" in after.text
    assert refused.status_code == 403


async def test_guest_of_another_ward_is_named_without_a_link_that_leads_nowhere(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        room = await add_classroom(db)
        await add_ward(db, ward_id="19789", name="Thuận Hóa")
        guest = await add_learner(db, "Hồ Thị Khách", ward_id="19789")
        await enrol(db, room.session, guest)
        await came_and_showed(db, room, guest)
        pairs = [(guest.id, room.skills[0].id)]
        assert (await sign_off(db, "19789", pairs, by=room.as_assessor, now=NOON + 2 * MINUTE)).done
        await add_user(db, (Role.CITY_ADMIN, None), name="Hồ An", email="admin@example.org")
    here = f"/buoi/{room.session.id}/ket-qua"
    async with app.client_as("ha@example.org") as client:
        part = await client.get(here, headers=HTMX)
        opened = [await client.get(link) for link in re.findall(r'href="([^"]+)"', part.text)]
    async with app.client_as("admin@example.org") as client:
        everywhere = await client.get(here, headers=HTMX)
        links = re.findall(r'href="(/nguoi-hoc/19789[^"]+)"', everywhere.text)
        opened += [await client.get(link) for link in links]

    assert part.text.count("Hồ Thị Khách") == 2
    assert "nơi người học ở sẽ cấp" in words(part.text)
    assert f"/nguoi-hoc/19789/{guest.id}/chung-nhan" in links
    assert {each.status_code for each in opened} == {200}


async def test_those_beyond_the_named_are_counted(app: TestApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("competency.routes.session_results.NAMED", 1)
    async with app.sessions.begin() as db:
        room = await add_classroom(db)
        for learner in room.learners:
            await came_and_showed(db, room, learner)
            await signed(db, room, learner)
    async with app.client_as("ha@example.org") as client:
        part = await client.get(f"/buoi/{room.session.id}/ket-qua", headers=HTMX)

    assert "3 người có kỹ năng đã xác nhận" in words(part.text)
    assert words(part.text).count("và 2 người nữa") == 2  # of those present, and of those who can get one


async def test_what_is_missing_for_a_certificate_is_said(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        room = await add_classroom(db)
        await room.mark(db, room.learners[0])
    here = f"/buoi/{room.session.id}/ket-qua"
    async with app.client_as("ha@example.org") as client:
        nothing = await client.get(here, headers=HTMX)
        async with app.sessions.begin() as db:
            await came_and_showed(db, room, room.learners[0], at=NOON + timedelta(minutes=1))
        waiting = await client.get(here, headers=HTMX)

    assert "Chưa cấp được chứng nhận: chưa ai có kỹ năng được xác nhận" in nothing.text
    assert "1 kỹ năng của 1 người đang chờ người thứ hai xác nhận." in words(waiting.text)
