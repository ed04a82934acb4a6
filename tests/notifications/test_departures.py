"""Archived people get no texts; restored ones get what is still to come."""

from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from learners.models import Learner
from learners.service import consents, learners
from lopso.application.wiring import LISTENERS
from lopso.kernel import clock
from lopso.kernel import db as database
from lopso.kernel.events import publish
from notifications.models import Message, MessageSession
from scheduling.events import SeatsGiven
from scheduling.rules.plan import SessionChange
from scheduling.service.changes import change_session
from scheduling.service.enrolments import enrol as give_seats
from scheduling.service.series_changes import change_series
from scheduling.service.sessions import cancel_session
from tests.classroom import WARD, add_learner
from tests.conftest import MovableClock
from tests.factories import NOON, TEST
from tests.notifications.fakes import EVE, FakeGateway, a_class, make_dispatcher
from tests.notifications.scenario import LAN, MINH, THURSDAY, add_city, add_class, add_helper, announce
from tests.notifications.series_texts import add_series, coordinator, gone
from trainers.models import Trainer
from trainers.service import trainers

DAY_BEFORE = "reminder_day_before"
NIGHT = clock.at(date(2026, 11, 23), time(22))


async def ledger(db: AsyncSession, phone: str = LAN) -> list[tuple[str, str, str]]:
    rows = await db.execute(
        select(Message.purpose, Message.state, Message.state_reason)
        .where(Message.to_phone == phone)
        .order_by(Message.id)
    )
    return [(purpose, state, reason) for purpose, state, reason in rows]


async def waiting(db: AsyncSession, purpose: str) -> list[tuple[int, datetime, datetime, str]]:
    """The open texts for a purpose: which row, when it goes, what it says."""
    rows = await db.execute(
        select(Message.id, Message.due_at, Message.useless_after, Message.body_accented)
        .where(Message.purpose == purpose, Message.state == "planned")
        .order_by(Message.id)
    )
    return [(message_id, due_at, useless_after, body) for message_id, due_at, useless_after, body in rows]


async def test_archived_learner_gets_nothing_restored_one_everything(db: AsyncSession) -> None:
    course = await add_city(db)
    lan = await add_learner(db, "Lê Thị Lan", phone=LAN)
    session = await add_class(db, course, lan)
    other = await add_class(db, course, lan, starts_at=THURSDAY + timedelta(days=1))
    await announce(db, session, other)
    await cancel_session(db, other.id, reason="Mưa lớn", by=TEST, now=NOON)
    planned = [each for each in await ledger(db) if each[1] == "planned"]

    await learners.archive(db, WARD, lan.id, by=TEST, now=NOON)
    gone = await ledger(db)
    await learners.restore(db, WARD, lan.id, by=TEST, now=NOON)
    back = await ledger(db)

    assert ("session_cancelled", "planned", "") in planned
    assert not [each for each in gone if each[1] == "planned"]
    assert {reason for _purpose, _state, reason in gone[-len(planned) :]} <= {"gone", "session_cancelled"}
    assert sorted(each for each in back if each[1] == "planned") == sorted(planned)


async def test_archived_relative_does_not_override_a_refusal(
    engine: AsyncEngine,
) -> None:
    sessions = database.session_maker(engine, LISTENERS)
    async with sessions.begin() as db:
        course = await add_city(db)
        lan = await add_learner(db, "Lê Thị Lan", phone=LAN)
        hoa = await add_learner(db, "Lê Thị Hoa", phone=LAN)
        session = await add_class(db, course, lan, hoa)
        await announce(db, session)
        night = NOON + timedelta(hours=10)
        await cancel_session(db, session.id, reason="Mưa lớn", by=TEST, now=night)
    async with sessions.begin() as db:
        await learners.archive(db, WARD, lan.id, by=TEST, now=night)
        await consents.answer_consents(db, WARD, hoa.id, {"sms": False}, how="spoken", by=TEST, now=night)
    gateway = FakeGateway()

    await make_dispatcher(engine, gateway, MovableClock(NOON + timedelta(days=1))).deliver_due()

    assert gateway.sent == []


async def test_enrolling_is_possible_while_the_person_is_edited(engine: AsyncEngine) -> None:
    """Otherwise editing one person and planning for many would deadlock."""
    sessions = database.session_maker(engine, LISTENERS)
    async with sessions.begin() as db:
        course = await add_city(db)
        lan = await add_learner(db, "Lê Thị Lan", phone=LAN)
        minh = await add_helper(db, await add_class(db, course, lan), "Ngô Văn Minh", MINH)
    async with sessions.begin() as db, sessions.begin() as other:
        await learners.archive(db, WARD, lan.id, by=TEST, now=NOON)
        await trainers.leave(db, WARD, minh.id, by=TEST, now=NOON)
        await other.execute(text("SET LOCAL lock_timeout = '1s'"))
        for table, row in (("learner", lan.id), ("trainer", minh.id)):  # as a foreign key does
            await other.execute(text(f"SELECT FROM {table} WHERE id = :id FOR KEY SHARE"), {"id": row})


async def test_relative_is_reminded_without_the_archived_name(db: AsyncSession) -> None:
    course = await add_city(db)
    lan, hoa = await add_learner(db, "Lê Thị Lan", phone=LAN), await add_learner(db, "Lê Thị Hoa", phone=LAN)
    session = await add_class(db, course, lan, hoa)
    await announce(db, session)

    await learners.archive(db, WARD, lan.id, by=TEST, now=NOON)

    [body] = await db.scalars(
        select(Message.body).where(Message.purpose == DAY_BEFORE, Message.state == "planned")
    )
    assert "Hoa" in body
    assert "Lan" not in body


