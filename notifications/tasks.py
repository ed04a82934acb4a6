"""Periodic tasks of the worker. Each calls one function of `delivery` with the worker's dispatcher.

The names of tasks and queueing locks are stored in the job tables and must not change."""

from contextlib import suppress
from typing import cast

from procrastinate import Blueprint, JobContext
from procrastinate.exceptions import AlreadyEnqueued
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from notifications.delivery import confirmation, reconciliation
from notifications.delivery.dispatcher import Dispatcher
from notifications.service.replanning import process_next

DISPATCHER = "dispatcher"
SESSIONS = "sessions"
"""Keys of the job context under which the worker passes its dispatcher and session maker."""

TEXTS = "texts"
LOOKUPS = "asking"
UPKEEP = "upkeep"
"""Queues: delivery, lookups at providers, and maintenance run independently in one process: a provider that
answers lookups slowly delays neither of the others."""

jobs = Blueprint()


@jobs.periodic(cron="* * * * *")
@jobs.task(name="deliver", queue=TEXTS, queueing_lock="deliver", pass_context=True)
async def deliver(context: JobContext, timestamp: int = 0) -> None:
    """Send due texts: every minute, and whenever one was planned for now."""
    await _dispatcher(context).deliver_due()


@jobs.periodic(cron="* * * * * */5")
@jobs.task(name="take_back", queue=UPKEEP, queueing_lock="take_back", pass_context=True)
async def reclaim_expired(context: JobContext, timestamp: int = 0) -> None:
    """Reclaim expired leases, expire useless texts, start trials of unhealthy providers."""
    dispatcher = _dispatcher(context)
    tally = await reconciliation.reclaim_expired(dispatcher)
    await dispatcher.providers.announce()
    if tally["planned"] or dispatcher.providers.any_unhealthy:
        await ask_for_delivery()


@jobs.periodic(cron="* * * * * */5")
@jobs.task(name="settle", queue=LOOKUPS, queueing_lock="settle", pass_context=True)
async def reconcile_unknown(context: JobContext, timestamp: int = 0) -> None:
    """Reconcile unknown outcomes; texts to be sent again are sent at once."""
    tally = await reconciliation.reconcile_unknown(_dispatcher(context))
    if tally["planned"]:
        await ask_for_delivery()


@jobs.periodic(cron="*/15 * * * *")
@jobs.task(name="confirm", queue=LOOKUPS, queueing_lock="confirm", pass_context=True)
async def confirm_delivery(context: JobContext, timestamp: int = 0) -> None:
    """Look up texts without a delivery report: the backup for lost callbacks."""
    sessions = cast("async_sessionmaker[AsyncSession]", _at_hand(context)[SESSIONS])
    await confirmation.confirm_delivery(_dispatcher(context), sessions)


@jobs.periodic(cron="* * * * *")
@jobs.task(name="replan", queue=UPKEEP, queueing_lock="replan", pass_context=True)
async def replan(context: JobContext, timestamp: int = 0) -> None:
    """Replan reminders after changes of times or wordings, one transaction a ward."""
    sessions = cast("async_sessionmaker[AsyncSession]", _at_hand(context)[SESSIONS])
    replanned: str | None = ""
    while replanned is not None:
        async with sessions.begin() as db:
            replanned = await process_next(db, now=_dispatcher(context).clock())


async def ask_for_delivery() -> None:
    """Ask some worker to deliver now, unless that is already queued."""
    with suppress(AlreadyEnqueued):
        await deliver.defer_async()


def _dispatcher(context: JobContext) -> Dispatcher:
    return cast(Dispatcher, _at_hand(context)[DISPATCHER])


def _at_hand(context: JobContext) -> dict[str, object]:
    return cast("dict[str, object]", context.additional_context)  # pyright: ignore[reportUnknownMemberType]  (a bare dict)
