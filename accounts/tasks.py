"""Background tasks of accounts, and their schedule."""

from dataclasses import dataclass
from typing import cast

from procrastinate import Blueprint, JobContext
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from accounts.delivery.reset_mails import AccountMailer, deliver_reset_mails
from lopso.kernel.clock import Clock

ACCOUNT_WORKER = "account_worker"
"""Name under which the worker hands over what these tasks need."""

ACCOUNTS = "accounts"
"""A queue of its own: a slow mail server delays no text message."""

jobs = Blueprint()


@dataclass(frozen=True, slots=True)
class AccountWorker:
    """What the tasks need; `mailer` is None where no mail goes out."""

    sessions: async_sessionmaker[AsyncSession]
    mailer: AccountMailer | None
    public_url: str
    clock: Clock


@jobs.periodic(cron="* * * * * */10")
@jobs.task(name="reset_mails", queue=ACCOUNTS, queueing_lock="reset_mails", pass_context=True)
async def send_reset_mails(context: JobContext, timestamp: int = 0) -> None:
    """Send the links that somebody asked for."""
    values = cast("dict[str, object]", context.additional_context)  # pyright: ignore[reportUnknownMemberType]  (a bare dict)
    worker = cast(AccountWorker, values[ACCOUNT_WORKER])
    if worker.mailer is not None:
        await deliver_reset_mails(
            worker.sessions, worker.mailer, public_url=worker.public_url, clock=worker.clock
        )
