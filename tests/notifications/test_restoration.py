"""After a restore: providers say which texts have gone; what nobody can say is for people."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from gateways.protocol import GatewayUnavailable, OutgoingText, Receipt
from lopso.application.wiring import LISTENERS
from lopso.kernel import db as database
from lopso.kernel.operations.delivery_pause import DeliveryPause, end_pause, open_pause, pause_delivery
from notifications.delivery.dispatcher import Dispatcher
from notifications.delivery.provider_pool import ProviderPool
from notifications.delivery.restoration import ProviderSilent, RestoredTexts, settle_restored
from notifications.models import Message
from tests.conftest import MovableClock
from tests.factories import TEST
from tests.notifications.fakes import CONFIG, EVE, FakeGateway, a_class, just_states, states
from tests.notifications.scenario import LAN, MINH

TAKEN_AT = EVE - timedelta(hours=2)


class OtherGateway(FakeGateway):
    """A second provider."""

    name = "other"


class Forgetful(FakeGateway):
    """A provider that cannot be asked."""

    has_lookup = False


class Unsure(FakeGateway):
    """A provider that may have had every text."""

    async def find(self, text: OutgoingText, *, since: datetime) -> Sequence[Receipt]:
        return [Receipt("SM?", certain=False)]


class Unreachable(FakeGateway):
    """A provider that does not answer."""

    async def find(self, text: OutgoingText, *, since: datetime) -> Sequence[Receipt]:
        raise GatewayUnavailable("no_connection", retry_after=60)


@pytest.fixture
def sessions(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    return database.session_maker(engine, LISTENERS)


async def restored(
    engine: AsyncEngine, *gateways: FakeGateway, phones: Sequence[str] = (LAN, MINH)
) -> tuple[Dispatcher, DeliveryPause]:
    """A class whose reminders were open at the backup and due when it was restored; delivery is paused."""
    sessions = database.session_maker(engine, LISTENERS)
    clock = MovableClock(EVE + timedelta(minutes=5))
    await a_class(sessions, *phones)
    async with sessions.begin() as db:
        db.add(DeliveryPause(since=clock.now, reason="restored", backup_taken_at=TAKEN_AT))
    async with sessions() as db:
        pause = await open_pause(db)
    assert pause is not None
    clock.forward(timedelta(minutes=1))
    return Dispatcher(engine, ProviderPool(engine, clock, gateways), clock, 850, CONFIG), pause


async def going(sessions: async_sessionmaker[AsyncSession]) -> list[OutgoingText]:
    """The texts that are open, as a provider gets them."""
    async with sessions() as db:
        rows = await db.scalars(select(Message).where(Message.state == "planned").order_by(Message.id))
        return [OutgoingText(row.reference, row.to_phone, row.body, row.useless_after) for row in rows]


async def test_nothing_is_claimed_while_delivery_is_paused(
    engine: AsyncEngine, sessions: async_sessionmaker[AsyncSession]
) -> None:
    gateway = FakeGateway()
    dispatcher, _pause = await restored(engine, gateway)
    assert await dispatcher.deliver_due() == {}
    assert gateway.sent == []
    assert "claimed" not in await just_states(sessions)


async def test_text_known_to_a_provider_is_recorded_others_are_sent(
    engine: AsyncEngine, sessions: async_sessionmaker[AsyncSession]
) -> None:
    gateway, other = FakeGateway(), OtherGateway()
    dispatcher, pause = await restored(engine, gateway, other)
    first, *rest = await going(sessions)
    other.take(first)

    found = await settle_restored(dispatcher, pause)
    assert found == RestoredTexts(gone=1, unsent=len(rest))
    assert await settle_restored(dispatcher, pause) == RestoredTexts()  # asked once, answered once

    async with sessions.begin() as db:
        standing = await open_pause(db, lock=True)
        assert standing is not None
        await end_pause(db, standing, by=TEST, now=dispatcher.clock())
    await dispatcher.deliver_due()
    assert first.reference not in {text.reference for text in gateway.sent}
    async with sessions() as db:
        row = await db.scalar(select(Message).where(Message.reference == first.reference))
    assert row is not None
    assert (row.state, row.provider, row.price) == ("sent", "other", 850)
    assert row.sent_at == EVE


@pytest.mark.parametrize("kind", [Forgetful, Unsure])
async def test_text_without_lookup_waits_for_a_person(
    engine: AsyncEngine, sessions: async_sessionmaker[AsyncSession], kind: type[FakeGateway]
) -> None:
    gateway, unsure = FakeGateway(), kind()
    unsure.name = "unsure"
    dispatcher, pause = await restored(engine, gateway, unsure, phones=(LAN,))
    found = await settle_restored(dispatcher, pause)
    assert (found.gone, found.unsent) == (0, 0)
    assert {(state, reason) for _purpose, state, reason in await states(sessions)} == {
        ("ambiguous", "restored")
    }


async def test_unreachable_provider_leaves_everything_as_it_is(
    engine: AsyncEngine, sessions: async_sessionmaker[AsyncSession]
) -> None:
    dispatcher, pause = await restored(engine, Unreachable())
    with pytest.raises(ProviderSilent):
        await settle_restored(dispatcher, pause)
    assert set(await just_states(sessions)) == {"planned"}


async def test_held_and_claimed_texts_are_asked_about_too(
    engine: AsyncEngine, sessions: async_sessionmaker[AsyncSession]
) -> None:
    gateway = FakeGateway()
    dispatcher, pause = await restored(engine, gateway)
    texts = await going(sessions)
    for each in texts:
        gateway.take(each)
    async with sessions.begin() as db:
        await db.execute(
            update(Message).where(Message.to_phone == LAN).values(held_at=TAKEN_AT, held_by=None)
        )
        await db.execute(
            update(Message).where(Message.to_phone == MINH).values(state="claimed", lease_until=TAKEN_AT)
        )
    assert await settle_restored(dispatcher, pause) == RestoredTexts(gone=len(texts))
    assert set(await just_states(sessions)) == {"sent"}


async def test_pause_by_hand_twice_is_one_pause(sessions: async_sessionmaker[AsyncSession]) -> None:
    for _ in range(2):
        async with sessions.begin() as db:
            await pause_delivery(db, by=TEST, now=EVE)
    async with sessions() as db:
        assert len((await db.scalars(select(DeliveryPause))).all()) == 1
