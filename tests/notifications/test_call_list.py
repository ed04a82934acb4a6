"""The call list: learners and helpers whom no text reaches."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Role
from lopso.kernel.audit import AuditEntry
from notifications.models import Message
from notifications.queries.call_list import count_unreached, helpers_to_call, learners_to_call
from notifications.queries.message_outcomes import OVERDUE_AFTER
from notifications.service.opt_outs import opt_out
from notifications.service.planning.seats import plan_seats
from notifications.service.planning.session_changes import plan_cancelled
from scheduling.models import ClassSession
from tests.classroom import WARD
from tests.conftest import TestApp
from tests.factories import NOON, TEST, add_user
from tests.notifications.scenario import (
    LAN,
    MINH,
    THURSDAY,
    add_city,
    add_class,
    add_helper,
    add_learner,
    announce,
)
from tests.notifications.test_pages import words_of

HOA = "+84905111222"


async def failed(db: AsyncSession, purpose: str) -> None:
    """All texts of this purpose were refused by the provider."""
    for state in ("claimed", "sending", "failed"):
        await db.execute(
            update(Message)
            .where(Message.purpose == purpose)
            .values(
                state=state,
                lease_until=None if state == "failed" else NOON + timedelta(minutes=5),
                error_code="21211" if state == "failed" else None,
            )
        )


async def test_helper_unreached_by_a_cancellation_is_listed(db: AsyncSession) -> None:
    course = await add_city(db)
    session = await add_class(db, course, await add_learner(db, "Lê Thị Lan", phone=LAN))
    told = await add_helper(db, session, "Ngô Văn Minh", MINH)
    without = await add_helper(db, session, "Trần Văn Không", None)
    silent = await add_helper(db, session, "Lê Thị Hoa", HOA)
    await opt_out(db, HOA, "duties", how="page", ward_id=None, by=TEST, now=NOON)
    await announce(db, session)
    session.cancelled_at, session.cancel_reason = NOON, "Bão"
    session.version += 1
    await db.flush()
    await plan_cancelled(db, [session.id], reason="Bão", by=TEST, now=NOON)

    before = {(call.trainer_id, call.why) for call in await helpers_to_call(db, session, now=NOON)}
    await failed(db, "helper_cancelled")

    assert before == {(without.id, "no_phone"), (silent.id, "opted_out")}
    calls = {call.trainer_id: call for call in await helpers_to_call(db, session, now=NOON)}
    assert (calls[told.id].why, calls[told.id].purpose, calls[told.id].error_code) == (
        "failed",
        "helper_cancelled",
        "21211",
    )
    assert calls[told.id].phone == MINH
    assert await count_unreached(db, [session.id], now=NOON) == {session.id: 3}

    await db.execute(
        update(Message)
        .where(Message.purpose == "helper_cancelled")
        .values(resolution="called", resolved_at=NOON)
    )
    assert told.id not in {call.trainer_id for call in await helpers_to_call(db, session, now=NOON)}


async def test_unreached_seat_notice_lists_despite_a_coming_reminder(
    db: AsyncSession,
) -> None:
    course = await add_city(db)
    lan = await add_learner(db, "Lê Thị Lan", phone=LAN)
    session = await add_class(db, course, lan)
    await announce(db, session)
    await plan_seats(db, {session.id: [lan.id]}, waited=True, by=TEST, now=NOON)
    assert await learners_to_call(db, session, now=NOON) == []

    await failed(db, "waitlist_place")

    assert [(call.learner_id, call.why) for call in await learners_to_call(db, session, now=NOON)] == [
        (lan.id, "failed")
    ]
    assert await count_unreached(db, [session.id], now=NOON) == {session.id: 1}


async def test_failed_reminder_lists_despite_a_coming_one(db: AsyncSession) -> None:
    course = await add_city(db)
    lan = await add_learner(db, "Lê Thị Lan", phone=LAN)
    session = await add_class(db, course, lan)
    await announce(db, session)
    assert await learners_to_call(db, session, now=NOON) == []

    await failed(db, "reminder_day_before")
    assert [(call.learner_id, call.why) for call in await learners_to_call(db, session, now=NOON)] == [
        (lan.id, "failed")
    ]

    lan.phone = MINH  # a wrong number, corrected since: the other reminder goes to the new one
    await db.flush()
    assert await learners_to_call(db, session, now=NOON) == []


async def test_overdue_text_lists_its_recipient(db: AsyncSession) -> None:
    """Every provider is down: the reminder may still be sent, but nobody should rely on it."""
    course = await add_city(db)
    lan = await add_learner(db, "Lê Thị Lan", phone=LAN)
    session = await add_class(db, course, lan)
    helper = await add_helper(db, session, "Ngô Văn Minh", MINH, state="offered")
    await announce(db, session)
    assert await count_unreached(db, [session.id], now=NOON + OVERDUE_AFTER) == {}

    evening = NOON + OVERDUE_AFTER + timedelta(minutes=1)
    helpers = await helpers_to_call(db, session, now=evening)
    assert [(call.trainer_id, call.why) for call in helpers] == [(helper.id, "overdue")]
    assert await learners_to_call(db, session, now=evening) == []

    same_day = await db.scalar(select(Message.due_at).where(Message.purpose == "reminder_same_day"))
    assert same_day is not None
    quarter = same_day + (THURSDAY - same_day) / 4
    assert await learners_to_call(db, session, now=quarter) == []  # one reminder is still to come

    late = quarter + timedelta(seconds=1)
    assert [(call.learner_id, call.why) for call in await learners_to_call(db, session, now=late)] == [
        (lan.id, "overdue")
    ]
    assert await count_unreached(db, [session.id], now=late) == {session.id: 2}


@pytest.fixture
async def session(app: TestApp) -> ClassSession:
    """A class whose offer to a helper was refused by the provider."""
    async with app.sessions.begin() as db:
        course = await add_city(db)
        await add_user(db, (Role.COORDINATOR, WARD))
        session = await add_class(db, course, await add_learner(db, "Lê Thị Lan", phone=LAN))
        helper = await add_helper(db, session, "Ngô Văn Minh", MINH, state="offered")
        await announce(db, session)
        await failed(db, "assignment_offered")
        assert helper.phone == MINH
    return session


async def test_call_list_has_a_section_for_helpers(app: TestApp, session: ClassSession) -> None:
    async with app.client_as("ha@example.org") as client:
        panel = await client.get(f"/buoi/{session.id}/tin-nhan", headers={"hx-request": "true"})
        page = await client.get(f"/buoi/{session.id}/goi-dien")

    assert "Gọi điện: 1 người không nhận được tin" in words_of(panel.text)
    said = words_of(page.text)
    assert "Người hướng dẫn" in said
    assert "Ngô Văn Minh 0987 654 321" in said
    assert "tin không gửi được" in said
    assert "data-print" in page.text


async def test_number_shown_for_a_call_is_audited(app: TestApp, session: ClassSession) -> None:
    async with app.sessions() as db:
        message = await db.scalar(select(Message.id).where(Message.purpose == "assignment_offered"))
    here = f"/tin-nhan/{WARD}/tin/{message}"
    async with app.client_as("ha@example.org") as client:
        masked = (await client.get(here)).text
        shown = (await client.post(f"{here}/goi-dien")).text

    assert "Gọi điện" in masked
    assert MINH not in masked
    assert f"tel:{MINH}" in shown
    async with app.sessions() as db:
        looks = await db.scalars(select(AuditEntry.action).where(AuditEntry.action.like("%phone_shown")))
        assert list(looks) == ["trainer.phone_shown"]
