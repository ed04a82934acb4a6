"""Two people change the same things in another order: one is asked to try again, nothing is half saved."""

import asyncio

from litestar import post
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from lopso.web.guards import PUBLIC
from tests.conftest import TestApp

LOCK = text("SELECT pg_advisory_xact_lock(:key)")


async def test_deadlock_is_answered_with_409_and_a_sentence(app: TestApp, engine: AsyncEngine) -> None:
    holds = asyncio.Event()

    @post("/both", opt={**PUBLIC, "exclude_from_csrf": True})
    async def both() -> None:
        async with engine.begin() as connection:
            await connection.execute(LOCK, {"key": 1})
            holds.set()
            await connection.execute(LOCK, {"key": 2})

    app.app.register(both)
    async with (
        app.client() as client,
        engine.begin() as other,
    ):
        await other.execute(LOCK, {"key": 2})
        asked = asyncio.create_task(client.post("/both", headers={"accept": "application/json"}))
        await holds.wait()
        await asyncio.sleep(0.3)  # it waits, and so is the first to look whether that can end
        await other.execute(LOCK, {"key": 1})
        answer = await asked

    assert answer.status_code == 409
    assert "Có người khác vừa sửa cùng lúc" in answer.json()["detail"]


async def test_idle_transaction_is_ended_after_two_minutes(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        assert await connection.scalar(text("SHOW idle_in_transaction_session_timeout")) == "2min"
