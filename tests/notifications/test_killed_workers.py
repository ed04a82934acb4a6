"""Workers killed while sending lose no text and send none twice.

The calls that the provider saw are compared, not the ledger.
"""

import asyncio
import random
from collections import Counter
from datetime import time, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from lopso.application.wiring import LISTENERS
from lopso.kernel import db as database
from lopso.kernel.clock import utc_now
from lopso.kernel.settings import Settings
from notifications.models import DeliveryEvent, Message, ReminderPolicy
from notifications.service.ledger import notify_workers
from tests.classroom import WARD
from tests.gateways.provider import Happening, Provider, provider_running
from tests.notifications.killed_workers import (
    STUMBLES,
    random_reports,
    until_listening,
    web_running,
    workers_running,
)
from tests.notifications.scenario import add_city, add_class
from wordings.models import MessageTemplate

FEW = pytest.param(200, 2, id="few")
MANY = pytest.param(500, 6, id="many", marks=pytest.mark.long)
"""(texts, kills)"""


async def due_texts(sessions: async_sessionmaker[AsyncSession], number: int) -> set[tuple[str, str]]:
    """A class tomorrow and `number` texts about it, due now at any hour; their numbers and words."""
    now = utc_now()
    async with sessions.begin() as db:
        course = await add_city(db)
        await db.execute(update(ReminderPolicy).values(quiet_until=time(0), quiet_from=time(23, 59)))
        session = await add_class(db, course, starts_at=now + timedelta(days=1))
        template_id = (await db.scalars(select(MessageTemplate.id))).first()
        rows = [
            {
                "ward_id": WARD,
                "session_id": session.id,
                "session_version": 1,
                "purpose": "assignment_offered",
                "message_class": "operations",
                "to_phone": f"+84912{n:06}",
                "template_id": template_id,
                "body": f"Text {n}",
                "body_accented": f"Text {n}",
                "encoding": "gsm7",
                "segments": 1,
                "due_at": now,
                "useless_after": session.starts_at,
                "reference": uuid4(),
                "created_at": now,
            }
            for n in range(number)
        ]
        await db.execute(insert(Message), rows)
        await notify_workers(db)
    return {(f"+84912{n:06}", f"Text {n}") for n in range(number)}


async def until_settled(sessions: async_sessionmaker[AsyncSession], *, seconds: float) -> Counter[str]:
    """Wait until every text has its end; the numbers by state."""
    give_up = asyncio.get_running_loop().time() + seconds
    while True:
        async with sessions() as db:
            rows = await db.execute(select(Message.state, func.count()).group_by(Message.state))
            states: Counter[str] = Counter()
            for state, number in rows:
                states[state] = number
        gone = states["sent"] + states["delivered"] + states["undelivered"]
        if gone == states.total() or asyncio.get_running_loop().time() > give_up:
            return states
        await asyncio.sleep(0.5)


async def killed_in_the_middle(
    engine: AsyncEngine,
    database_url: str,
    home: Path,
    provider: Provider,
    *,
    texts: int,
    kills: int,
    public_url: str = "https://lop-so.example.vn",
) -> tuple[set[tuple[str, str]], Counter[str], int]:
    """Two workers, one of them killed each time some more texts have gone.

    Returns:
        The texts there were, the ledger at the end, and how many outcomes were unknown on the way.
    """
    sessions = database.session_maker(engine, LISTENERS)
    async with workers_running(2, provider, database_url, home, public_url) as workers:
        await until_listening(engine, 2)
        wanted = await due_texts(sessions, texts)
        for kill in range(1, kills + 1):
            mark = kill * texts // (kills + 1)
            async with asyncio.timeout(120):
                await provider.until_called(mark)
            await asyncio.sleep(random.random() * 0.2)
            await workers.kill_one()
        states = await until_settled(sessions, seconds=300)
    async with sessions() as db:
        unknown = await db.scalar(
            select(func.count()).select_from(DeliveryEvent).where(DeliveryEvent.state == "ambiguous")
        )
    return wanted, states, unknown or 0


@pytest.mark.parametrize(("texts", "kills"), [MANY])
async def test_killed_workers_lose_and_repeat_no_text(
    engine: AsyncEngine, database_url: str, tmp_path: Path, texts: int, kills: int
) -> None:
    async with provider_running(Provider(latency=0.15)) as provider:
        wanted, states, unknown = await killed_in_the_middle(
            engine, database_url, tmp_path, provider, texts=texts, kills=kills
        )

    assert unknown > 0  # else nobody was killed between the call and the record
    assert provider.received() == Counter(dict.fromkeys(wanted, 1))
    assert states == {"sent": texts}


@pytest.mark.parametrize(("texts", "kills"), [FEW, MANY])
async def test_killed_workers_with_failing_provider_lose_and_repeat_none(
    engine: AsyncEngine, database_url: str, tmp_path: Path, settings: Settings, texts: int, kills: int
) -> None:
    """The provider cuts connections after accepting, answers 429 and 500, is slow, repeats reports.

    Its reports reach the application while workers are killed: none is lost, none moves a state back.
    """
    dice = random.Random(20261126)

    def script(_number: int, _form: dict[str, str]) -> Happening:
        return dice.choice(STUMBLES) if dice.random() < 0.12 else "accept"

    stumbling = Provider(script, latency=0.1, hang=2.5, lives=random_reports(dice))
    async with provider_running(stumbling) as provider, web_running(database_url, settings) as address:
        wanted, states, unknown = await killed_in_the_middle(
            engine, database_url, tmp_path, provider, texts=texts, kills=kills, public_url=address
        )
        async with asyncio.timeout(120):
            await provider.quiet()

    assert unknown > texts / 50
    assert provider.received() == Counter(dict.fromkeys(wanted, 1))
    assert states.total() == texts
    assert set(states) <= {"sent", "delivered", "undelivered"}
    assert provider.answers.total() > texts
    assert set(provider.answers) == {204}
    async with engine.connect() as connection:
        rows = await connection.execute(select(Message.to_phone, Message.provider_id, Message.state))
        kept = {phone: (provider_id, state) for phone, provider_id, state in rows}
    assert {phone: sid for phone, (sid, _state) in kept.items()} == {
        each.to: each.sid for each in provider.taken
    }
    # Whatever it told, the ledger has; what it did not tell is asked about a quarter of an hour later.
    told = [each for each in provider.taken if kept[each.to][1] != "sent"]
    assert len(told) > texts * 0.8
    assert [(each.to, each.status) for each in told] == [(each.to, kept[each.to][1]) for each in told]
