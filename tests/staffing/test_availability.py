"""Who could be asked for a session that is still being planned, as its form shows it."""

from datetime import date, time

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from lopso.kernel.access import Actor, Grant, Role
from scheduling.models import ClassSession
from scheduling.queries.availability import NOBODY_NEEDED, StaffWanted
from scheduling.service.sessions import plan_session
from staffing.models import Absence
from staffing.routes.availability import StaffAvailability
from tests.conftest import TestApp
from tests.factories import NOON, add_assignment, add_course, add_helper, add_session, add_ward
from tests.planning import WARD, assign, slot
from tests.scheduling.plan_pages import MONDAY, published, seeded, words
from tests.statements import statements_of
from trainers.models import Availability, Trainer

COORDINATOR = Actor(None, "Hà", (Grant(Role.COORDINATOR, WARD),))
VIEWER = Actor(None, "Xem", (Grant(Role.VIEWER, WARD),))
WHEN = slot(date(2026, 12, 3), time(14))  # a Thursday


def free(helper: Trainer, *, weekday: int = 3) -> Availability:
    return Availability(trainer_id=helper.id, weekday=weekday, since=time(13), until=time(17))


async def add_city(db: AsyncSession) -> int:
    """A ward and its course of two skills; answers the id of the course."""
    await add_ward(db)
    await add_ward(db, ward_id="19789", name="Thuận Hóa")
    return (await add_course(db, skills=["VNeID", "Thanh toán QR"])).id


async def test_roles_name_the_best_and_helping_presumes_that_they_teach(db: AsyncSession) -> None:
    course_id = await add_city(db)
    able = await add_helper(db, "Lê An", teaches=["VNeID", "Thanh toán QR"])
    half = await add_helper(db, "Đỗ Bình", teaches=["VNeID"])
    unskilled = await add_helper(db, "Hồ Chi")
    busy = await add_helper(db, "Võ Dũng", teaches_all=True)
    away = await add_helper(db, "Bùi Em", teaches_all=True)
    elsewhere = await add_helper(db, "Mai Gấm", teaches_all=True)
    elsewhere.ward_id = "19789"
    db.add_all([free(able), free(unskilled), free(busy), free(away), free(elsewhere)])
    db.add(
        Absence(trainer_id=away.id, first=WHEN.day, last=WHEN.day, reason="Ốm", noted_at=NOON, noted_by=None)
    )
    other = await add_session(db, title="Chợ số", starts_at=WHEN.starts_at)
    await add_assignment(db, other, busy)

    wanted = StaffWanted(WARD, course_id, WHEN, trainers=1, helpers=3)
    found = await StaffAvailability().overview(db, wanted, by=COORDINATOR)

    teach, helping = found.roles
    assert (teach.need, teach.answer, teach.enough) == ("Người dạy chính, cần 1", "mời được 2 người", True)
    assert [name for name, _why in teach.best] == ["Lê An", "Đỗ Bình"]
    assert teach.best[0][1] == "rảnh chiều thứ Năm · dạy được cả 2 kỹ năng · cùng tuần chưa có buổi nào"
    assert helping.answer == "mời được 2 người"
    assert not helping.enough
    assert helping.best == [
        ("Hồ Chi", "rảnh chiều thứ Năm · cùng tuần chưa có buổi nào"),
        ("Đỗ Bình", "chưa rõ giờ rảnh · cùng tuần chưa có buổi nào"),
    ]
    assert half.full_name == "Đỗ Bình"


async def test_where_nobody_can_be_asked_the_reasons_are_counted(db: AsyncSession) -> None:
    course_id = await add_city(db)
    wanted = StaffWanted(WARD, course_id, WHEN, trainers=1, helpers=0)
    nobody = await StaffAvailability().overview(db, wanted, by=COORDINATOR)
    assert [each.answer for each in nobody.roles] == ["chưa có ai trong danh sách"]

    outside = await add_helper(db, "Lê An", teaches_all=True)
    busy = await add_helper(db, "Võ Dũng", teaches_all=True)
    await add_helper(db, "Hồ Chi")
    db.add(free(outside, weekday=1))
    await add_assignment(db, await add_session(db, title="Chợ số", starts_at=WHEN.starts_at), busy)
    [role] = (await StaffAvailability().overview(db, wanted, by=COORDINATOR)).roles
    assert role.answer == (
        "không mời được ai: 1 người bận buổi khác, 1 người thường không rảnh, 1 người chưa ghi nhận dạy được"
    )
    assert not role.enough
    assert role.best == []


