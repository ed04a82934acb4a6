"""On the call list staff note whom they told; those are no task any more, until there is something new."""

import asyncio
import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Role
from lopso.kernel.audit import AuditEntry
from notifications.models import PhoneCall
from notifications.queries.call_list import count_unreached, helpers_to_call, learners_to_call
from notifications.service.phone_calls import note_calls, undo_calls
from overview.queries.tasks.reading import count_tasks
from scheduling.models import ClassSession, Enrolment
from tests.classroom import WARD
from tests.conftest import TestApp
from tests.factories import NOON, TEST, actor_for, add_user
from tests.notifications.scenario import THURSDAY, add_city, add_class, add_helper, add_learner, announce
from tests.notifications.test_pages import words_of

LATER = NOON + timedelta(minutes=5)
EVE = THURSDAY - timedelta(hours=20)


async def class_without_phones(db: AsyncSession) -> tuple[ClassSession, list[int], int]:
    """Three learners and a helper, none of them with a phone."""
    course = await add_city(db)
    learners = [await add_learner(db, name, phone=None) for name in ("Lê An", "Lê Bình", "Lê Chi")]
    session = await add_class(db, course, *learners)
    helper = await add_helper(db, session, "Trần Văn Không", None)
    await announce(db, session)
    return session, [each.id for each in learners], helper.id


async def listed(db: AsyncSession, session: ClassSession) -> list[str]:
    """Names on the list; the number on other pages is the same."""
    learners = await learners_to_call(db, session, now=LATER)
    helpers = await helpers_to_call(db, session, now=LATER)
    number = (await count_unreached(db, [session.id], now=LATER)).get(session.id, 0)
    names = [each.name.removeprefix("Bà ") for each in (*learners, *helpers)]
    assert number == len(names)
    return names


async def test_people_who_were_told_leave_the_list_and_come_back_by_undo(db: AsyncSession) -> None:
    session, (an, binh, _chi), helper = await class_without_phones(db)
    assert await listed(db, session) == ["Lê An", "Lê Bình", "Lê Chi", "Trần Văn Không"]

    told = await note_calls(db, session, learner_ids=[an], trainer_ids=[], by=TEST, now=NOON)
    again = await note_calls(db, session, learner_ids=[an, 999_999], trainer_ids=[], by=TEST, now=LATER)
    assert (told, again) == (1, 0)
    assert await listed(db, session) == ["Lê Bình", "Lê Chi", "Trần Văn Không"]

    await note_calls(db, session, learner_ids=[binh], trainer_ids=[helper], by=TEST, now=LATER)
    assert await listed(db, session) == ["Lê Chi"]
    assert await note_calls(db, session, learner_ids=None, trainer_ids=None, by=TEST, now=LATER) == 1
    assert await listed(db, session) == []

    assert await undo_calls(db, session, LATER, by=TEST, now=LATER) == 3
    assert await undo_calls(db, session, LATER, by=TEST, now=LATER) == 0
    assert await listed(db, session) == ["Lê Bình", "Lê Chi", "Trần Văn Không"]
    audited = await db.execute(
        select(AuditEntry.action, AuditEntry.facts)
        .where(AuditEntry.action.like("call_list.%"))
        .order_by(AuditEntry.id)
    )
    assert [(row.action, row.facts["people"]) for row in audited] == [
        ("call_list.called", 1),
        ("call_list.called", 2),
        ("call_list.called", 1),
        ("call_list.not_called", 3),
    ]


async def test_session_that_changed_since_is_to_be_told_again(db: AsyncSession) -> None:
    session, _learners, _helper = await class_without_phones(db)
    await note_calls(db, session, learner_ids=None, trainer_ids=None, by=TEST, now=NOON)
    assert await listed(db, session) == []
    session.version += 1
    await db.flush()
    assert await listed(db, session) == ["Lê An", "Lê Bình", "Lê Chi", "Trần Văn Không"]


async def test_learner_who_left_and_enrolled_again_is_to_be_told_again(db: AsyncSession) -> None:
    session, (an, *_others), _helper = await class_without_phones(db)
    await note_calls(db, session, learner_ids=None, trainer_ids=None, by=TEST, now=NOON)
    seat = (await db.scalars(select(Enrolment).where(Enrolment.learner_id == an))).one()
    seat.queued_at = NOON + timedelta(minutes=1)
    await db.flush()
    assert await listed(db, session) == ["Lê An"]


@pytest.fixture
async def session_id(app: TestApp) -> int:
    async with app.sessions.begin() as db:
        session, _learners, _helper = await class_without_phones(db)
        await add_user(db, (Role.COORDINATOR, WARD))
        return session.id


async def number_of_tasks(app: TestApp) -> int:
    async with app.sessions() as db:
        user = await add_user(db, (Role.COORDINATOR, WARD), email="khac@example.org")
        actor = actor_for(user, (Role.COORDINATOR, WARD))
        return await count_tasks(db, actor, WARD, now=app.clock.now)


async def test_task_vanishes_once_everybody_was_told(app: TestApp, session_id: int) -> None:
    app.clock.now = EVE
    here = f"/buoi/{session_id}/goi-dien"
    tasks = f"/viec-can-lam/{WARD}?nhom=to_call"
    before = await number_of_tasks(app)
    async with app.client_as("ha@example.org") as client:
        waiting = await client.get(tasks)
        page = await client.get(here)
        first = re.search(r'name="nguoi" value="(\d+)"', page.text)
        assert first is not None
        one = await client.post(here, data={"nguoi": first[1]})
        after_one = words_of((await client.get(one.headers["location"])).text)
        nobody = await client.post(here, data={"nguoi": "999999"})
        said = words_of((await client.get(nobody.headers["location"])).text)
        app.clock.forward(timedelta(minutes=1))
        await client.post(here, data={"tat_ca": "1"})
        done = await client.get(here)
        gone = await client.get(tasks)
        after = await number_of_tasks(app)
        undo = re.search(r'action="([^"]*chua-bao[^"]*)"', done.text)
        assert undo is not None
        back = await client.post(unescape(undo[1]))
        returned = words_of((await client.get(back.headers["location"])).text)
        nothing = await client.post(unescape(undo[1]))
        no_more = words_of((await client.get(nothing.headers["location"])).text)

    assert f'href="{here}"' in waiting.text
    assert "Đã báo cho tất cả" in page.text
    assert "Đã ghi: 1 người đã được báo." in after_one
    assert "Bà Lê An" not in after_one.split("Danh sách gọi điện", 2)[2]
    assert "Không ghi thêm ai" in said
    assert "Không phải gọi ai" in done.text
    assert "Không còn việc nào chờ ở đây" in gone.text
    assert after == before - 1
    assert "Đã hoàn tác cho 3 người." in returned
    assert "Bà Lê Bình" in returned
    assert "Không còn gì để hoàn tác." in no_more


async def test_two_who_note_at_once_leave_one_row_a_person(app: TestApp, session_id: int) -> None:
    app.clock.now = EVE
    here = f"/buoi/{session_id}/goi-dien"
    async with app.client_as("ha@example.org") as one, app.client_as("ha@example.org") as two:
        answers = await asyncio.gather(*(each.post(here, data={"tat_ca": "1"}) for each in (one, two)))
    async with app.sessions() as db:
        rows = (await db.scalars(select(PhoneCall))).all()
    assert [each.status_code for each in answers] == [303, 303]
    assert len(rows) == 4
