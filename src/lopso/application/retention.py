"""What is deleted or cleared after its time, by the worker once an hour; docs/running.md says when."""

from datetime import datetime
from typing import cast

import structlog
from procrastinate import Blueprint, JobContext
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.service.retention import clear_accounts
from accounts.tasks import ACCOUNT_WORKER, AccountWorker
from lopso.kernel.operations.form_submission import clear_submissions
from lopso.kernel.workbook.left_out_rows import clear_left_out_rows
from lopso.kernel.workbook.staging import clear_staged_imports
from notifications.tasks import UPKEEP
from scheduling.service.retention import clear_reasons
from staffing.service.retention import clear_absence_reasons

log = structlog.get_logger("lopso.retention")

jobs = Blueprint()


@jobs.periodic(cron="17 * * * *")
@jobs.task(name="clear_old", queue=UPKEEP, queueing_lock="clear_old", pass_context=True)
async def clear_old(context: JobContext, timestamp: int = 0) -> None:
    """Delete what is past its time."""
    values = cast("dict[str, object]", context.additional_context)  # pyright: ignore[reportUnknownMemberType]  (a bare dict)
    worker = cast(AccountWorker, values[ACCOUNT_WORKER])
    async with worker.sessions.begin() as db:
        cleared = await clear(db, now=worker.clock())
    log.info("cleared", **cleared)


async def clear(db: AsyncSession, *, now: datetime) -> dict[str, int]:
    """Delete or clear what is past its time; rows by table. Does not commit."""
    return {
        **await clear_accounts(db, now=now),
        "staged_import": await clear_staged_imports(db, now=now),
        "left_out_row": await clear_left_out_rows(db, now=now),
        "form_submission": await clear_submissions(db, now=now),
        **await clear_reasons(db, now=now),
        **await clear_absence_reasons(db, now=now),
    }
