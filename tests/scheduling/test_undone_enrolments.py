"""Undoing one act of enrolling: nobody of it stays, whoever waited moves up, nobody else is touched."""

import asyncio
import re
from datetime import timedelta
from urllib.parse import quote

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from lopso.kernel import db as database
from lopso.kernel.access import Role
from lopso.kernel.audit import AuditEntry
from notifications.models import Message
from scheduling.models import ClassSession
from scheduling.queries.enrolments_made import enrolments_made_at
from scheduling.service.enrolments import cancel_enrolments, enrol
from scheduling.service.undone_enrolments import UndoneEnrolments, undo_enrolments
from tests.conftest import TestApp
from tests.factories import NOON, actor_for, add_enrolment, add_session, add_user
from tests.scheduling.test_enrolment_pages import scene, states, text_of
from tests.scheduling.test_enrolments import add_coordinator, add_learners, seats_and_queue

LATER = NOON + timedelta(minutes=1)


async def test_undoing_frees_seats_for_those_who_waited_before(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    session = await add_session(db, capacity=2)
    hoa, lan, mai, tam = await add_learners(db, "Hoa", "Lan", "Mai", "Tâm")
    await enrol(db, [session.id], [hoa.id, lan.id], by=by, now=NOON)
    await enrol(db, [session.id], [mai.id], by=by, now=LATER)
    await enrol(db, [session.id], [tam.id], by=by, now=LATER + timedelta(minutes=1))

    undone = await undo_enrolments(db, [session.id], enrolled_at=NOON, by=by, now=LATER)
    again = await undo_enrolments(db, [session.id], enrolled_at=NOON, by=by, now=LATER)

    assert undone == UndoneEnrolments([hoa.id, lan.id], [mai.id, tam.id], 0)
    assert again == UndoneEnrolments([], [], 0)
    assert await seats_and_queue(db, session) == (sorted([mai.id, tam.id]), [], 2)
    entry = await db.scalar(select(AuditEntry).where(AuditEntry.action == "enrolment.undone"))
    assert entry is not None
    assert entry.facts == {"learners": [hoa.id, lan.id]}


async def test_undoing_leaves_acts_of_others_and_who_left_since(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    other = await add_user(db, (Role.COORDINATOR, "19753"), email="khac@example.org")
    session = await add_session(db)
    hoa, lan, mai = await add_learners(db, "Hoa", "Lan", "Mai")
    await enrol(db, [session.id], [hoa.id, lan.id], by=by, now=NOON)
    await enrol(db, [session.id], [mai.id], by=actor_for(other, (Role.COORDINATOR, "19753")), now=NOON)
    await cancel_enrolments(db, [session.id], lan.id, reason="về quê", by=by, now=LATER)

    undone = await undo_enrolments(db, [session.id], enrolled_at=NOON, by=by, now=LATER)

    assert undone.removed == [hoa.id]
    assert await seats_and_queue(db, session) == ([mai.id], [], 1)


async def test_session_that_has_begun_keeps_its_learners(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    first = await add_session(db)
    second = await add_session(db, starts_at=NOON + timedelta(days=10))
    [hoa] = await add_learners(db, "Hoa")
    await enrol(db, [first.id, second.id], [hoa.id], by=by, now=NOON)

    undone = await undo_enrolments(db, [first.id, second.id], enrolled_at=NOON, by=by, now=first.starts_at)

    assert undone == UndoneEnrolments([hoa.id], [], 1)
    assert (await seats_and_queue(db, first), await seats_and_queue(db, second)) == (
        ([hoa.id], [], 1),
        ([], [], 0),
    )


async def test_act_is_found_again_with_places_on_the_waiting_list(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    session = await add_session(db, capacity=2)
    hoa, lan, mai = await add_learners(db, "Trần Thị Hoa", "Lê Thị Lan", "Phan Thị Mai")
    await add_enrolment(db, session, hoa, queued_at=NOON - timedelta(days=1))
    await enrol(db, [session.id], [mai.id, lan.id], by=by, now=NOON)

    made = await enrolments_made_at(db, session, NOON, by=by)

    assert [(each.enrolment.learner_id, each.position, each.new) for each in made] == [
        (lan.id, 1, True),
        (mai.id, None, True),
    ]
    assert await enrolments_made_at(db, session, LATER, by=by) == ()


async def test_whole_enrolment_is_undone_on_the_page_with_its_texts(app: TestApp) -> None:
    s = await scene(app, capacity=20)
    here = f"/buoi/{s.session}/ghi-danh"
    at = f"luc={quote(NOON.isoformat())}"
    async with app.client_as("ha@example.org") as client:
        done = await client.post(here, data={"nguoi": [str(s.lan), str(s.uon)], "pham_vi": "loat"})
        result = await client.get(done.headers["location"])
        planned = await messages(app)
        undone = await client.post(f"{here}/hoan-tac?{at}")
        shown = text_of(await client.get(undone.headers["location"]))
        twice = await client.post(f"{here}/hoan-tac?{at}")
        said = text_of(await client.get(twice.headers["location"]))
        gone = await client.get(done.headers["location"])

    assert done.headers["location"] == f"{here}/ket-qua?{at}"
    assert "Đã ghi danh 2 người, ai cũng có chỗ" in text_of(result)
    assert "Bà Lê Thị Lan 1958 · không có điện thoại Có chỗ ở 2 buổi" in text_of(result)
    assert "Hoàn tác lần ghi danh này" in text_of(result)
    assert "Đã hoàn tác, bỏ 2 người vừa ghi." in shown
    assert "Đã nghỉ buổi này" not in shown
    assert "Việc này đã được hoàn tác rồi." in said
    assert gone.headers["location"] == here
    assert await states(app, s.session) == {s.hoa: "enrolled"}
    assert await states(app, s.next_week) == {}
    assert (planned > 0, await messages(app)) == (True, 0)


async def messages(app: TestApp) -> int:
    """Texts about to go to Bà Ưỡn."""
    async with app.sessions() as db:
        planned = select(func.count()).where(Message.state == "planned", Message.to_phone == "+84905111222")
        return await db.scalar(planned) or 0


async def test_enrolment_of_few_is_undone_from_its_sentence(app: TestApp) -> None:
    s = await scene(app)
    async with app.client_as("ha@example.org") as client:
        done = await client.post(f"/buoi/{s.session}/ghi-danh", data={"nguoi": [str(s.lan)]})
        shown = await client.get(done.headers["location"])
    address = f"/buoi/{s.session}/ghi-danh/hoan-tac?luc={quote(NOON.isoformat())}"
    assert f'action="{address}"' in shown.text


async def test_classes_joined_from_the_page_of_a_learner_are_left_again(app: TestApp) -> None:
    s = await scene(app)
    page = f"/nguoi-hoc/19753/{s.lan}"
    async with app.client_as("ha@example.org") as client:
        await client.post(f"/buoi/{s.session}/ghi-danh", data={"nguoi": [str(s.uon)]})
        app.clock.forward(timedelta(minutes=1))
        done = await client.post(f"{page}/ghi-danh", data={"chon": f"loat-{s.session}"})
        shown = await client.get(done.headers["location"])
        [address] = re.findall(rf'action="({page}/ghi-danh/hoan-tac[^"]+)"', shown.text)
        before = (await states(app, s.session), await states(app, s.next_week))
        undone = await client.post(address)
        twice = await client.post(address)
        said = text_of(await client.get(undone.headers["location"]))

    assert before == (
        {s.hoa: "enrolled", s.uon: "enrolled", s.lan: "waitlisted"},
        {s.lan: "enrolled"},
    )
    assert (undone.headers["location"], twice.headers["location"]) == (page, page)
    assert "Việc này đã được hoàn tác rồi." in said  # the sentence of the second press
    assert await states(app, s.session) == {s.hoa: "enrolled", s.uon: "enrolled"}
    assert await states(app, s.next_week) == {}


async def test_two_officers_at_once_never_exceed_the_seats(engine: AsyncEngine) -> None:
    sessions = database.session_maker(engine, {})
    async with sessions.begin() as db:
        by = await add_coordinator(db)
        other = actor_for(
            await add_user(db, (Role.COORDINATOR, "19753"), email="khac@example.org"),
            (Role.COORDINATOR, "19753"),
        )
        session = await add_session(db, capacity=5)
        people = [each.id for each in await add_learners(db, *(f"Trần Thị A{n}" for n in range(8)))]

    async def enrol_as(who: int) -> None:
        async with sessions.begin() as db:
            actor = (by, other)[who]
            await enrol(db, [session.id], people[who * 2 : who * 2 + 6], by=actor, now=NOON)

    await asyncio.gather(enrol_as(0), enrol_as(1))
    async with sessions() as db:
        row = await db.get_one(ClassSession, session.id)
        seated, waiting, count = await seats_and_queue(db, row)
    assert (len(seated), len(waiting), count) == (5, 3, 5)
