"""One level of a skill for everybody present without one: in one request, undone in one, counts at once."""

import re
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from competency.errors import AlreadySigned, SkillNotTaught
from competency.models import AwaitingSignOff, Demonstration
from competency.service.class_levels import ClassLevels, record_the_rest, undo_the_rest
from competency.service.demonstrations import ObservedSkill, record_demonstrations
from lopso.kernel.audit import AuditEntry
from tests.classroom import Classroom, add_classroom
from tests.competency.evidence import MINUTE, signed
from tests.conftest import TestApp
from tests.factories import NOON
from tests.statements import statements_of

HTMX = {"hx-request": "true"}
NAMES = [f"Trần Thị Số {n:02}" for n in range(21)]


def address(room: Classroom) -> str:
    return f"/buoi/{room.session.id}/diem-danh"


async def present(app: TestApp, names: Sequence[str] = NAMES) -> Classroom:
    """A class in which everybody came but the last."""
    async with app.sessions.begin() as db:
        room = await add_classroom(db, names)
        for learner in room.learners[:-1]:
            await room.mark(db, learner)
        await room.mark(db, room.learners[-1], "absent")
        return room


async def levels(app: TestApp, skill_id: int) -> dict[int, str]:
    async with app.sessions() as db:
        rows = await db.execute(
            select(Demonstration.learner_id, Demonstration.level)
            .where(Demonstration.voided_at.is_(None))
            .where(Demonstration.skill_id == skill_id)
        )
        return {row.learner_id: row.level for row in rows}


async def show(db: AsyncSession, room: Classroom, place: int, level: str) -> None:
    tap = ObservedSkill(room.learners[place].id, room.skills[0].id, level, uuid4())
    session = await room.roll_session(db)
    assert (await record_demonstrations(db, session, [tap], by=room.as_helper, now=NOON)).saved


async def record(db: AsyncSession, room: Classroom, form_id: UUID, skill: int = 0) -> ClassLevels:
    session = await room.roll_session(db)
    skill_id = room.skills[skill].id
    return await record_the_rest(
        db, session, skill_id, "alone", form_id=form_id, by=room.as_helper, now=NOON + MINUTE
    )


async def test_rest_gets_the_level_and_exceptions_keep_theirs(db: AsyncSession) -> None:
    room = await add_classroom(db)
    anh, binh, gai = room.learners
    for learner in (anh, binh):
        await room.mark(db, learner)
    await room.mark(db, gai, "excused")
    await show(db, room, 0, "with_help")
    form_id = uuid4()

    done = await record(db, room, form_id)
    again = await record(db, room, form_id)

    assert (done.changed, done.refused) == ([binh.id], {})
    assert again.changed == []
    shown = select(Demonstration.learner_id, Demonstration.level, Demonstration.observed_by)
    assert [(*row,) for row in await db.execute(shown.order_by(Demonstration.id))] == [
        (anh.id, "with_help", room.helper.id),
        (binh.id, "alone", room.helper.id),
    ]
    waiting = select(AwaitingSignOff.learner_id).order_by(AwaitingSignOff.learner_id)
    assert (await db.scalars(waiting)).all() == [anh.id, binh.id]
    audited = select(AuditEntry.facts).where(AuditEntry.action == "skills.shown").order_by(AuditEntry.id)
    assert (await db.scalars(audited)).all()[-1] == {"shown": [[binh.id, room.skills[0].id, "alone"]]}


async def test_undo_leaves_what_was_recorded_or_confirmed_since(db: AsyncSession) -> None:
    room = await add_classroom(db)
    anh, binh, gai = room.learners
    for learner in room.learners:
        await room.mark(db, learner)
    form_id = uuid4()
    await record(db, room, form_id)
    later = ObservedSkill(anh.id, room.skills[0].id, "can_teach", uuid4())
    session = await room.roll_session(db)
    await record_demonstrations(db, session, [later], by=room.as_coordinator, now=NOON + 2 * MINUTE)
    await signed(db, room, gai)

    skill_id = room.skills[0].id
    undone = await undo_the_rest(
        db, session, skill_id, form_id=form_id, by=room.as_helper, now=NOON + 3 * MINUTE
    )

    assert (undone.changed, undone.left) == ([binh.id], [anh.id])
    assert undone.refused == {gai.id: AlreadySigned().sentence}
    standing = select(Demonstration.learner_id).where(Demonstration.voided_at.is_(None))
    assert set(await db.scalars(standing)) == {anh.id, gai.id}


async def test_skill_that_is_not_taught_is_refused_for_everybody(db: AsyncSession) -> None:
    room = await add_classroom(db, skills=4)
    await room.mark(db, room.learners[0])
    session = await room.roll_session(db)

    done = await record_the_rest(
        db, session, 999_999, "alone", form_id=uuid4(), by=room.as_helper, now=NOON + MINUTE
    )

    assert (done.changed, done.refused) == ([], {room.learners[0].id: SkillNotTaught().sentence})


