"""The dispatcher: due texts are sent once, urgent ones first, useless ones never."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from gateways.models import SandboxText
from gateways.protocol import (
    GatewayRejected,
    GatewayUnavailable,
    OutcomeUnknown,
    OutgoingText,
    Receipt,
)
from gateways.sandbox import SandboxGateway
from learners.models import Learner
from lopso.application.wiring import LISTENERS
from lopso.kernel import db as database
from notifications.delivery import reconciliation
from notifications.delivery.dispatcher import Dispatcher
from notifications.delivery.provider_pool import ProviderPool
from notifications.models import DeliveryEvent, Message, ReminderPolicy
from scheduling.models import ClassSession, Course
from tests.conftest import MovableClock
from tests.notifications.fakes import (
    CONFIG,
    EVE,
    FakeGateway,
    a_class,
    accept,
    just_states,
    make_dispatcher,
    states,
)
from tests.notifications.scenario import (
    LAN,
    MINH,
    THURSDAY,
    add_city,
    add_class,
    add_learner,
    announce,
    withdraw_consent,
)


@pytest.fixture
def sessions(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    return database.session_maker(engine, LISTENERS)


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(EVE)


async def test_due_text_is_sent_once_and_others_wait(
    engine: AsyncEngine, sessions: async_sessionmaker[AsyncSession], clock: MovableClock
) -> None:
    await a_class(sessions, LAN, MINH)
    gateway = FakeGateway()

    first = await make_dispatcher(engine, gateway, clock).deliver_due()
    again = await make_dispatcher(engine, gateway, clock).deliver_due()

    assert sorted(gateway.phones) == [LAN, MINH]
    assert (first, again) == ({"sent": 2}, {})
    async with sessions() as db:
        row = (
            await db.scalars(select(Message).where(Message.to_phone == LAN, Message.state == "sent"))
        ).one()
        events = (await db.scalars(select(DeliveryEvent).where(DeliveryEvent.message_id == row.id))).all()
    assert (row.sent_at, row.provider, row.provider_id is not None) == (EVE, "fake", True)
    assert (row.attempts, row.lease_until, row.price) == (1, None, 850)
    assert [event.state for event in events] == ["sent"]
    assert [state for _purpose, state, _reason in await states(sessions)] == [
        "sent",
        "sent",
        "planned",
        "planned",
    ]


async def test_nothing_is_sent_in_quiet_hours_or_after_the_start(
    engine: AsyncEngine, sessions: async_sessionmaker[AsyncSession], clock: MovableClock
) -> None:
    await a_class(sessions, LAN)
    gateway = FakeGateway()

    clock.now = EVE + timedelta(hours=4)  # 22h00: the eve's reminder has lost its use
    await make_dispatcher(engine, gateway, clock).deliver_due()
    async with sessions.begin() as db:
        await db.execute(update(Message).where(Message.state == "planned").values(due_at=EVE))
    await make_dispatcher(engine, gateway, clock).deliver_due()
    assert await states(sessions) == [
        ("reminder_day_before", "expired", "too_late"),
        ("reminder_same_day", "planned", ""),
    ]

    clock.now = THURSDAY
    await make_dispatcher(engine, gateway, clock).deliver_due()

    assert gateway.sent == []
    assert (await states(sessions))[1] == ("reminder_same_day", "expired", "too_late")


async def test_last_check_before_sending_drops_unwanted_texts(
    engine: AsyncEngine, sessions: async_sessionmaker[AsyncSession], clock: MovableClock
) -> None:
    """Sent only if the session stands, the recipients agree and the daily cap is not reached."""
    async with sessions.begin() as db:
        course = await add_city(db)
        called_off, refused, full = [
            await add_class(
                db,
                course,
                await add_learner(db, "Lê Thị Lan", phone=phone),
                starts_at=THURSDAY + timedelta(minutes=n),
            )
            for n, phone in enumerate((LAN, MINH, "+84905111222"))
        ]
        await announce(db, called_off, refused, full)
        await db.execute(
            update(ClassSession)
            .where(ClassSession.id == called_off.id)
            .values(cancelled_at=EVE, cancel_reason="Bão")
        )
    async with sessions.begin() as db:
        rows = (await db.scalars(select(Message))).all()
        await _refuse(db, MINH)
        await db.execute(update(ReminderPolicy).values(daily_cap=1))
        already = next(row for row in rows if row.to_phone == "+84905111222")
        for state in ("claimed", "sending", "sent"):
            await db.execute(
                update(Message)
                .where(Message.to_phone == already.to_phone, Message.purpose == "reminder_same_day")
                .values(state=state, lease_until=None if state == "sent" else EVE, sent_at=EVE)
            )
    gateway = FakeGateway()

    await make_dispatcher(engine, gateway, clock).deliver_due()

    assert gateway.sent == []
    eve = [(state, reason) for purpose, state, reason in await states(sessions) if purpose.endswith("before")]
    assert eve == [
        ("withdrawn", "session_cancelled"),
        ("suppressed", "no_consent"),
        ("suppressed", "daily_cap"),
    ]


async def _refuse(db: AsyncSession, phone: str) -> None:
    for learner in await db.scalars(select(Learner).where(Learner.phone == phone)):
        await withdraw_consent(db, learner)


async def test_change_notice_is_sent_before_reminders(
    engine: AsyncEngine, sessions: async_sessionmaker[AsyncSession], clock: MovableClock
) -> None:
    await a_class(sessions, *(f"+8491200{n:04}" for n in range(30)))
    async with sessions.begin() as db:
        one = (await db.scalars(select(Message.id).where(Message.purpose == "reminder_same_day"))).first()
        await db.execute(update(Message).where(Message.id == one).values(urgent=True, due_at=EVE))
        phone = await db.scalar(select(Message.to_phone).where(Message.id == one))
    gateway = FakeGateway()

    await make_dispatcher(engine, gateway, clock).deliver_due()

    assert gateway.phones[0] == phone
    assert len(gateway.sent) == 31


async def test_refused_text_is_not_retried(
    engine: AsyncEngine, sessions: async_sessionmaker[AsyncSession], clock: MovableClock
) -> None:
    await a_class(sessions, LAN)

    def refuse(_text: OutgoingText) -> None:
        raise GatewayRejected("21610", "opted_out")

    gateway = FakeGateway(refuse)
    await make_dispatcher(engine, gateway, clock).deliver_due()
    clock.forward(timedelta(minutes=5))
    await make_dispatcher(engine, gateway, clock).deliver_due()
    await reconciliation.reconcile_unknown(make_dispatcher(engine, gateway, clock))

    assert gateway.phones == [LAN]
    assert (await states(sessions))[0] == ("reminder_day_before", "failed", "opted_out")


async def test_busy_provider_is_suspended_and_retried_later(
    engine: AsyncEngine, sessions: async_sessionmaker[AsyncSession], clock: MovableClock
) -> None:
    await a_class(sessions, *(f"+8491200{n:04}" for n in range(30)))

    def busy(_text: OutgoingText) -> None:
        raise GatewayUnavailable("429", retry_after=60)

    gateway = FakeGateway(busy)
    dispatcher = make_dispatcher(engine, gateway, clock, replace(CONFIG, group=40, calls=1))
    await dispatcher.deliver_due()

    assert len(gateway.sent) == 1  # everybody else was not even asked
    assert set(await just_states(sessions)) == {"planned"}

    clock.forward(timedelta(seconds=59))
    gateway.answer = accept
    await make_dispatcher(engine, gateway, clock).deliver_due()
    held = len(gateway.sent)
    clock.forward(timedelta(seconds=2))
    await make_dispatcher(engine, gateway, clock).deliver_due()

    assert (held, len(gateway.sent)) == (1, 31)


async def test_unknown_outcome_is_resent_only_if_never_seen(
    engine: AsyncEngine, sessions: async_sessionmaker[AsyncSession], clock: MovableClock
) -> None:
    await a_class(sessions, LAN, MINH)
    gateway = FakeGateway()

    def silence(text: OutgoingText) -> None:
        if text.to == LAN:
            gateway.take(text)  # it has it, but does not say so
        raise OutcomeUnknown("TimeoutError")

    gateway.answer = silence
    dispatcher = make_dispatcher(engine, gateway, clock)
    await dispatcher.deliver_due()
    assert (await just_states(sessions))[:2] == ["ambiguous", "ambiguous"]

    await reconciliation.reconcile_unknown(dispatcher)  # too early to ask
    assert (await just_states(sessions))[:2] == ["ambiguous", "ambiguous"]

    clock.forward(CONFIG.settle_after)
    tally = await reconciliation.reconcile_unknown(dispatcher)
    gateway.answer = accept
    await dispatcher.deliver_due()

    assert tally == {"sent": 1, "planned": 1}
    assert gateway.phones == [LAN, MINH, MINH]
    assert (await just_states(sessions))[:2] == ["sent", "sent"]


async def test_failed_lookup_leaves_the_outcome_unknown(
    engine: AsyncEngine, sessions: async_sessionmaker[AsyncSession], clock: MovableClock
) -> None:
    await a_class(sessions, LAN)

    class Unreachable(FakeGateway):
        async def find(self, text: OutgoingText, *, since: datetime) -> Sequence[Receipt]:
            raise GatewayUnavailable("ClientConnectorError", retry_after=30)

    def silence(_text: OutgoingText) -> None:
        raise OutcomeUnknown("TimeoutError")

    gateway = Unreachable(silence)
    dispatcher = make_dispatcher(engine, gateway, clock)
    await dispatcher.deliver_due()
    clock.forward(timedelta(minutes=5))
    await reconciliation.reconcile_unknown(dispatcher)
    await dispatcher.deliver_due()

    assert gateway.phones == [LAN]
    assert (await states(sessions))[0] == ("reminder_day_before", "ambiguous", "no_answer")


async def test_texts_of_a_lost_worker_are_reclaimed(
    engine: AsyncEngine, sessions: async_sessionmaker[AsyncSession], clock: MovableClock
) -> None:
    await a_class(sessions, LAN, MINH)
    async with sessions.begin() as db:
        for phone, path in ((LAN, ("claimed",)), (MINH, ("claimed", "sending"))):
            for state in path:
                await db.execute(
                    update(Message)
                    .where(Message.to_phone == phone, Message.purpose == "reminder_day_before")
                    .values(state=state, lease_until=EVE + CONFIG.lease, tried_at=EVE, attempts=len(path) - 1)
                )
    gateway = FakeGateway()
    dispatcher = make_dispatcher(engine, gateway, clock)

    clock.now = EVE + CONFIG.lease
    await reconciliation.reclaim_expired(dispatcher)
    assert (await just_states(sessions))[:2] == ["claimed", "sending"]

    clock.forward(timedelta(seconds=1))
    assert await reconciliation.reclaim_expired(dispatcher) == {"planned": 1, "ambiguous": 1}
    assert (await just_states(sessions))[:2] == ["planned", "ambiguous"]


async def test_lookup_of_an_earlier_attempt_changes_nothing(
    engine: AsyncEngine, sessions: async_sessionmaker[AsyncSession], clock: MovableClock
) -> None:
    """Two workers look up the same text; the slower must not undo what the quicker one sent again."""
    await a_class(sessions, LAN)
    asked = asyncio.Event()
    go_on = asyncio.Event()

    class Slow(FakeGateway):
        async def find(self, text: OutgoingText, *, since: datetime) -> Sequence[Receipt]:
            asked.set()
            await go_on.wait()
            return []  # true when it was asked

    def silence(_text: OutgoingText) -> None:
        raise OutcomeUnknown("TimeoutError")

    slow, quick = Slow(silence), FakeGateway()
    await make_dispatcher(engine, slow, clock).deliver_due()
    clock.forward(CONFIG.settle_after)
    slower = asyncio.create_task(reconciliation.reconcile_unknown(make_dispatcher(engine, slow, clock)))
    await asked.wait()

    clock.forward(timedelta(minutes=1))  # for so long it was the slower one's alone to ask about
    await reconciliation.reconcile_unknown(make_dispatcher(engine, quick, clock))
    quick.answer = silence
    await make_dispatcher(engine, quick, clock).deliver_due()  # a second attempt, of unknown outcome as well
    go_on.set()
    await slower

    assert (await states(sessions))[0] == ("reminder_day_before", "ambiguous", "no_answer")


async def test_text_withdrawn_after_the_claim_is_not_sent(
    engine: AsyncEngine, sessions: async_sessionmaker[AsyncSession], clock: MovableClock
) -> None:
    session_id = await a_class(sessions, LAN)

    class Meddling(Dispatcher):
        async def _carry(self, *arguments: Any, **named: Any) -> None:
            async with sessions.begin() as db:  # between claim and sending, the coordinator cancels
                await db.execute(
                    update(Message)
                    .where(Message.session_id == session_id)
                    .values(state="withdrawn", lease_until=None)
                )
            await super()._carry(*arguments, **named)

    gateway = FakeGateway()
    await Meddling(engine, ProviderPool(engine, clock, [gateway]), clock, config=CONFIG).deliver_due()

    assert gateway.sent == []


async def test_concurrent_workers_send_each_text_once(
    engine: AsyncEngine, sessions: async_sessionmaker[AsyncSession], clock: MovableClock
) -> None:
    phones = [f"+8491200{n:04}" for n in range(120)]
    await a_class(sessions, *phones[:30])
    async with sessions.begin() as db:
        course = (await db.scalars(select(Course))).one()
        for part in range(1, 4):
            learners = [
                await add_learner(db, f"Lê Thị {n}", phone=phone)
                for n, phone in enumerate(phones[30 * part : 30 * (part + 1)])
            ]
            await announce(db, await add_class(db, course, *learners))
    gateway = FakeGateway()

    await asyncio.gather(*(make_dispatcher(engine, gateway, clock).deliver_due() for _ in range(6)))

    assert sorted(gateway.phones) == phones


async def test_sandbox_shows_texts_and_counts_duplicates(
    engine: AsyncEngine, sessions: async_sessionmaker[AsyncSession], clock: MovableClock
) -> None:
    await a_class(sessions, LAN)
    sandbox = SandboxGateway(engine, clock)

    await Dispatcher(engine, ProviderPool(engine, clock, [sandbox]), clock, config=CONFIG).deliver_due()

    async with sessions() as db:
        kept = (await db.scalars(select(SandboxText))).one()
    assert (kept.to_phone, kept.asked, kept.at) == (LAN, 1, EVE)
    assert (await states(sessions))[0] == ("reminder_day_before", "delivered", "")
    going = OutgoingText(kept.reference, kept.to_phone, kept.body, THURSDAY)
    assert await sandbox.find(going, since=EVE) == [Receipt(str(kept.id), "delivered")]
    await sandbox.send(going)
    async with sessions() as db:
        assert (await db.scalars(select(SandboxText.asked))).all() == [2]
