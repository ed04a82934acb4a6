"""The worker: its gateway, and how soon it is woken."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from procrastinate.periodic import PeriodicRegistry
from procrastinate.schema import migrations_path
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from gateways.models import SandboxText
from gateways.sandbox import SandboxGateway
from gateways.twilio import TwilioGateway
from lopso.application import senders, worker
from lopso.application.wiring import LISTENERS
from lopso.kernel import db as database
from lopso.kernel.settings import Settings
from notifications.delivery.queues import WorkerConfig
from tests.conftest import MovableClock
from tests.gateways.provider import Provider
from tests.notifications.killed_workers import until_listening
from tests.notifications.scenario import LAN, THURSDAY, add_city, add_class, add_learner, announce


async def test_demo_never_calls_a_provider(engine: AsyncEngine, settings: Settings) -> None:
    twilio = replace(settings, gateway="twilio", twilio=Provider(base_url="http://127.0.0.1:9").settings)
    demo = replace(twilio, demo=True)

    chosen = [
        senders.gateway_for(each, name, engine, clock=MovableClock(), config=WorkerConfig())
        for each in (settings, demo, twilio)
        for name in each.gateways
    ]
    for gateway in chosen:
        await gateway.close()

    assert [type(gateway) for gateway in chosen] == [SandboxGateway, SandboxGateway, TwilioGateway]


async def test_text_due_now_is_sent_without_any_periodic_job(
    engine: AsyncEngine, database_url: str, settings: Settings
) -> None:
    sessions = database.session_maker(engine, LISTENERS)
    clock = MovableClock(THURSDAY - timedelta(hours=1))
    jobs = worker.job_app(database_url)
    jobs.periodic_registry = PeriodicRegistry()  # only the notice of the plan can start a delivery
    working = asyncio.create_task(worker.run(settings, database_url, clock=clock, jobs=jobs))
    async with sessions.begin() as db:
        course = await add_city(db)
        session = await add_class(db, course, await add_learner(db, "Lê Thị Lan", phone=LAN))
    await until_listening(engine, 1)
    await until_no_job_waits(engine)  # the worker asks for a first delivery when it starts

    async with sessions.begin() as db:
        await announce(db, session, now=clock.now)
    try:
        async with asyncio.timeout(60):
            while True:
                async with sessions() as db:
                    kept = (await db.scalars(select(SandboxText.to_phone))).all()
                if kept:
                    break
                await asyncio.sleep(0.1)
    finally:
        await worker.end_tasks([working], again_after=30)

    assert kept == [LAN]


async def until_no_job_waits(engine: AsyncEngine) -> None:
    async with asyncio.timeout(60), engine.connect() as connection:
        while await connection.scalar(text("SELECT count(*) FROM jobs.procrastinate_jobs")):
            await connection.rollback()
            await asyncio.sleep(0.05)


async def test_job_schema_has_every_shipped_step(engine: AsyncEngine) -> None:
    """A newer version of the library may bring steps: then a revision must apply those not yet in."""
    async with engine.connect() as connection:
        applied = set(await connection.scalars(text("SELECT name FROM jobs.lopso_step")))

    assert applied == {file.name for file in migrations_path.glob("*.sql")}
    assert max(applied) == "03.04.00_50_post_add_retry_failed_job_procedure.sql"
