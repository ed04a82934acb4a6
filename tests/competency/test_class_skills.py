"""How far a class, and a series, is with each of its skills."""

from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from competency.queries.class_skills import ClassSkill, class_skills
from competency.service.sign_off_revocations import revoke_sign_off
from scheduling.models import ClassSession, Series
from tests.classroom import WARD, Classroom, add_classroom
from tests.competency.evidence import MINUTE, came_and_showed, signed
from tests.conftest import TestApp
from tests.factories import NOON
from tests.scheduling.plan_pages import words
from tests.statements import statements_of

HTMX = {"hx-request": "true"}


def numbers(progress: ClassSkill) -> tuple[int, int, int, int]:
    return progress.confirmed, progress.alone, progress.with_help, progress.unrecorded


async def test_each_person_who_came_counts_once_with_the_most_they_have(db: AsyncSession) -> None:
    room = await add_classroom(db, [f"Người Số {n}" for n in range(6)])
    confirmed, alone, helped, only_came, absent, gone = room.learners
    await came_and_showed(db, room, confirmed, skills=(0, 1))
    await signed(db, room, confirmed)
    await came_and_showed(db, room, alone, level="can_teach")
    await came_and_showed(db, room, helped, level="with_help")
    await room.mark(db, only_came, "late")
    await room.mark(db, absent, "absent")
    await came_and_showed(db, room, gone)
    await room.mark(db, gone, "absent", at=NOON + 5 * MINUTE)  # corrected: was not there after all

    found = await class_skills(db, [room.session.id])

    assert [numbers(each) for each in found] == [(1, 1, 1, 1), (0, 1, 0, 3), (0, 0, 0, 4)]


async def test_revoked_confirmation_counts_as_shown(db: AsyncSession) -> None:
    room = await add_classroom(db)
    await came_and_showed(db, room, room.learners[0])
    [sign_off] = await signed(db, room, room.learners[0])
    await revoke_sign_off(db, WARD, sign_off.id, reason="Ký nhầm", by=room.as_assessor, now=NOON + 3 * MINUTE)

    [first, *_rest] = await class_skills(db, [room.session.id])

    assert numbers(first) == (0, 1, 0, 0)


async def test_nobody_who_came_gives_nothing(db: AsyncSession) -> None:
    room = await add_classroom(db)
    await room.mark(db, room.learners[0], "absent")
    assert await class_skills(db, [room.session.id]) == []
    assert await class_skills(db, []) == []


async def test_skills_of_a_class_take_two_statements(db: AsyncSession) -> None:
    room = await add_classroom(db, [f"Người Số {n}" for n in range(12)], skills=6)
    for learner in room.learners:
        await came_and_showed(db, room, learner, skills=range(6))
    connection = await db.connection()

    with statements_of(connection) as statements:
        found = await class_skills(db, [room.session.id])

    assert [numbers(each) for each in found] == [(0, 12, 0, 0)] * 6
    assert len(statements) == 2


async def in_series(app: TestApp) -> tuple[Classroom, int]:
    """A classroom whose session belongs to a series."""
    async with app.sessions.begin() as db:
        room = await add_classroom(db)
        series = Series(ward_id=WARD, starts_on=NOON.date(), meetings=8, skips_holidays=True, created_at=NOON)
        db.add(series)
        await db.flush()
        await db.execute(
            update(ClassSession)
            .where(ClassSession.id == room.session.id)
            .values(series_id=series.id, published_at=NOON - timedelta(days=7))
        )
        await came_and_showed(db, room, room.learners[0])
        await room.mark(db, room.learners[1])
        return room, series.id


async def test_pages_of_session_and_series_show_bars_with_their_numbers(app: TestApp) -> None:
    room, series_id = await in_series(app)
    skills = f"/lich/{WARD}/chuoi/{series_id}/ky-nang"
    app.clock.now = NOON + timedelta(days=1)
    async with app.client_as("ha@example.org") as client:
        results = await client.get(f"/buoi/{room.session.id}/ket-qua", headers=HTMX)
        series = await client.get(f"/lich/{WARD}/chuoi/{series_id}")
        part = await client.get(skills, headers=HTMX)
        page = await client.get(skills)
        missing = await client.get(f"/lich/{WARD}/chuoi/999999/ky-nang")

    said = f"{room.skills[0].name_vi} 2 1 tự làm được 1 chưa ghi"
    for text in (results.text, part.text, page.text):
        assert said in words(f"<main{text}</main>" if "<main" not in text else text)
    assert f'hx-get="{skills}"' in series.text
    assert f'href="{skills}"' in series.text
    assert "<title>Kỹ năng của lớp ·" in page.text
    assert missing.status_code == 404


async def test_series_without_roll_says_what_will_stand_there(app: TestApp) -> None:
    room, series_id = await in_series(app)
    async with app.sessions.begin() as db:
        for learner in room.learners:
            await room.mark(db, learner, "absent", at=NOON + 5 * MINUTE)
    async with app.client_as("ha@example.org") as client:
        page = words((await client.get(f"/lich/{WARD}/chuoi/{series_id}/ky-nang")).text)
        part = await client.get(f"/lich/{WARD}/chuoi/{series_id}/ky-nang", headers=HTMX)
    assert "Điểm danh và ghi kỹ năng ở các buổi" in page
    assert "Kỹ năng của lớp" not in part.text
