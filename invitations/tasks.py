"""Background tasks of mails, and their schedule."""

from typing import cast

from procrastinate import Blueprint, JobContext

from invitations.delivery.dispatcher import MailDispatcher

MAIL_DISPATCHER = "mail_dispatcher"
"""Name under which the worker hands its dispatcher to the task."""

MAILS = "mails"
"""A queue of its own: a slow mail server delays no text message."""

jobs = Blueprint()


@jobs.periodic(cron="* * * * * */20")
@jobs.task(name="deliver_mails", queue=MAILS, queueing_lock="deliver_mails", pass_context=True)
async def deliver_mails(context: JobContext, timestamp: int = 0) -> None:
    """Send the mails that are due."""
    context_values = cast("dict[str, object]", context.additional_context)  # pyright: ignore[reportUnknownMemberType]  (a bare dict)
    await cast(MailDispatcher, context_values[MAIL_DISPATCHER]).deliver_due()
