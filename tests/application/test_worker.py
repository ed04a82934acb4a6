"""How a worker comes to its end."""

import asyncio

from lopso.application.worker import end_tasks


async def test_task_that_missed_its_cancellation_is_cancelled_again() -> None:
    async def deaf_once() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            await asyncio.sleep(60)

    async def fails() -> None:
        raise ValueError

    deaf, failing = asyncio.create_task(deaf_once()), asyncio.create_task(fails())
    await asyncio.sleep(0)
    async with asyncio.timeout(20):
        await end_tasks([deaf, failing], again_after=0.05)

    assert deaf.cancelled()
    assert isinstance(failing.exception(), ValueError)
