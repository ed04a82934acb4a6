"""What workers do, and when. Thin: each task calls one function with the worker's dispatcher."""

from contextlib import suppress
from typing import cast

from procrastinate import Blueprint, JobContext
from procrastinate.exceptions import AlreadyEnqueued
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from notifications.delivery import reconciliation
from notifications.delivery.dispatcher import Dispatcher
from notifications.service.replanning import process_next

DISPATCHER = "dispatcher"
SESSIONS = "sessions"
"""Names under which the worker hands its dispatcher and its sessions to the tasks."""

TEXTS = "texts"
ASKING = "asking"
UPKEEP = "upkeep"
"""Queues: one delivery at a time in a process, beside it questions to providers and whatever keeps house. A
provider that is slow to answer questions keeps nobody from keeping house."""

jobs = Blueprint()


@jobs.periodic(cron="* * * * *")
@jobs.task(name="deliver", queue=TEXTS, queueing_lock="deliver", pass_context=True)
async def deliver(context: JobContext, timestamp: int = 0) -> None:
    """Send what is due: each minute, and whenever something was planned for now."""
    await _dispatcher(context).deliver_due()


@jobs.periodic(cron="* * * * * */5")
@jobs.task(name="take_back", queue=UPKEEP, queueing_lock="take_back", pass_context=True)
async def take_back(context: JobContext, timestamp: int = 0) -> None:
    """Free what lost workers held, end what came too late, try the ill."""
    dispatcher = _dispatcher(context)
    tally = await reconciliation.reclaim_expired(dispatcher)
    await dispatcher.providers.appear()
    if tally["planned"] or dispatcher.providers.any_ill:
        await ask_for_delivery()


@jobs.periodic(cron="* * * * * */5")
@jobs.task(name="settle", queue=ASKING, queueing_lock="settle", pass_context=True)
async def settle(context: JobContext, timestamp: int = 0) -> None:
    """Settle unknown outcomes; what must go again goes at once."""
    tally = await reconciliation.reconcile_unknown(_dispatcher(context))
    if tally["planned"]:
        await ask_for_delivery()


@jobs.periodic(cron="*/15 * * * *")
@jobs.task(name="confirm", queue=ASKING, queueing_lock="confirm", pass_context=True)
async def confirm(context: JobContext, timestamp: int = 0) -> None:
    """Ask about texts whose arrival nobody has reported: the backup for lost callbacks."""
    sessions = cast("async_sessionmaker[AsyncSession]", _at_hand(context)[SESSIONS])
    await reconciliation.confirm_delivery(_dispatcher(context), sessions)


@jobs.periodic(cron="* * * * *")
@jobs.task(name="replan", queue=UPKEEP, queueing_lock="replan", pass_context=True)
async def replan(context: JobContext, timestamp: int = 0) -> None:
    """Make planned reminders anew where times or wordings have changed, a transaction for each ward."""
    sessions = cast("async_sessionmaker[AsyncSession]", _at_hand(context)[SESSIONS])
    granted: str | None = ""
    while granted is not None:
        async with sessions.begin() as db:
            granted = await process_next(db, now=_dispatcher(context).clock())


async def ask_for_delivery() -> None:
    """Have some worker deliver now, unless one is already asked to."""
    with suppress(AlreadyEnqueued):
        await deliver.defer_async()


def _dispatcher(context: JobContext) -> Dispatcher:
    return cast(Dispatcher, _at_hand(context)[DISPATCHER])


def _at_hand(context: JobContext) -> dict[str, object]:
    return cast("dict[str, object]", context.additional_context)  # pyright: ignore[reportUnknownMemberType]  (a bare dict)
