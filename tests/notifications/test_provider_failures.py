"""Delivery with failing providers, database errors, stopping workers, differing clocks."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from gateways.protocol import (
    CREDENTIALS,
    GatewayUnavailable,
    OutcomeUnknown,
    OutgoingText,
    Receipt,
)
from lopso.application.wiring import LISTENERS
from lopso.kernel import db as database
from lopso.kernel.clock import utc_now
from lopso.kernel.shared_clock import SharedClock
from notifications.delivery import confirmation, reconciliation, transitions
from notifications.delivery.attempts import ReconcileWindow, SendOutcome
from notifications.delivery.dispatcher import Dispatcher
from notifications.delivery.provider_pool import ProviderPool
from notifications.delivery.recording import record
from notifications.models import GatewayState, Message, WardMonth
from notifications.queries.call_list import learners_to_call
from notifications.rules.health import HealthLimits
from scheduling.models import ClassSession
from tests.classroom import WARD
from tests.conftest import MovableClock
from tests.notifications.fakes import CONFIG, EVE, FakeGateway, a_class, just_states, make_dispatcher, states
from tests.notifications.scenario import LAN, MINH, THURSDAY, add_city, add_class, add_learner, announce

Sessions = async_sessionmaker[AsyncSession]
PHONES = [f"+8491200{n:04}" for n in range(30)]


@pytest.fixture
def sessions(engine: AsyncEngine) -> Sessions:
    return database.session_maker(engine, LISTENERS)


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(EVE)


def silence(_text: OutgoingText) -> None:
    raise OutcomeUnknown("TimeoutError")


def patient(engine: AsyncEngine, gateway: FakeGateway, clock: MovableClock) -> Dispatcher:
    """A configuration that leaves no provider, however often it fails."""
    limits = HealthLimits(in_row=99, fewest=99)
    return Dispatcher(
        engine, ProviderPool(engine, clock, [gateway], limits=limits), clock, segment_price=850, config=CONFIG
    )


async def reminders(sessions: Sessions) -> list[str]:
    """States of the day-before reminders."""
    return [state for purpose, state, _why in await states(sessions) if purpose == "reminder_day_before"]


async def classes(sessions: Sessions, phones: Sequence[str]) -> None:
    """As many classes of thirty as it takes, on one day."""
    async with sessions.begin() as db:
        course = await add_city(db)
        for first in range(0, len(phones), 30):
            learners = [await add_learner(db, "Lê Thị", phone=each) for each in phones[first : first + 30]]
            starts_at = THURSDAY + timedelta(minutes=first / 30)
            await announce(db, await add_class(db, course, *learners, starts_at=starts_at))


async def test_text_no_provider_accepts_ends_on_the_call_list(
    engine: AsyncEngine, sessions: Sessions, clock: MovableClock
) -> None:
    session_id = await a_class(sessions, LAN)

    class Stranger(FakeGateway):
        async def check(self) -> None:
            raise GatewayUnavailable(CREDENTIALS, retry_after=300)

    dispatcher = make_dispatcher(engine, Stranger(), clock)
    await dispatcher.providers.check()
    await dispatcher.deliver_due()
    assert set(await just_states(sessions)) == {"planned"}  # nothing is lost yet

    clock.now = THURSDAY + timedelta(minutes=1)
    assert (await reconciliation.reclaim_expired(dispatcher))["expired"] == 2
    async with sessions() as db:
        called = await learners_to_call(db, await db.get_one(ClassSession, session_id), now=clock.now)
    assert set(await just_states(sessions)) == {"expired"}
    assert [(each.name, each.why) for each in called] == [("Bà Lê Thị 0", "expired")]


async def test_failing_lookup_does_not_block_others(
    engine: AsyncEngine, sessions: Sessions, clock: MovableClock
) -> None:
    await a_class(sessions, *PHONES)

    class Odd(FakeGateway):
        async def find(self, text: OutgoingText, *, since: datetime) -> Sequence[Receipt]:
            if text.to == PHONES[0]:
                raise GatewayUnavailable("77", retry_after=30, one_text=True)
            if text.to == PHONES[1]:
                raise RuntimeError("a fault of ours")
            return [Receipt(text.reference.hex)]

    dispatcher = patient(engine, Odd(silence), clock)
    await dispatcher.deliver_due()
    clock.forward(CONFIG.settle_after)

    assert await reconciliation.reconcile_unknown(dispatcher) == {"sent": 28}
    assert (await reminders(sessions)).count("ambiguous") == 2


async def test_suspended_provider_is_not_asked(
    engine: AsyncEngine, sessions: Sessions, clock: MovableClock
) -> None:
    await a_class(sessions, *PHONES)
    asked: list[str] = []

    class Busy(FakeGateway):
        async def find(self, text: OutgoingText, *, since: datetime) -> Sequence[Receipt]:
            asked.append(text.to)
            raise GatewayUnavailable("429", retry_after=600)

    dispatcher = make_dispatcher(engine, Busy(silence), clock)
    await dispatcher.deliver_due()
    clock.forward(CONFIG.settle_after)
    await reconciliation.reconcile_unknown(dispatcher)
    first = len(asked)
    clock.forward(timedelta(minutes=5))
    await reconciliation.reconcile_unknown(
        make_dispatcher(engine, Busy(), clock)
    )  # another worker: it knows from the first one
    await dispatcher.providers.refresh()
    another = Dispatcher(engine, dispatcher.providers, clock, config=CONFIG)
    await reconciliation.reconcile_unknown(another)

    assert first <= 8  # as many as were under way when it said so
    async with sessions() as db:
        [provider] = (await db.scalars(select(GatewayState))).all()
    assert provider.closed_until is not None
    assert provider.closed_until > clock.now


async def test_concurrent_lookups_ask_about_different_texts(
    engine: AsyncEngine, sessions: Sessions, clock: MovableClock
) -> None:
    await a_class(sessions, *PHONES)
    asked: list[str] = []

    class Asked(FakeGateway):
        async def find(self, text: OutgoingText, *, since: datetime) -> Sequence[Receipt]:
            asked.append(text.to)
            await asyncio.sleep(0.05)
            return [Receipt(text.reference.hex)]

    gateway = Asked(silence)
    await patient(engine, gateway, clock).deliver_due()
    clock.forward(CONFIG.settle_after)
    await asyncio.gather(
        *(reconciliation.reconcile_unknown(make_dispatcher(engine, gateway, clock)) for _ in range(3))
    )

    assert sorted(asked) == PHONES


async def test_delivery_is_confirmed_once_for_each_age(
    engine: AsyncEngine, sessions: Sessions, clock: MovableClock
) -> None:
    phones = [f"+8491300{n:04}" for n in range(230)]
    await classes(sessions, phones)
    fetched: list[str] = []

    class Silent(FakeGateway):
        async def fetch(self, text: OutgoingText, provider_id: str) -> Receipt | None:
            fetched.append(text.to)
            return None

    dispatcher = make_dispatcher(engine, Silent(), clock)
    await dispatcher.deliver_due()
    counts: list[int] = []
    for later in (10, 20, 35, 150, 180, 1250, 1300):  # minutes after EVE
        clock.now = EVE + timedelta(minutes=later)
        await confirmation.confirm_delivery(dispatcher, sessions)
        counts.append(len(fetched))

    assert counts == [0, 230, 230, 460, 460, 690, 690]


async def test_recording_is_retried_after_a_database_error(
    engine: AsyncEngine, sessions: Sessions, clock: MovableClock
) -> None:
    await a_class(sessions, *PHONES)
    stumbles = 2

    def stumble(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: Any) -> None:
        nonlocal stumbles
        if "WITH told AS" in statement and stumbles:
            stumbles -= 1
            raise OperationalError(statement, parameters, Exception("the database went away"))

    event.listen(engine.sync_engine, "before_cursor_execute", stumble)
    gateway = FakeGateway()
    tally = await make_dispatcher(engine, gateway, clock).deliver_due()
    event.remove(engine.sync_engine, "before_cursor_execute", stumble)

    assert (stumbles, tally) == (0, {"sent": 30})
    assert await reminders(sessions) == ["sent"] * 30
    assert sorted(gateway.phones) == PHONES


async def test_queue_without_database_does_not_stop_other_queues(
    engine: AsyncEngine, sessions: Sessions, clock: MovableClock
) -> None:
    await a_class(sessions, *PHONES)
    calls = 0

    def stumble(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: Any) -> None:
        if "WITH due AS" in statement and calls:
            raise OperationalError(statement, parameters, Exception("the database went away"))

    class Slow(FakeGateway):
        async def send(self, text: OutgoingText) -> Receipt:
            nonlocal calls
            calls += 1
            await asyncio.sleep(0.05)
            return await super().send(text)

    gateway = Slow()
    event.listen(engine.sync_engine, "before_cursor_execute", stumble)
    await make_dispatcher(engine, gateway, clock).deliver_due()
    event.remove(engine.sync_engine, "before_cursor_execute", stumble)

    assert gateway.sent
    assert (await reminders(sessions)).count("sent") == len(gateway.sent)
    assert "sending" not in await reminders(sessions)


async def test_stopping_worker_records_running_calls_and_starts_none(
    engine: AsyncEngine, sessions: Sessions, clock: MovableClock
) -> None:
    await a_class(sessions, *PHONES)
    begun = asyncio.Event()

    class Slow(FakeGateway):
        async def send(self, text: OutgoingText) -> Receipt:
            begun.set()
            await asyncio.sleep(0.3)
            return await super().send(text)

    gateway = Slow()
    dispatcher = make_dispatcher(engine, gateway, clock)
    delivering = asyncio.create_task(dispatcher.deliver_due())
    await begun.wait()
    dispatcher.stop()
    async with asyncio.timeout(3):
        await delivering

    assert 0 < len(gateway.sent) <= CONFIG.calls
    found = await reminders(sessions)
    assert found.count("sent") == len(gateway.sent)
    assert set(found) <= {"sent", "planned"}


async def test_late_acceptance_counts_for_a_replanned_text(
    engine: AsyncEngine, sessions: Sessions, clock: MovableClock
) -> None:
    await a_class(sessions, LAN)
    dispatcher = make_dispatcher(engine, FakeGateway(silence), clock)
    await dispatcher.deliver_due()
    clock.forward(CONFIG.settle_after)
    async with engine.begin() as connection:
        ages = ReconcileWindow(CONFIG.settle_after, timedelta(days=2), timedelta(seconds=20))
        [attempt] = await transitions.unknown_outcomes(connection, "fake", ages, most=9, now=clock.now)
        await record(
            connection,
            [SendOutcome(attempt, "planned", due_at=clock.now)],
            segment_price=850,
            now=clock.now,
        )
        kept = await record(
            connection, [SendOutcome(attempt, "sent", provider_id="SM1")], segment_price=850, now=clock.now
        )

    assert kept == 1
    assert await reminders(sessions) == ["sent"]


async def test_monthly_cost_may_be_very_large(
    engine: AsyncEngine, sessions: Sessions, clock: MovableClock
) -> None:
    await a_class(sessions, LAN)
    async with sessions.begin() as db:
        db.add(
            WardMonth(ward_id=WARD, month=EVE.date().replace(day=1), texts=1, segments=1, price=99_999_900)
        )

    await make_dispatcher(engine, FakeGateway(), clock).deliver_due()

    async with sessions() as db:
        assert await db.scalar(select(WardMonth.price)) == Decimal(100_000_750)


async def test_send_times_are_reserved_near_and_urgent_first(
    engine: AsyncEngine, clock: MovableClock
) -> None:
    gateway = FakeGateway()
    providers = ProviderPool(engine, clock, [gateway], rates={"fake": 10})
    await providers.announce()
    provider = providers.all["fake"]

    ordinary = [await providers.reserve(provider, 10, urgent=False) for _ in range(5)]
    urgent = await providers.reserve(provider, 1, urgent=True)

    assert ordinary == [0.0, 1.0, 2.0, None, None]
    assert urgent == 3.0


async def test_claim_without_a_send_time_is_released(
    engine: AsyncEngine, sessions: Sessions, clock: MovableClock
) -> None:
    await a_class(sessions, LAN, MINH)
    gateway = FakeGateway()
    providers = ProviderPool(engine, clock, [gateway], rates={"fake": 10})
    await providers.announce()
    async with sessions.begin() as db:
        await db.execute(update(GatewayState).values(next_free_at=EVE + timedelta(hours=1)))
    dispatcher = Dispatcher(engine, providers, clock, config=CONFIG)
    delivering = asyncio.create_task(dispatcher.deliver_due())
    await asyncio.sleep(1)
    dispatcher.stop()
    await delivering

    assert gateway.sent == []
    assert await reminders(sessions) == ["planned", "planned"]


async def test_workers_use_the_clock_of_the_database(engine: AsyncEngine) -> None:
    fast = SharedClock(engine, lambda: utc_now() + timedelta(seconds=31))
    slow = SharedClock(engine, lambda: utc_now() - timedelta(minutes=5))

    await fast.set()
    await slow.set()

    assert abs(fast() - slow()) < timedelta(seconds=1)
    assert abs(fast() - utc_now()) < timedelta(seconds=1)


async def test_many_held_texts_do_not_block_the_queue(
    engine: AsyncEngine, sessions: Sessions, clock: MovableClock
) -> None:
    await a_class(sessions, *PHONES)
    async with sessions.begin() as db:
        await db.execute(update(Message).where(Message.to_phone != PHONES[-1]).values(held_at=EVE))

    await make_dispatcher(engine, gateway := FakeGateway(), clock).deliver_due()

    assert gateway.phones == [PHONES[-1]]
