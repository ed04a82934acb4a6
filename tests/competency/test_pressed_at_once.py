"""Two helpers press "the rest" of one class at once: one mark and one level a person, and no error page."""

import asyncio
from collections.abc import Awaitable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from attendance.models import AttendanceMark
from attendance.queries import standing_marks
from attendance.service.marks import Mark, mark_the_rest, record_marks
from competency.models import Demonstration
from competency.service.class_levels import record_the_rest, undo_the_rest
from competency.service.demonstrations import ObservedSkill, record_demonstrations
from lopso.kernel.access import Role
from tests.classroom import WARD, Classroom, add_assignment, add_classroom
from tests.competency.evidence import MINUTE
from tests.conftest import TestApp
from tests.factories import NOON, add_user

HTMX = {"hx-request": "true"}
NAMES = [f"Trần Thị Số {n:02}" for n in range(21)]
SECOND = "thu-hai@example.org"


async def class_with_two_helpers(app: TestApp, *, came: bool = True) -> Classroom:
    async with app.sessions.begin() as db:
        room = await add_classroom(db, NAMES)
        other = await add_user(db, (Role.TRAINER, WARD), name="Lê Thị Sen", email=SECOND)
        await add_assignment(db, room.session, other)
        for learner in room.learners if came else ():
            await room.mark(db, learner)
        return room


async def press_together(
    app: TestApp, room: Classroom, first: dict[str, str], second: dict[str, str], *, query: str = ""
) -> Sequence[httpx.Response]:
    """Both requests under way at once, each with a log-in of its own."""
    address = f"/buoi/{room.session.id}/diem-danh{query}"
    async with app.client_as("phuoc@example.org") as one, app.client_as(SECOND) as two:
        return await asyncio.gather(
            one.post(address, data={"form_id": str(uuid4()), **first}, headers=HTMX),
            two.post(address, data={"form_id": str(uuid4()), **second}, headers=HTMX),
        )


async def demonstrations(app: TestApp) -> Sequence[tuple[int, str]]:
    """Every row there is, voided ones too."""
    async with app.sessions() as db:
        rows = await db.execute(
            select(Demonstration.learner_id, Demonstration.level).order_by(Demonstration.learner_id)
        )
        return [(row.learner_id, row.level) for row in rows]


@pytest.mark.parametrize("other_level", ["alone", "with_help", "can_teach"])
async def test_levels_pressed_at_once_leave_one_a_person(app: TestApp, other_level: str) -> None:
    room = await class_with_two_helpers(app)
    skill = room.skills[0].id
    answers = await press_together(
        app,
        room,
        {"rest_skill": f"{skill}:alone"},
        {"rest_skill": f"{skill}:{other_level}"},
        query=f"?ky_nang={skill}",
    )
    recorded = await demonstrations(app)

    assert [each.status_code for each in answers] == [200, 200]
    assert [learner_id for learner_id, _level in recorded] == [each.id for each in room.learners]
    assert len({level for _learner_id, level in recorded}) == 1
    said = sorted("Không ghi thêm ai" in each.text for each in answers)
    assert said == [False, True]


@pytest.mark.parametrize("other_mark", ["present", "absent"])
async def test_marks_pressed_at_once_leave_one_a_person(app: TestApp, other_mark: str) -> None:
    room = await class_with_two_helpers(app, came=False)
    answers = await press_together(app, room, {"rest": "present"}, {"rest": other_mark})
    async with app.sessions() as db:
        marked = (await db.execute(select(AttendanceMark.learner_id, AttendanceMark.mark))).all()

    assert [each.status_code for each in answers] == [200, 200]
    assert sorted(row.learner_id for row in marked) == [each.id for each in room.learners]
    assert len({row.mark for row in marked}) == 1
    assert sorted("Không ghi thêm ai" in each.text for each in answers) == [False, True]


WAITING = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


