"""What workers do, and when. Thin: each task calls one function with the worker's post."""

from contextlib import suppress
from datetime import timedelta
from typing import cast

from procrastinate import Blueprint, JobContext
from procrastinate.exceptions import AlreadyEnqueued
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from notifications.delivery import settling
from notifications.delivery.post import Post
from notifications.service.replanning import grant_one

POST = "post"
SESSIONS = "sessions"
"""Names under which the worker hands its post and its sessions to the tasks."""

TEXTS = "texts"
UPKEEP = "upkeep"
"""Queues: one delivery at a time in a process, beside it whatever keeps house."""

_QUARTER = timedelta(minutes=15)

jobs = Blueprint()


@jobs.periodic(cron="* * * * *")
@jobs.task(name="deliver", queue=TEXTS, queueing_lock="deliver", pass_context=True)
async def deliver(context: JobContext, timestamp: int = 0) -> None:
    """Send what is due: each minute, and whenever something was planned for now."""
    await _post(context).deliver_due()


@jobs.periodic(cron="* * * * * */5")
@jobs.task(name="settle", queue=UPKEEP, queueing_lock="settle", pass_context=True)
async def settle(context: JobContext, timestamp: int = 0) -> None:
    """Free what lost workers held, settle unknown outcomes, try the ill; what must go again goes at once."""
    post = _post(context)
    tally = await settling.settle(post)
    await post.gates.appear()
    if tally["planned"] or post.gates.any_ill:
        await ask_for_delivery()


@jobs.periodic(cron="*/15 * * * *")
@jobs.task(name="confirm", queue=UPKEEP, queueing_lock="confirm", pass_context=True)
async def confirm(context: JobContext, timestamp: int = 0) -> None:
    """Ask about texts whose arrival nobody has reported: the backup for lost callbacks."""
    post = _post(context)
    sessions = cast("async_sessionmaker[AsyncSession]", _at_hand(context)[SESSIONS])
    now = post.clock()
    for age in settling.AGES:
        await settling.confirm(post, sessions, since=now - age - _QUARTER, before=now - age)


@jobs.periodic(cron="* * * * *")
@jobs.task(name="replan", queue=UPKEEP, queueing_lock="replan", pass_context=True)
async def replan(context: JobContext, timestamp: int = 0) -> None:
    """Make planned reminders anew where times or wordings have changed, a transaction for each ward."""
    sessions = cast("async_sessionmaker[AsyncSession]", _at_hand(context)[SESSIONS])
    granted: str | None = ""
    while granted is not None:
        async with sessions.begin() as db:
            granted = await grant_one(db, now=_post(context).clock())


async def ask_for_delivery() -> None:
    """Have some worker deliver now, unless one is already asked to."""
    with suppress(AlreadyEnqueued):
        await deliver.defer_async()


def _post(context: JobContext) -> Post:
    return cast(Post, _at_hand(context)[POST])


def _at_hand(context: JobContext) -> dict[str, object]:
    return cast("dict[str, object]", context.additional_context)  # pyright: ignore[reportUnknownMemberType]  (a bare dict)
