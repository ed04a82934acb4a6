"""Actions of staff on messages that a worker has in hand."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from gateways.protocol import OutgoingText
from lopso.application.wiring import LISTENERS
from lopso.kernel import db as database
from notifications.delivery import transitions
from notifications.delivery.attempts import SendAttempt, SendOutcome
from notifications.delivery.claiming import DueFilter, claim
from notifications.delivery.recording import record
from notifications.errors import NoMatchingMessages
from notifications.models import Message
from notifications.service.message_actions import ActionResult, hold, send_again, withdraw
from notifications.service.message_selection import MessageSelection
from tests.classroom import WARD
from tests.factories import TEST
from tests.notifications.reminders import MORNING, a_class, rows, set_state
from tests.notifications.scenario import LAN, MINH, THURSDAY


async def test_withdrawing_loses_against_a_worker_that_is_sending(engine: AsyncEngine) -> None:
    sessions = database.session_maker(engine, LISTENERS)
    async with sessions.begin() as db:
        session = await a_class(db, LAN, MINH)
    due = THURSDAY - timedelta(hours=2)
    lease = due + timedelta(minutes=1)
    async with engine.begin() as connection:
        ids, _aside = await claim(connection, DueFilter(False, "service", 9), lease=lease - due, now=due)
    assert len(ids) == 2

    async with engine.connect() as worker:
        await worker.begin()
        await worker.execute(
            update(Message)
            .where(Message.id == ids[0])
            .values(state="sending", lease_until=lease, tried_at=due)
        )
        taking_back = asyncio.create_task(_withdraw(sessions, session.id, due))
        await asyncio.sleep(0.3)  # it waits for the row that the worker holds
        assert not taking_back.done()
        await worker.commit()
        result = await taking_back

    async with sessions() as db:
        states = {row.id: row.state for row in await rows(db)}
    assert states == {ids[0]: "sending", ids[1]: "withdrawn"}
    assert (result.changed, result.already_sent) == (1, 1)
    async with sessions.begin() as db:
        with pytest.raises(NoMatchingMessages) as refusal:
            await withdraw(db, MessageSelection(WARD, message_id=ids[0]), by=TEST, now=due)
    assert refusal.value.sentence == "Tin đã đi rồi, không giữ lại hay rút lại được nữa."


async def test_message_held_after_claim_is_not_sent(engine: AsyncEngine) -> None:
    sessions = database.session_maker(engine, LISTENERS)
    async with sessions.begin() as db:
        session = await a_class(db, LAN)
    due = THURSDAY - timedelta(hours=2)
    lease = due + timedelta(minutes=1)
    async with engine.begin() as connection:
        ids, _aside = await claim(connection, DueFilter(False, "service", 9), lease=lease - due, now=due)

    async with sessions.begin() as db:
        await hold(db, MessageSelection(WARD, session_id=session.id), by=TEST, now=due)
    async with engine.begin() as connection:
        attempts = await transitions.mark_sending(
            connection, ids, provider="fake", lease_until=lease, now=due
        )

    assert attempts == []
    async with sessions() as db:
        assert [(row.state, row.held_at) for row in await rows(db)] == [("planned", due)]


async def test_resent_unknown_message_is_not_sent_twice(engine: AsyncEngine) -> None:
    """A lookup says that the provider had never seen the first: it is not sent again."""
    sessions = database.session_maker(engine, LISTENERS)
    async with sessions.begin() as db:
        await a_class(db, LAN)
        await set_state(db, "ambiguous", "no_answer")
        await db.execute(
            update(Message).where(Message.state == "ambiguous").values(provider="fake", attempts=1)
        )
        [row] = await rows(db)
    async with sessions.begin() as db:
        selection = MessageSelection(WARD, message_id=row.id)
        await send_again(db, selection, perhaps_twice=True, by=TEST, now=MORNING)
    text = OutgoingText(row.reference, row.to_phone, row.body, row.useless_after)
    attempt = SendAttempt(row.id, 1, "fake", MORNING, text)
    outcome = SendOutcome(attempt, "planned", due_at=MORNING, detail={"why": "never_seen"})

    async with engine.begin() as connection:
        await record(connection, [outcome], segment_price=850, now=MORNING)

    async with sessions() as db:
        assert [(row.repeat, row.state, row.state_reason) for row in await rows(db)] == [
            (0, "failed", "given_up"),
            (1, "planned", ""),
        ]


async def _withdraw(
    sessions: async_sessionmaker[AsyncSession], session_id: int, now: datetime
) -> ActionResult:
    async with sessions.begin() as db:
        selection = MessageSelection(WARD, session_id=session_id, purpose="reminder_same_day")
        return await withdraw(db, selection, by=TEST, now=now)