async def test_one_press_changes_list_counts_and_undo(app: TestApp) -> None:
    room = await present(app)
    skill = room.skills[0].id
    async with app.client_as("phuoc@example.org") as client:
        before = await client.get(f"{address(room)}?ky_nang={skill}")
        pressed = {"form_id": str(uuid4()), "rest_skill": f"{skill}:alone"}
        answer = await client.post(f"{address(room)}?ky_nang={skill}", data=pressed, headers=HTMX)
        undo = re.search(r'hx-post="([^"]*hoan-tac[^"]*)"', answer.text)
        assert undo is not None
        recorded = await levels(app, skill)
        undone = await client.post(undo[1].replace("&amp;", "&"), headers=HTMX)

    assert "Quét mã QR — 0/20" in before.text
    assert "Còn 20 người chưa ghi" in before.text
    assert "Còn lại: tự làm được" in before.text
    assert recorded == {each.id: "alone" for each in room.learners[:-1]}
    assert "Đã ghi 20 người: tự làm được." in answer.text
    assert '<select class="input" id="roll-view" name="ky_nang" hx-swap-oob="true">' in answer.text
    assert "Quét mã QR — 20/20" in answer.text
    assert "<b>20/20</b>" in answer.text
    assert "Còn lại: tự làm được" not in answer.text
    assert "Đã hoàn tác cho 20 người." in undone.text
    assert "<b>0/20</b>" in undone.text
    assert await levels(app, skill) == {}


async def test_single_tap_updates_the_counts_of_the_drop_down(app: TestApp) -> None:
    room = await present(app)
    skill = room.skills[1].id
    tap = {"form_id": str(uuid4()), "learner_id": str(room.learners[0].id), "skill": f"{skill}:with_help"}
    async with app.client_as("phuoc@example.org") as client:
        answer = await client.post(f"{address(room)}?ky_nang={skill}", data=tap, headers=HTMX)
    assert re.search(rf'value="{skill}" selected>\s*Chuyển tiền thử — 1/20', answer.text)
    assert "Còn 19 người chưa ghi" in answer.text


async def test_press_without_a_script_returns_to_the_skill(app: TestApp) -> None:
    room = await present(app)
    skill = room.skills[0].id
    view = f"{address(room)}?ky_nang={skill}"
    async with app.client_as("phuoc@example.org") as client:
        answer = await client.post(view, data={"form_id": str(uuid4()), "rest_skill": f"{skill}:alone"})
        assert (answer.status_code, answer.headers["location"]) == (303, view)
        page = await client.get(view)
        undo = re.search(r'action="([^"]*hoan-tac[^"]*)"', page.text)
        assert undo is not None
        back = await client.post(undo[1].replace("&amp;", "&"))
        again = await client.get(back.headers["location"])
    assert "Đã ghi 20 người: tự làm được." in page.text
    assert back.headers["location"] == view
    assert "Đã hoàn tác cho 20 người." in again.text
    assert await levels(app, skill) == {}


async def test_press_says_when_nobody_is_left_or_present(app: TestApp) -> None:
    room = await present(app, NAMES[:3])
    skill = room.skills[0].id
    async with app.client_as("phuoc@example.org") as client:

        async def press() -> str:
            data = {"form_id": str(uuid4()), "rest_skill": f"{skill}:alone"}
            return (await client.post(f"{address(room)}?ky_nang={skill}", data=data, headers=HTMX)).text

        await press()
        nobody_left = await press()
        for learner in room.learners:
            app.clock.forward(timedelta(seconds=1))
            mark = {"form_id": str(uuid4()), "learner_id": str(learner.id), "mark": "absent"}
            await client.post(address(room), data=mark, headers=HTMX)
        nobody_present = await press()
    assert "Không ghi thêm ai: mọi người có mặt đã được ghi kỹ năng này từ trước." in nobody_left
    assert "Chưa ghi ai có mặt. Xin điểm danh trước, rồi ghi kỹ năng." in nobody_present


@pytest.mark.parametrize("people", [3, 30])
async def test_press_for_a_class_runs_a_fixed_number_of_statements(app: TestApp, people: int) -> None:
    room = await present(app, [f"Nguyễn Thị Số {n}" for n in range(people)])
    skill = room.skills[0].id

    engine = app.sessions.kw["bind"]
    async with app.client_as("phuoc@example.org") as client:
        await client.get(address(room))
        with statements_of(engine) as statements:
            pressed = {"form_id": str(uuid4()), "rest_skill": f"{skill}:alone"}
            await client.post(f"{address(room)}?ky_nang={skill}", data=pressed, headers=HTMX)
    assert len(await levels(app, skill)) == people - 1
    assert len(statements) == 16, statements