async def test_who_may_not_see_helpers_is_told_of_nobody(db: AsyncSession) -> None:
    course_id = await add_city(db)
    await add_helper(db, "Lê An", teaches_all=True)
    wanted = StaffWanted(WARD, course_id, WHEN, trainers=1, helpers=1)
    assert await StaffAvailability().overview(db, wanted, by=VIEWER) is NOBODY_NEEDED


@pytest.mark.parametrize("people", [1, 30])
async def test_statements_do_not_grow_with_people(
    db: AsyncSession, shared_engine: AsyncEngine, people: int
) -> None:
    course_id = await add_city(db)
    for number in range(people):
        db.add(free(await add_helper(db, f"Lê Văn {number}", teaches_all=True)))
    await db.flush()

    connection = await db.connection()
    with statements_of(connection) as counted:
        wanted = StaffWanted(WARD, course_id, WHEN, trainers=1, helpers=5, session_id=7)
        await StaffAvailability().overview(db, wanted, by=COORDINATOR)
    assert len(counted) == 8


async def test_form_names_who_could_come_and_follows_the_numbers(app: TestApp) -> None:
    here = await seeded(app)
    async with app.sessions.begin() as db:
        await add_helper(db, "Lê An", teaches_all=True)
    typed = {"kind": "ward_class", "course": str(here.course.id), "day": "7/12/2026", "since": "8h30"}
    part = f"/lich/{WARD}/buoi-moi/phong-va-nguoi"
    async with app.client_as("ha@example.org") as client:

        async def said(**other: str) -> str:
            return words(f"<main{(await client.get(part, params=typed | other)).text}</main>")

        usual = await said(room=str(here.hall.id))
        few = await said(room=str(here.hall.id), need_helpers="0")
        past = await said(day="2/11/2026")
        shown = words((await client.post(f"/lich/{WARD}/buoi-moi", data=typed | {"xem": "1"})).text)

    assert "Người dạy chính, cần 1 : mời được 1 người Lê An chưa rõ giờ rảnh" in usual
    assert "Người hỗ trợ, cần 5 : không mời được ai" in usual or "chưa có ai trong danh sách" in usual
    assert usual.endswith("phòng trống, thiếu người")
    assert "Người hỗ trợ" not in few
    assert few.endswith("phòng trống, đủ người")
    assert "Lê An" not in past
    assert "Lê An chưa rõ giờ rảnh" in shown


async def test_change_form_says_who_of_the_session_cannot_come_then(app: TestApp) -> None:
    here = await seeded(app)
    session_id = await published(app, here)
    async with app.sessions.begin() as db:
        session = await db.get_one(ClassSession, session_id)
        bound = await add_helper(db, "Lê An", teaches_all=True)
        await assign(db, session, bound, role="trainer")
        other = await plan_session(
            db, WARD, here.details(room=here.small), slot(MONDAY, time(14)), by=here.by, now=NOON
        )
        await assign(db, other, bound)
    edit = f"/buoi/{session_id}/sua"
    async with app.client_as("ha@example.org") as client:
        first = words((await client.get(edit)).text)
        typed = {"day": "7/12/2026", "since": "14h30", "until": "16h", "room": str(here.hall.id)}
        moved = words(f"<main{(await client.get(f'{edit}/phong-va-nguoi', params=typed)).text}</main>")
    assert "Lê An đã ở buổi này · " in first
    assert "không đến được" not in first
    assert "Lê An, đã ở buổi này, không đến được: bận: Dùng VNeID 14h00 cùng ngày." in moved
