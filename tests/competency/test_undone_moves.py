"""Undoing a learner's move from the learner's page."""

from dataclasses import dataclass
from datetime import timedelta

import httpx
from sqlalchemy import select

from learners.models import Learner
from scheduling.models import ClassSession, Enrolment
from tests.competency.test_learner_page import seed, undo_of, words
from tests.conftest import TestApp
from tests.factories import NOON, add_enrolment, add_learner, add_session


@dataclass
class Scene:
    """Hoa is in an old class, with somebody waiting for her seat perhaps; a new one is open."""

    here: str
    old: int
    new: int


async def scene(app: TestApp, *, waiting: str = "") -> Scene:
    here, ids = await seed(app, meetings=1)
    async with app.sessions.begin() as db:
        old = await db.get_one(ClassSession, ids[0])
        new = await add_session(db, title="Thanh toán QR, tối", starts_at=NOON + timedelta(days=4))
        new.course_id, new.kind = old.course_id, "ward_class"
        if waiting:
            old.capacity = 1
            await db.flush()
            await add_enrolment(db, old, await add_learner(db, waiting), state="waitlisted")
    return Scene(here, old.id, new.id)


async def move(client: httpx.AsyncClient, s: Scene) -> str:
    """Move Hoa; the address of the undo button."""
    form = {"sang": str(s.new), "pham_vi": "buoi"}
    done = await client.post(f"{s.here}/buoi/{s.old}/doi", data=form)
    return undo_of(await client.get(done.headers["location"]))


async def states(app: TestApp, s: Scene) -> list[str]:
    """Hoa in the old class and in the new one."""
    async with app.sessions() as db:
        rows = await db.execute(
            select(Enrolment.session_id, Enrolment.state)
            .join(Learner, Learner.id == Enrolment.learner_id)
            .where(Learner.full_name == "Nguyễn Thị Hoa")
        )
        found = {row.session_id: row.state for row in rows}
    return [found[s.old], found[s.new]]


async def test_one_press_undoes_a_move(app: TestApp) -> None:
    s = await scene(app)
    async with app.client_as("ha@example.org") as client:
        undo = await move(client, s)
        app.clock.forward(timedelta(minutes=1))
        preview = await client.get(undo)
        undone = await client.post(undo)
        after = await client.get(undone.headers["location"])
        again = await client.post(undo)
        repeated = await client.get(again.headers["location"])
        nothing = [await client.get(undo.partition("?")[0] + query) for query in ("", "?luc=x")]

    assert "có chỗ" in words(preview.text)
    assert "Đã hoàn tác việc đổi buổi. Đã ghi lại 1 buổi, Bà Nguyễn Thị Hoa vẫn học như cũ." in after.text
    assert "Việc này đã được hoàn tác rồi." in repeated.text
    assert [each.status_code for each in nothing] == [303, 303]
    assert await states(app, s) == ["enrolled", "cancelled"]


async def test_undo_asks_first_where_the_old_seat_is_taken(app: TestApp) -> None:
    s = await scene(app, waiting="Người Chờ")
    async with app.client_as("ha@example.org") as client:
        undo = await move(client, s)
        app.clock.forward(timedelta(minutes=1))
        asked = await client.post(undo)
        question = await client.get(asked.headers["location"])
        assert await states(app, s) == ["cancelled", "enrolled"]
        undone = await client.post(undo, data={"van": "1"})
        after = await client.get(undone.headers["location"])

    assert "Chỗ cũ đã có người khác nhận. Hoàn tác bây giờ thì Bà Nguyễn Thị Hoa phải chờ chỗ." in words(
        question.text
    )
    assert "chờ thứ 1" in words(question.text)
    assert "Chỗ đã có người khác nhận; nay chờ thứ 1." in after.text
    assert await states(app, s) == ["waitlisted", "cancelled"]


async def test_move_into_a_class_that_has_begun_is_not_undone(app: TestApp) -> None:
    s = await scene(app)
    async with app.client_as("ha@example.org") as client:
        undo = await move(client, s)
        app.clock.forward(timedelta(days=4, minutes=1))
        refused = await client.post(undo)
        after = await client.get(refused.headers["location"])

    assert "Lớp mới đã bắt đầu nên không hoàn tác được nữa." in after.text
    assert await states(app, s) == ["cancelled", "enrolled"]
