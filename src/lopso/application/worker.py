"""The worker: sends due texts, reconciles unknown outcomes, does maintenance. Any number may run."""

import asyncio
import signal
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import structlog
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy.exc import SQLAlchemyError

from accounts import tasks as account_tasks
from invitations import tasks as mail_tasks
from invitations.delivery.dispatcher import MailDispatcher, MailWorkerConfig
from lopso.application import retention, upkeep
from lopso.application.backup.schedule import BackupSchedule
from lopso.application.senders import account_worker_for, dispatcher_for, mail_dispatcher_for
from lopso.application.wiring import LISTENERS
from lopso.kernel import db as database
from lopso.kernel.clock import Clock
from lopso.kernel.settings import Settings
from lopso.kernel.shared_clock import SharedClock
from notifications import tasks
from notifications.delivery.dispatcher import Dispatcher
from notifications.delivery.queues import WorkerConfig
from notifications.service.ledger import DUE_CHANNEL

log = structlog.get_logger("lopso.worker")

JOBS_SCHEMA = "jobs"
_RECONNECT = 3.0  # seconds
_TIME_AGAIN = 30.0  # seconds
_CONCURRENCY = {
    tasks.TEXTS: 1,
    tasks.LOOKUPS: 2,
    tasks.UPKEEP: 2,
    mail_tasks.MAILS: 1,
    account_tasks.ACCOUNTS: 1,
    upkeep.BACKUPS: 1,
}
"""Queues, and how many jobs of each run at once. Backups only where they have a folder."""


async def run(
    settings: Settings,
    database_url: str,
    *,
    config: WorkerConfig | None = None,
    mail_config: MailWorkerConfig | None = None,
    clock: Clock | None = None,
    jobs: App | None = None,
    finish_within: float = 20.0,
) -> None:
    """Work until SIGTERM or SIGINT; what has begun is finished first.

    Args:
        database_url: ``postgresql+psycopg://…``, its schema current.
        clock: the database's where none is given.
        jobs: `job_app(database_url)` where none is given.
        finish_within: seconds that a stopping worker gives to what it has begun.
    """
    config = config or WorkerConfig()
    mail_config = mail_config or MailWorkerConfig()
    engine = database.create_engine(database_url, pool_size=4 + 2 * config.slices + mail_config.connections)
    if clock is None:
        clock = shared = SharedClock(engine)
        await shared.set()
    dispatcher = dispatcher_for(settings, engine, clock=clock, config=config)
    mail_dispatcher = mail_dispatcher_for(settings, engine, clock=clock, config=mail_config)
    jobs = jobs or job_app(database_url)
    log.info("worker started", gateways=list(dispatcher.providers.all), mail=settings.mail)
    try:
        async with jobs.open_async(), _stopped_by_signals() as stop:
            await _clear_stalled(jobs)
            await tasks.ask_for_delivery()
            context: dict[str, Any] = {
                tasks.DISPATCHER: dispatcher,
                tasks.SESSIONS: database.session_maker(engine, LISTENERS),
                mail_tasks.MAIL_DISPATCHER: mail_dispatcher,
                account_tasks.ACCOUNT_WORKER: account_worker_for(settings, engine, mail_dispatcher),
            }
            if settings.backup is not None:
                context[upkeep.SCHEDULE] = BackupSchedule(engine, clock, settings.backup)
            queues = _run_queues(jobs, context, finish_within=finish_within)
            beside = [
                asyncio.create_task(each)
                for each in (
                    _listen(database_url, dispatcher),
                    upkeep.keep_beating(engine, clock),
                    _say_refused(dispatcher),
                    _say_problem(mail_dispatcher),
                    *([_keep_time(clock)] if isinstance(clock, SharedClock) else ()),
                )
            ]
            await _until_stopped(stop, dispatcher, queues, beside, again_after=finish_within + 5)
    finally:
        await dispatcher.providers.aclose()
        await engine.dispose()
        log.info("worker stopped")


def _run_queues(jobs: App, context: dict[str, Any], *, finish_within: float) -> Sequence[asyncio.Task[None]]:
    """A task for each queue of jobs."""
    return [
        asyncio.create_task(
            jobs.run_worker_async(
                queues=[queue],
                name=queue,
                concurrency=concurrency,
                delete_jobs="always",
                install_signal_handlers=False,
                shutdown_graceful_timeout=finish_within,
                additional_context=context,
            )
        )
        for queue, concurrency in _CONCURRENCY.items()
        if queue != upkeep.BACKUPS or upkeep.SCHEDULE in context
    ]


