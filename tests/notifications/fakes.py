"""A fake gateway that records its calls, and the ledger as tests of delivery read it."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from gateways.protocol import OutgoingText, Receipt
from notifications.delivery.dispatcher import Dispatcher
from notifications.delivery.provider_pool import ProviderPool
from notifications.delivery.queues import WorkerConfig
from notifications.models import Message
from tests.conftest import MovableClock
from tests.notifications.scenario import THURSDAY, add_city, add_class, add_learner, announce

EVE = THURSDAY - timedelta(hours=20)
CONFIG = WorkerConfig(group=20, slice_size=8, calls=4, wait_for_provider=timedelta(seconds=1.5))


def accept(_text: OutgoingText) -> None:
    """Nothing goes wrong."""


class FakeGateway:
    """Records its calls; `answer` may raise."""

    name = "fake"
    registered_only = False
    has_lookup = True

    def __init__(self, answer: Callable[[OutgoingText], None] = accept) -> None:
        self.answer = answer
        self.sent: list[OutgoingText] = []
        self.has: list[tuple[UUID, str]] = []

    async def send(self, text: OutgoingText) -> Receipt:
        self.sent.append(text)
        await asyncio.sleep(0)
        self.answer(text)
        return Receipt(self.take(text))

    def take(self, text: OutgoingText) -> str:
        provider_id = f"SM{len(self.has)}"
        self.has.append((text.reference, provider_id))
        return provider_id

    async def find(self, text: OutgoingText, *, since: datetime) -> Sequence[Receipt]:
        return [Receipt(provider_id) for reference, provider_id in self.has if reference == text.reference]

    async def fetch(self, text: OutgoingText, provider_id: str) -> Receipt | None:
        return Receipt(provider_id)

    async def check(self) -> None:
        return None

    async def close(self) -> None:
        return None

    @property
    def phones(self) -> list[str]:
        return [each.to for each in self.sent]


def make_dispatcher(
    engine: AsyncEngine, gateway: FakeGateway, clock: MovableClock, config: WorkerConfig = CONFIG
) -> Dispatcher:
    return Dispatcher(engine, ProviderPool(engine, clock, [gateway]), clock, segment_price=850, config=config)


async def a_class(sessions: async_sessionmaker[AsyncSession], *phones: str) -> int:
    """A class whose day-before reminders are due at EVE; its id."""
    async with sessions.begin() as db:
        course = await add_city(db)
        learners = [await add_learner(db, f"Lê Thị {n}", phone=phone) for n, phone in enumerate(phones)]
        session = await add_class(db, course, *learners)
        await announce(db, session)
    return session.id


async def states(sessions: async_sessionmaker[AsyncSession]) -> list[tuple[str, str, str]]:
    """Purpose, state and reason of every text."""
    async with sessions() as db:
        rows = await db.execute(
            select(Message.purpose, Message.state, Message.state_reason).order_by(Message.purpose, Message.id)
        )
        return [(purpose, state, reason) for purpose, state, reason in rows]


async def just_states(sessions: async_sessionmaker[AsyncSession]) -> list[str]:
    """States alone."""
    return [state for _purpose, state, _reason in await states(sessions)]