@pytest.mark.parametrize("purpose", ["enrolled", "waitlist_place", "session_moved", "session_cancelled"])
async def test_shared_notice_drops_the_archived_name(db: AsyncSession, purpose: str) -> None:
    course = await add_city(db)
    lan, hoa = await add_learner(db, "Lê Thị Lan", phone=LAN), await add_learner(db, "Lê Thị Hoa", phone=LAN)
    session = await add_class(db, course, lan, hoa, starts_at=THURSDAY + timedelta(days=4))
    match purpose:
        case "enrolled":
            await announce(db, session, now=NIGHT, seats=True)
        case "waitlist_place":
            given = ((session.id, (lan.id, hoa.id)),)
            await publish(db, SeatsGiven(given, True, TEST, NIGHT))
        case "session_moved":
            await announce(db, session)
            change = SessionChange(day=date(2026, 12, 1))
            await change_session(db, session.id, change, by=TEST, now=NIGHT)
        case _:
            await cancel_session(db, session.id, reason="Mưa lớn", by=TEST, now=NIGHT)
    [before] = await waiting(db, purpose)

    await learners.archive(db, WARD, lan.id, by=TEST, now=NIGHT)
    [after] = await waiting(db, purpose)
    await learners.archive(db, WARD, hoa.id, by=TEST, now=NIGHT)

    assert "Lan" in before[-1]
    assert "Hoa" in before[-1]
    assert after[:-1] == before[:-1]
    assert "Lan" not in after[-1]
    assert "Hoa" in after[-1]
    assert await waiting(db, purpose) == []
    assert (purpose, "withdrawn", "gone") in await ledger(db)


async def test_restored_notice_still_speaks_of_all_its_sessions(db: AsyncSession) -> None:
    sessions = await add_series(db, await add_city(db), weeks=3)
    lan = await add_learner(db, "Lê Thị Lan", phone=LAN)
    by = await coordinator(db)
    await give_seats(db, [each.id for each in sessions], [lan.id], by=by, now=NOON)
    await gone(db, at=NOON)
    change = SessionChange(starts_at=time(15))
    await change_series(db, sessions[0].id, change, scope="all", by=by, now=NIGHT)

    async def mentioned() -> list[tuple[int, datetime | None]]:
        rows = await db.execute(
            select(MessageSession.session_id, MessageSession.moved_from)
            .join(Message, Message.id == MessageSession.message_id)
            .where(Message.purpose == "session_moved", Message.state == "planned")
            .order_by(MessageSession.session_id)
        )
        return [(session_id, moved_from) for session_id, moved_from in rows]

    before = await mentioned()
    await learners.archive(db, WARD, lan.id, by=TEST, now=NIGHT)
    away = await mentioned()
    await learners.restore(db, WARD, lan.id, by=TEST, now=NIGHT)

    assert [session_id for session_id, _moved_from in before] == [each.id for each in sessions[1:]]
    assert away == []
    assert await mentioned() == before


async def test_departed_helper_gets_no_messages(db: AsyncSession) -> None:
    session = await add_class(db, await add_city(db))
    minh = await add_helper(db, session, "Lê Văn Minh", MINH)
    await announce(db, session)
    asked = await ledger(db, MINH)

    await trainers.leave(db, WARD, minh.id, by=TEST, now=NOON)
    gone = await ledger(db, MINH)
    await cancel_session(db, session.id, reason="Mưa lớn", by=TEST, now=NOON)
    told = await ledger(db, MINH)

    assert asked == [("assignment_offered", "planned", "")]
    assert told == gone == [("assignment_offered", "withdrawn", "gone")]


async def test_returned_helper_is_offered_again(db: AsyncSession) -> None:
    session = await add_class(db, await add_city(db))
    minh = await add_helper(db, session, "Lê Văn Minh", MINH)
    await announce(db, session)
    await trainers.leave(db, WARD, minh.id, by=TEST, now=NOON)

    await trainers.come_back(db, WARD, minh.id, by=TEST, now=NOON)

    assert await ledger(db, MINH) == [
        ("assignment_offered", "withdrawn", "gone"),
        ("assignment_offered", "planned", ""),
    ]


@pytest.mark.parametrize("all_of_them", [True, False])
async def test_claim_withdraws_messages_naming_only_departed_people(
    engine: AsyncEngine, *, all_of_them: bool
) -> None:
    """Also where no event told of the departure."""
    sessions: async_sessionmaker[AsyncSession] = database.session_maker(engine, LISTENERS)
    clock = MovableClock(EVE)
    await a_class(sessions, LAN, MINH)
    async with sessions.begin() as db:
        gone = update(Learner).values(archived_at=NOON)
        await db.execute(gone if all_of_them else gone.where(Learner.phone == LAN))
        if all_of_them:
            await db.execute(update(Trainer).values(left_at=NOON))
    gateway = FakeGateway()

    await make_dispatcher(engine, gateway, clock).deliver_due()

    assert [each.to for each in gateway.sent] == ([] if all_of_them else [MINH])
    async with sessions() as db:
        assert (DAY_BEFORE, "withdrawn", "gone") in await ledger(db)