async def until_it_waits(app: TestApp, waiting: "asyncio.Task[Any]") -> None:
    """Until another transaction of this database waits for a lock; fails when it ends without."""
    for _again in range(200):
        async with app.sessions() as db:  # within one transaction the activity does not change
            if await db.scalar(WAITING):
                return
        assert not waiting.done(), "did not wait for the other transaction"
        await asyncio.sleep(0.02)
    raise AssertionError("no transaction waits")


async def overlapping(app: TestApp, first: Any, second: Any) -> tuple[Any, Any]:
    """`second` begins while the transaction of `first` is still open, and waits for its end."""

    async def later() -> Any:
        async with app.sessions.begin() as other:
            return await second(other)

    async with app.sessions.begin() as db:
        done = await _awaited(first(db))
        waiting = asyncio.create_task(later())
        await until_it_waits(app, waiting)
    return done, await waiting


async def _awaited(work: Awaitable[Any]) -> Any:
    return await work


async def test_exception_marked_meanwhile_is_not_marked_over(app: TestApp) -> None:
    room = await class_with_two_helpers(app, came=False)
    gone = room.learners[3].id

    async def exception(db: AsyncSession) -> Any:
        session = await room.roll_session(db)
        tap = Mark(gone, "absent", uuid4())
        return await record_marks(db, session, [tap], by=room.as_helper, now=NOON)

    async def rest(db: AsyncSession) -> Any:
        session = await room.roll_session(db)
        return await mark_the_rest(
            db, session, "present", form_id=uuid4(), by=room.as_helper, now=NOON + timedelta(seconds=1)
        )

    one, others = await overlapping(app, exception, rest)
    async with app.sessions() as db:
        marks = await standing_marks(db, room.session.id)

    assert (len(one.saved), len(others.saved)) == (1, 20)
    assert marks == {each.id: "absent" if each.id == gone else "present" for each in room.learners}


async def test_level_recorded_meanwhile_keeps_its_place(app: TestApp) -> None:
    room = await class_with_two_helpers(app)
    skill_id, helped = room.skills[0].id, room.learners[3].id

    async def exception(db: AsyncSession) -> Any:
        session = await room.roll_session(db)
        tap = ObservedSkill(helped, skill_id, "with_help", uuid4())
        return await record_demonstrations(db, session, [tap], by=room.as_helper, now=NOON + MINUTE)

    async def rest(db: AsyncSession) -> Any:
        session = await room.roll_session(db)
        return await record_the_rest(
            db, session, skill_id, "alone", form_id=uuid4(), by=room.as_helper, now=NOON + MINUTE
        )

    await overlapping(app, exception, rest)

    recorded = await demonstrations(app)
    assert recorded == [(each.id, "with_help" if each.id == helped else "alone") for each in room.learners]


async def test_undo_while_the_other_presses_leaves_one_level_a_person(app: TestApp) -> None:
    room = await class_with_two_helpers(app)
    skill_id, form_id = room.skills[0].id, uuid4()

    async def give(db: AsyncSession, level: str, form_id: UUID, now: datetime) -> Any:
        session = await room.roll_session(db)
        return await record_the_rest(
            db, session, skill_id, level, form_id=form_id, by=room.as_helper, now=now
        )

    async def give_again(db: AsyncSession) -> Any:
        return await give(db, "with_help", uuid4(), NOON + 3 * MINUTE)

    async def take_back(db: AsyncSession) -> Any:
        session = await room.roll_session(db)
        return await undo_the_rest(
            db, session, skill_id, form_id=form_id, by=room.as_helper, now=NOON + 2 * MINUTE
        )

    async with app.sessions.begin() as db:
        await give(db, "alone", form_id, NOON + MINUTE)
    undone, given = await overlapping(app, take_back, give_again)
    async with app.sessions() as db:
        standing = await db.execute(
            select(Demonstration.learner_id, Demonstration.level)
            .where(Demonstration.voided_at.is_(None))
            .order_by(Demonstration.learner_id)
        )
        levels = [(*row,) for row in standing]

    assert (len(undone.changed), len(given.changed)) == (21, 21)
    assert levels == [(each.id, "with_help") for each in room.learners]