async def _until_stopped(
    stop: asyncio.Event,
    dispatcher: Dispatcher,
    queues: Sequence[asyncio.Task[None]],
    beside: Sequence[asyncio.Task[None]],
    *,
    again_after: float,
) -> None:
    """Wait for `stop`, then end everything. Raises what a queue failed with."""
    stopped = asyncio.create_task(stop.wait())
    try:
        # A queue that ends by itself has failed: then this process ends, and its supervisor starts it anew.
        await asyncio.wait([*queues, stopped], return_when=asyncio.FIRST_COMPLETED)
        failed = next((task for task in queues if task.done()), None)
    finally:
        dispatcher.stop()  # calls under way end and are recorded; nothing new begins
        await end_tasks([*queues, *beside, stopped], again_after=again_after)
    if failed is not None:
        failed.result()


async def end_tasks(tasks: Collection[asyncio.Task[Any]], *, again_after: float) -> None:
    """Cancel `tasks` and wait for their end; those still there after `again_after` seconds, again.

    A task may miss being cancelled: before Python 3.12 ``asyncio.wait_for`` drops a cancellation that comes
    at the moment its wait ends, as the pools of connections do while a worker starts.
    """
    running = set(tasks)
    while running:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=again_after)
    await asyncio.gather(*tasks, return_exceptions=True)  # so that none is reported as never looked at


def job_app(database_url: str) -> App:
    """The job library on its own schema of our database, with the tasks of every package."""
    where = conninfo_to_dict(database_url.replace("postgresql+psycopg://", "postgresql://", 1))
    where["options"] = f"{where.get('options') or ''} -c search_path={JOBS_SCHEMA}".strip()
    app = App(connector=PsycopgConnector(kwargs=where, min_size=1, max_size=8))
    app.add_tasks_from(tasks.jobs, namespace="texts")
    app.add_tasks_from(mail_tasks.jobs, namespace="mails")
    app.add_tasks_from(upkeep.jobs, namespace="upkeep")
    app.add_tasks_from(account_tasks.jobs, namespace="accounts")
    app.add_tasks_from(retention.jobs, namespace="retention")
    return app


async def _say_refused(dispatcher: Dispatcher) -> None:
    """One sentence about each provider of texts that does not know us; their texts stay planned."""
    for name in await dispatcher.providers.check():
        log.error(f"{name} refuses our credentials: texts stay planned until they are put right.")


async def _say_problem(dispatcher: MailDispatcher) -> None:
    """Say once, at the start, that the mail server cannot be used."""
    problem = await dispatcher.problem()
    if problem is not None:
        log.error(problem)


async def _clear_stalled(app: App) -> None:
    """Forget jobs that a killed worker left under way: the ledger knows what is still to be done."""
    for job in await app.job_manager.get_stalled_jobs():
        await app.job_manager.finish_job(job, Status.FAILED, delete_job=True)


async def _listen(database_url: str, dispatcher: Dispatcher) -> None:
    """Ask for a delivery, and stir the one under way, whenever a plan says that something is due now."""
    where = database_url.replace("postgresql+psycopg://", "postgresql://", 1)
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(where, autocommit=True) as connection:
                await connection.execute(f"LISTEN {DUE_CHANNEL}")
                async for _notice in connection.notifies():
                    dispatcher.wake()
                    await tasks.ask_for_delivery()
        except (psycopg.OperationalError, ConnectorException) as error:
            # Until the connection is back, the round of every minute does it.
            log.warning("not listening", why=type(error).__name__)
            await asyncio.sleep(_RECONNECT)


async def _keep_time(clock: SharedClock) -> None:
    """Ask for the time now and then: clocks drift, and are set."""
    while True:
        await asyncio.sleep(_TIME_AGAIN)
        try:
            await clock.set()
        except SQLAlchemyError as error:
            log.warning("time not known", why=type(error).__name__)


@asynccontextmanager
async def _stopped_by_signals() -> AsyncGenerator[asyncio.Event, None]:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(each, stop.set)
        except (NotImplementedError, RuntimeError):  # Windows; or not the main thread, as in a test
            continue
    yield stop
