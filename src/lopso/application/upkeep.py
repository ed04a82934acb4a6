"""What a worker does for the whole installation: heartbeat, resuming delivery, closures, backups."""

import asyncio
from contextlib import suppress
from typing import cast
from uuid import uuid4

import structlog
from procrastinate import Blueprint, JobContext
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from lopso.application.backup.schedule import BackupSchedule
from lopso.application.resuming import is_asked_for, resume_delivery
from lopso.kernel.access import system
from lopso.kernel.clock import Clock
from lopso.kernel.operations import heartbeat
from notifications import tasks
from notifications.delivery.dispatcher import Dispatcher
from notifications.delivery.restoration import ProviderSilent
from scheduling.service.closures import close_next

log = structlog.get_logger("lopso.worker")

BACKUPS = "backups"
"""A queue that only workers with a folder for backups serve."""

WARDS_AT_ONCE = 3
"""Of a closure: while the database works on one ward, the texts of another are written."""

SCHEDULE = "backup_schedule"
"""Key of the job context under which such a worker passes its schedule."""

jobs = Blueprint()


@jobs.periodic(cron="* * * * * */5")
@jobs.task(name="resume", queue=tasks.LOOKUPS, queueing_lock="resume", pass_context=True)
async def resume(context: JobContext, timestamp: int = 0) -> None:
    """Resume delivery when somebody asked for it; tried again while a provider does not answer."""
    values = _values(context)
    sessions = cast("async_sessionmaker[AsyncSession]", values[tasks.SESSIONS])
    if not await is_asked_for(sessions):
        return
    dispatcher = cast(Dispatcher, values[tasks.DISPATCHER])
    try:
        done = await resume_delivery(dispatcher, sessions, by=system("lopso"))
    except ProviderSilent as silent:
        log.error("delivery stays paused: a provider cannot be asked", provider=silent.name)
        return
    if done is not None:
        log.info("delivery resumed", gone=done.texts.gone, unknown=done.texts.unknown, mails=done.mails)
        await tasks.ask_for_delivery()


@jobs.periodic(cron="* * * * * */2")
@jobs.task(name="close_wards", queue=tasks.UPKEEP, queueing_lock="close_wards", pass_context=True)
async def close_wards(context: JobContext, timestamp: int = 0) -> None:
    """Cancel the sessions of closures."""
    values = _values(context)
    sessions = cast("async_sessionmaker[AsyncSession]", values[tasks.SESSIONS])
    await close_all(sessions, cast(Dispatcher, values[tasks.DISPATCHER]).clock)


async def close_all(sessions: async_sessionmaker[AsyncSession], clock: Clock) -> None:
    """Cancel ward by ward, each in one transaction: a ward is done whole or not at all; some at once."""

    async def one_after_the_other() -> None:
        more = True
        while more:
            async with sessions.begin() as db:
                more = await close_next(db, now=clock())

    # Waits for all: where a ward fails, the others are still done.
    done = await asyncio.gather(
        *(one_after_the_other() for _ in range(WARDS_AT_ONCE)), return_exceptions=True
    )
    for failure in done:
        if failure is not None:
            raise failure


@jobs.periodic(cron="* * * * *")
@jobs.task(name="back_up", queue=BACKUPS, queueing_lock="back_up", pass_context=True)
async def back_up(context: JobContext, timestamp: int = 0) -> None:
    """Back up when the day's backup is due; how often is judged by the record in the database."""
    await cast(BackupSchedule, _values(context)[SCHEDULE]).run_if_due()


async def keep_beating(engine: AsyncEngine, clock: Clock) -> None:
    """Say in the database that this worker is alive, until it ends."""
    worker_id = uuid4()
    try:
        while True:
            try:
                async with engine.begin() as connection:
                    await heartbeat.beat(connection, worker_id, now=clock())
            except SQLAlchemyError as error:
                log.warning("heartbeat not written", why=type(error).__name__)
            await asyncio.sleep(heartbeat.EVERY.total_seconds())
    finally:
        with suppress(SQLAlchemyError):
            async with engine.begin() as connection:
                await heartbeat.leave(connection, worker_id)


def _values(context: JobContext) -> dict[str, object]:
    return cast("dict[str, object]", context.additional_context)  # pyright: ignore[reportUnknownMemberType]  (a bare dict)
