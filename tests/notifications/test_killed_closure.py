"""A worker killed in the middle of a closure: another goes on, nothing is cancelled or told twice."""

import asyncio
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from lopso.application import worker
from lopso.application.upkeep import close_all
from lopso.application.wiring import LISTENERS
from lopso.kernel import db as database
from lopso.kernel.clock import local_day
from lopso.kernel.settings import Settings
from notifications.models import Message
from scheduling.models import SESSION_KINDS, ClassSession, ClosureWard
from scheduling.rules.closures import ClosurePlan
from scheduling.service.closures import start_closure
from scheduling.service.sessions import publish_sessions
from tests.classroom import enrol
from tests.conftest import MovableClock
from tests.factories import NOON, TEST, add_course, add_learner, add_session, add_ward
from wordings.service.shipped import load_wordings

WARDS = ("19753", "19789", "19804", "19813")
PROCESS = Path(__file__).with_name("closing_process.py")


async def seed(sessions: async_sessionmaker[AsyncSession]) -> None:
    """A class of two in each of four wards on one day, and a closure of it."""
    async with sessions.begin() as db:
        await load_wordings(db, by=TEST, now=NOON)
        for place, ward_id in enumerate(WARDS):
            await add_ward(db, ward_id=ward_id, name=f"Phường số {place}")
            course = await add_course(db, ward_id=ward_id)
            session = await add_session(db, course=course, ward_id=ward_id)
            for number in range(2):
                phone = f"+849051234{place}{number}"
                await enrol(db, session, await add_learner(db, ward_id=ward_id, phone=phone))
            await publish_sessions(db, [session.id], by=TEST, now=NOON)
        day = local_day(NOON + timedelta(days=3, hours=2))  # of `add_session`
        plan = ClosurePlan(WARDS, day, day, SESSION_KINDS)
        await start_closure(db, plan, reason="Mưa bão", by=TEST, now=NOON)


async def wards_done(sessions: async_sessionmaker[AsyncSession]) -> int:
    async with sessions() as db:
        return await db.scalar(select(func.count()).where(ClosureWard.done_at.is_not(None))) or 0


async def kill_in_the_second_ward(database_url: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(PROCESS),
        cwd=Path(__file__).parents[2],
        env={
            **os.environ,
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "LOPSO_DATABASE_URL": database_url,
            "NOW": NOON.isoformat(),
        },
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    for _ward in range(2):
        assert await process.stdout.readline() == b"cancelled\n"
    process.send_signal(signal.SIGKILL)
    await process.wait()


async def test_killed_closure_is_resumed_and_nobody_is_told_twice(
    database_url: str, engine: AsyncEngine
) -> None:
    sessions = database.session_maker(engine, LISTENERS)
    await seed(sessions)

    await kill_in_the_second_ward(database_url)
    done_before = await wards_done(sessions)
    async with asyncio.timeout(30):
        while await wards_done(sessions) < len(WARDS):  # until its lock is gone
            await close_all(sessions, lambda: NOON)

    assert done_before == 1
    async with sessions() as db:
        versions = await db.execute(select(ClassSession.version, ClassSession.cancelled_at))
        told = await db.execute(
            select(Message.to_phone, func.count())
            .where(Message.purpose == "session_cancelled")
            .group_by(Message.to_phone)
        )
        assert [tuple(each) for each in versions] == [(2, NOON)] * len(WARDS)
        assert [number for _phone, number in told] == [1] * 8


async def test_running_worker_finishes_a_closure_by_itself(
    database_url: str, engine: AsyncEngine, settings: Settings
) -> None:
    sessions = database.session_maker(engine, LISTENERS)
    await seed(sessions)

    working = asyncio.create_task(worker.run(settings, database_url, clock=MovableClock(NOON)))
    try:
        async with asyncio.timeout(60):
            while True:
                if await wards_done(sessions) == len(WARDS):
                    break
                await asyncio.sleep(0.2)
    finally:
        await worker.end_tasks([working], again_after=30)
