"""Queues of several workers and providers: independent, within each provider's limits."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from sqlalchemy.pool import QueuePool

from gateways.protocol import (
    CREDENTIALS,
    SENDER,
    GatewayUnavailable,
    OutcomeUnknown,
    OutgoingText,
    Receipt,
)
from gateways.twilio import TwilioGateway
from lopso.application.wiring import LISTENERS
from lopso.kernel import db as database
from lopso.kernel.clock import utc_now
from notifications.delivery import reconciliation
from notifications.delivery.dispatcher import Dispatcher
from notifications.delivery.provider_pool import ProviderPool
from notifications.delivery.queues import WorkerConfig
from notifications.models import GatewayState, Message
from notifications.queries.providers import provider_statuses
from notifications.rules.health import HealthLimits
from tests.conftest import MovableClock
from tests.gateways.provider import Happening, Provider, provider_running
from tests.notifications.fakes import CONFIG, EVE, FakeGateway, a_class, accept
from tests.notifications.scenario import LAN

Sessions = async_sessionmaker[AsyncSession]
PHONES = [f"+8491200{n:04}" for n in range(24)]


@pytest.fixture
def sessions(engine: AsyncEngine) -> Sessions:
    return database.session_maker(engine, LISTENERS)


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with provider_running() as running:
        yield running


class Named(FakeGateway):
    """A provider of this name; `wait` seconds before each answer."""

    def __init__(self, name: str, answer: Callable[[OutgoingText], None] | None = None) -> None:
        super().__init__(answer or (lambda _text: None))
        self.name = name
        self.wait = 0.0
        self.refuses = ""

    async def send(self, text: OutgoingText) -> Receipt:
        await asyncio.sleep(self.wait)
        return await super().send(text)

    def take(self, text: OutgoingText) -> str:
        return f"{self.name}-{super().take(text)}"

    async def check(self) -> None:
        if self.refuses:
            raise GatewayUnavailable(self.refuses, retry_after=300)


def silence(_text: OutgoingText) -> None:
    raise OutcomeUnknown("TimeoutError")


async def due_now(sessions: Sessions, *phones: str) -> None:
    """One reminder for each phone, due now at any hour by the real clock."""
    await a_class(sessions, *phones)
    now = utc_now()
    async with sessions.begin() as db:
        await db.execute(
            update(Message)
            .where(Message.purpose == "reminder_same_day")
            .values(state="withdrawn", state_reason="test")
        )
        await db.execute(
            update(Message)
            .where(Message.purpose == "reminder_day_before")
            .values(due_at=now - timedelta(seconds=1), useless_after=now + timedelta(hours=3))
        )
        await db.execute(
            # Awake all day, so that the test may run at night.
            update(database.Base.metadata.tables["reminder_policy"]).values(
                quiet_until=datetime.min.time(), quiet_from=datetime.max.time().replace(microsecond=0)
            )
        )


async def make_urgent(sessions: Sessions, phone: str) -> None:
    async with sessions.begin() as db:
        await db.execute(
            update(Message)
            .where(Message.to_phone == phone, Message.state == "planned")
            .values(urgent=True, due_at=utc_now())
        )


async def by_provider(sessions: Sessions) -> dict[str, list[str]]:
    """Provider → states of the day-before reminders it was given."""
    async with sessions() as db:
        rows = await db.execute(
            select(Message.provider, Message.state)
            .where(Message.purpose == "reminder_day_before")
            .order_by(Message.id)
        )
        found: dict[str, list[str]] = {}
        for name, state in rows:
            found.setdefault(name or "", []).append(state)
        return found


async def test_no_connection_is_held_while_the_provider_answers(
    engine: AsyncEngine, sessions: Sessions
) -> None:
    await a_class(sessions, *PHONES[:4])
    pool = engine.sync_engine.pool
    assert isinstance(pool, QueuePool)
    held: list[int] = []

    class Slow(FakeGateway):
        async def send(self, text: OutgoingText) -> Receipt:
            await asyncio.sleep(0.4)
            held.append(pool.checkedout())
            return await super().send(text)

    clock = MovableClock(EVE)
    await Dispatcher(engine, ProviderPool(engine, clock, [Slow()]), clock, config=CONFIG).deliver_due()

    assert held == [0, 0, 0, 0]


async def test_urgent_text_does_not_wait_for_hanging_reminders(
    engine: AsyncEngine, sessions: Sessions, provider: Provider
) -> None:
    """Every reminder hangs for 20 seconds; the change notice is sent within two."""
    await due_now(sessions, *PHONES[:12], LAN)
    async with sessions.begin() as db:
        await db.execute(
            update(Message).where(Message.to_phone == LAN).values(due_at=utc_now() + timedelta(minutes=5))
        )

    def script(_number: int, form: dict[str, str]) -> Happening:
        return "accept" if form["To"] == LAN else "accept_late"

    provider.script, provider.hang = script, 20
    gateway = TwilioGateway(provider.settings, public_url="https://x.example", clock=utc_now, timeout=3)
    config = replace(CONFIG, call_time=timedelta(seconds=3))
    dispatcher = Dispatcher(engine, ProviderPool(engine, utc_now, [gateway]), utc_now, config=config)
    delivering = asyncio.create_task(dispatcher.deliver_due())
    await provider.until_called(4)  # every call that reminders may have is taken

    began = time.monotonic()
    await make_urgent(sessions, LAN)
    dispatcher.wake()  # as the worker does when it hears of it
    async with asyncio.timeout(5):
        for calls in count(5):
            await provider.until_called(calls)
            if LAN in [number for number, _body in provider.calls]:
                break
    took = time.monotonic() - began
    delivering.cancel()
    await asyncio.gather(delivering, return_exceptions=True)
    await gateway.close()

    assert took < 2


async def test_message_classes_with_other_routes_are_independent(
    engine: AsyncEngine, sessions: Sessions
) -> None:
    await due_now(sessions, *PHONES[:8])
    async with sessions.begin() as db:
        await db.execute(
            update(Message).where(Message.to_phone.in_(PHONES[:2])).values(message_class="operations")
        )
    hanging, quick = Named("hanging"), Named("quick")
    hanging.wait = 20.0
    providers = ProviderPool(
        engine, utc_now, [hanging, quick], routes={"service": ["hanging"], "operations": ["quick"]}
    )
    delivering = asyncio.create_task(Dispatcher(engine, providers, utc_now, config=CONFIG).deliver_due())

    await asyncio.sleep(1.5)
    delivering.cancel()
    await asyncio.gather(delivering, return_exceptions=True)

    assert sorted(quick.phones) == PHONES[:2]
    assert hanging.phones == []


async def test_second_provider_sends_while_the_first_is_down(engine: AsyncEngine, sessions: Sessions) -> None:
    await a_class(sessions, *PHONES)
    clock = MovableClock(EVE)
    first, second = Named("first", silence), Named("second")

    def another_worker() -> Dispatcher:
        return Dispatcher(engine, ProviderPool(engine, clock, [first, second]), clock, config=CONFIG)

    await another_worker().deliver_due()

    tried = len(first.sent)
    assert 5 <= tried <= 5 + CONFIG.calls  # it was left as soon as it was known
    found = await by_provider(sessions)
    assert found["first"] == ["ambiguous"] * tried  # never sent through the other before it is settled
    assert found["second"] == ["sent"] * (24 - tried)
    async with sessions() as db:
        seen = [
            (each.name, each.health, each.why, each.unknown) for each in await provider_statuses(db, now=EVE)
        ]
    assert seen == [("first", "down", "TimeoutError", tried), ("second", "good", "", 0)]

    clock.forward(timedelta(seconds=45))
    await reconciliation.reconcile_unknown(another_worker())  # the first says that it never saw them
    await another_worker().deliver_due()

    # Each went through the other, once; those on trial at the first, if any, are of unknown outcome again.
    found = await by_provider(sessions)
    assert found["second"] == ["sent"] * len(second.sent)
    assert len(set(second.phones)) == len(second.sent)
    assert found.get("first", []) == ["ambiguous"] * (24 - len(second.sent))
    assert len(first.sent) - tried <= HealthLimits().probe_texts


async def test_provider_recovers_after_trial_texts(engine: AsyncEngine, sessions: Sessions) -> None:
    await a_class(sessions, *PHONES)
    clock = MovableClock(EVE)
    first, second = Named("first"), Named("second")
    limits = HealthLimits(probe_every=timedelta(0))
    providers = ProviderPool(engine, clock, [first, second], limits=limits)
    await providers.announce()
    async with sessions.begin() as db:
        await db.execute(
            update(GatewayState)
            .where(GatewayState.name == "first")
            .values(health="down", why="500", health_since=EVE - timedelta(minutes=5))
        )
    providers = ProviderPool(engine, clock, [first, second], limits=limits)
    dispatcher = Dispatcher(engine, providers, clock, config=replace(CONFIG, group=4, slice_size=2, slices=1))

    await dispatcher.deliver_due()

    assert len(first.sent) + len(second.sent) == 24
    assert len(first.sent) >= 5  # those on trial at least
    async with sessions() as db:
        assert (await db.get_one(GatewayState, "first")).health == "good"


async def test_retry_after_suspends_a_provider_for_all_workers(
    engine: AsyncEngine, sessions: Sessions, provider: Provider
) -> None:
    """The first call is answered 429: no worker calls for two seconds, then all texts are sent."""
    await due_now(sessions, *PHONES)
    moments: list[float] = []

    def script(number: int, _form: dict[str, str]) -> Happening:
        moments.append(time.monotonic())
        return "429" if number == 0 else "accept"

    provider.script, provider.retry_after = script, 2
    gateways = [
        TwilioGateway(provider.settings, public_url="https://x.example", clock=utc_now) for _ in range(2)
    ]
    config = replace(CONFIG, calls=1, slices=1, wait_for_provider=timedelta(seconds=30))
    dispatchers = [
        Dispatcher(engine, ProviderPool(engine, utc_now, [each]), utc_now, config=config) for each in gateways
    ]

    await dispatchers[0].providers.announce()
    first = asyncio.create_task(dispatchers[0].deliver_due())
    await provider.until_called(1)
    await asyncio.sleep(0.3)
    tallies = await asyncio.gather(first, dispatchers[1].deliver_due())
    for each in gateways:
        await each.close()

    assert sum(tally["sent"] for tally in tallies) == 24
    assert moments[1] - moments[0] >= 1.9
    assert len(provider.taken) == 24


async def test_rate_limit_is_shared_by_all_workers(engine: AsyncEngine, sessions: Sessions) -> None:
    await due_now(sessions, *PHONES)
    moments: list[float] = []
    gateway = Named("paced", lambda _text: moments.append(time.monotonic()))

    began = time.monotonic()
    providers = [ProviderPool(engine, utc_now, [gateway], rates={"paced": 8}) for _worker in range(2)]
    await asyncio.gather(
        *(Dispatcher(engine, each, utc_now, config=CONFIG).deliver_due() for each in providers)
    )

    assert sorted(gateway.phones) == PHONES
    assert time.monotonic() - began >= 23 / 8 - 0.3
    for start in moments:
        assert sum(start <= each < start + 1 for each in moments) <= 8 + 2  # clocks of two workers


async def test_refused_credentials_fail_no_text(engine: AsyncEngine, sessions: Sessions) -> None:
    await a_class(sessions, LAN)
    clock = MovableClock(EVE)

    def refuse(_text: OutgoingText) -> None:
        raise GatewayUnavailable(CREDENTIALS, retry_after=300)

    gateway = Named("first", refuse)
    gateway.refuses = CREDENTIALS
    providers = ProviderPool(engine, clock, [gateway])

    assert await providers.check() == ["first"]
    await Dispatcher(engine, providers, clock, config=CONFIG).deliver_due()
    assert gateway.sent == []  # texts are not even tried
    assert await by_provider(sessions) == {"": ["planned"]}
    async with sessions() as db:
        [seen] = await provider_statuses(db, now=EVE)
        assert (seen.health, seen.why) == ("down", CREDENTIALS)

    gateway.refuses, gateway.answer = "", accept
    providers = ProviderPool(engine, clock, [gateway])  # a new start, with the right ones
    assert await providers.check() == []
    await Dispatcher(engine, providers, clock, config=CONFIG).deliver_due()
    assert await by_provider(sessions) == {"first": ["sent"]}


async def test_refused_sender_moves_texts_to_another_provider(
    engine: AsyncEngine, sessions: Sessions
) -> None:
    await a_class(sessions, *PHONES[:3])
    clock = MovableClock(EVE)

    def refuse(_text: OutgoingText) -> None:
        raise GatewayUnavailable(SENDER, retry_after=300)

    first, second = Named("first", refuse), Named("second")
    dispatcher = Dispatcher(engine, ProviderPool(engine, clock, [first, second]), clock, config=CONFIG)

    await dispatcher.deliver_due()

    assert await by_provider(sessions) == {"second": ["sent"] * 3}
    async with sessions() as db:
        known = {each.name: each for each in await provider_statuses(db, now=EVE)}
    assert (known["first"].health, known["first"].why) == ("down", SENDER)
    assert known["second"].health == "good"


async def test_lookup_asks_only_the_provider_that_sent(engine: AsyncEngine, sessions: Sessions) -> None:
    await a_class(sessions, *PHONES[:2])
    clock = MovableClock(EVE)
    first, second = Named("first", silence), Named("second")
    asked: list[tuple[str, str]] = []

    class Asked(Named):
        async def find(self, text: OutgoingText, *, since: datetime) -> Sequence[Receipt]:
            asked.append((self.name, text.to))
            return []

    first, second = Asked("first", silence), Asked("second")
    dispatcher = Dispatcher(
        engine, ProviderPool(engine, clock, [first, second]), clock, config=WorkerConfig()
    )
    await dispatcher.deliver_due()
    clock.forward(timedelta(minutes=1))
    await reconciliation.reconcile_unknown(dispatcher)

    assert sorted(asked) == [("first", phone) for phone in PHONES[:2]]
