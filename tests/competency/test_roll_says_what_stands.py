"""Answers of the roll call say what now stands, not what was pressed; a large class has several sheets."""

import re
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import func, select

from attendance.models import AttendanceMark
from attendance.service.marks import Mark, record_marks
from competency.forms.roll import SHEET_ROWS
from tests.classroom import Classroom, add_classroom, add_learner
from tests.conftest import TestApp
from tests.factories import NOON

HTMX = {"hx-request": "true"}


async def seeded(app: TestApp, people: int = 3) -> Classroom:
    async with app.sessions.begin() as db:
        return await add_classroom(db, [f"Trần Thị Số {n:03}" for n in range(people)])


def address(room: Classroom) -> str:
    return f"/buoi/{room.session.id}/diem-danh"


async def test_repeated_tap_after_a_later_mark_reports_the_later(app: TestApp) -> None:
    room = await seeded(app)
    tap = {"form_id": str(uuid4()), "learner_id": str(room.learners[0].id), "mark": "present"}
    later = {"form_id": str(uuid4()), "learner_id": str(room.learners[0].id), "mark": "absent"}
    async with app.client_as("phuoc@example.org") as client:
        await client.post(address(room), data=tap, headers=HTMX)
        app.clock.forward(timedelta(minutes=1))
        await client.post(address(room), data=later, headers=HTMX)
        again = await client.post(address(room), data=tap, headers=HTMX)
    assert "Bà Trần Thị Số 000: vắng. Có người đã ghi lại sau lần bấm này." in again.text
    assert "có mặt.<" not in again.text
    assert "hoan-tac" not in again.text
    assert re.search(r'value="absent" aria-pressed="true"', again.text)


async def test_undo_of_a_mark_that_no_longer_stands_says_so(app: TestApp) -> None:
    room = await seeded(app)
    learner = str(room.learners[0].id)
    async with app.client_as("phuoc@example.org") as client:
        tapped = await client.post(
            address(room),
            data={"form_id": str(uuid4()), "learner_id": learner, "mark": "present"},
            headers=HTMX,
        )
        undo = re.search(r'hx-post="([^"]*hoan-tac[^"]*)"', tapped.text)
        assert undo is not None
        app.clock.forward(timedelta(minutes=1))
        await client.post(
            address(room), data={"form_id": str(uuid4()), "learner_id": learner, "mark": "late"}, headers=HTMX
        )
        undone = await client.post(undo[1], headers=HTMX)
    assert "Không hoàn tác: sau đó đã có lần ghi khác." in undone.text
    assert "Đã hoàn tác." not in undone.text


async def test_rest_pressed_twice_says_that_nobody_was_added(app: TestApp) -> None:
    room = await seeded(app)
    async with app.client_as("phuoc@example.org") as client:
        first = await client.post(
            address(room), data={"form_id": str(uuid4()), "rest": "present"}, headers=HTMX
        )
        second = await client.post(
            address(room), data={"form_id": str(uuid4()), "rest": "absent"}, headers=HTMX
        )
    assert "Đã ghi 3 người: có mặt." in first.text
    assert "Không ghi thêm ai: mọi người đã có dấu từ trước." in second.text


async def test_upload_answers_with_the_marks_that_stand(app: TestApp) -> None:
    room = await seeded(app)
    learner, skill = room.learners[0].id, room.skills[0].id
    old = {
        "learner_id": learner,
        "mark": "absent",
        "client_id": str(uuid4()),
        "happened_at": (NOON - timedelta(minutes=30)).isoformat(),
        "offline": True,
    }
    async with app.client_as("phuoc@example.org") as client:
        await client.post(
            address(room), data={"form_id": str(uuid4()), "learner_id": str(learner), "mark": "present"}
        )
        shown = {"learner_id": learner, "skill_id": skill, "level": "alone", "client_id": str(uuid4())}
        answer = await client.post(f"{address(room)}/danh-sach", json={"marks": [old], "skills": [shown]})
    assert answer.json()["saved"] == [old["client_id"], shown["client_id"]]
    assert answer.json()["marks"] == {str(learner): "present"}
    assert answer.json()["skills"] == {str(learner): {str(skill): "alone"}}


async def test_large_class_is_saved_sheet_by_sheet(app: TestApp) -> None:
    people = 2 * SHEET_ROWS + 20
    room = await seeded(app, 2)
    async with app.sessions.begin() as db:  # who came without a seat fills the roll as well
        walk_ins = [await add_learner(db, f"Lê Văn Số {n:03}") for n in range(people - 2)]
        session = await room.roll_session(db)
        marks = [Mark(each.id, "late", uuid4()) for each in walk_ins]
        await record_marks(db, session, marks, by=room.as_helper, now=NOON)
    saved = 0
    async with app.client_as("phuoc@example.org") as client:
        here = f"{address(room)}/ca-lop"
        for number in (1, 2, 3):
            sheet = await client.get(here)
            fields = dict.fromkeys(re.findall(r'name="(mark\.[^"]+)"', sheet.text), "present")
            saved += len(fields)
            answer = await client.post(
                f"{address(room)}/ca-lop",
                data={**fields, "form_id": str(uuid4()), "trang": str(number)},
            )
            assert answer.status_code == 303, answer.text
            here = answer.headers["location"]
    assert saved == people
    assert here == address(room)
    async with app.sessions() as db:
        on_time = select(func.count()).where(AttendanceMark.mark == "present")
        assert await db.scalar(on_time) == people


async def test_refused_field_of_a_sheet_keeps_what_was_chosen(app: TestApp) -> None:
    room = await seeded(app)
    learner, skill = room.learners[0].id, room.skills[0].id
    field = f"skill.{learner}.{skill}."
    async with app.client_as("phuoc@example.org") as client:
        answer = await client.post(
            f"{address(room)}/ca-lop",
            data={"form_id": str(uuid4()), f"mark.{learner}.": "absent", field: "alone"},
        )
    assert "Chỉ ghi kỹ năng cho người có mặt." in answer.text
    chosen = re.search(rf'name="{re.escape(field)}".*?</select>', answer.text, re.S)
    assert chosen is not None
    assert 'value="alone" selected' in chosen[0]
