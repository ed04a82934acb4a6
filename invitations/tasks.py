"""What workers do for mails, and when."""

from typing import cast

from procrastinate import Blueprint, JobContext

from invitations.delivery.dispatcher import MailPost

MAIL_POST = "mail_post"
"""Name under which the worker hands its mail post to the task."""

MAILS = "mails"
"""A queue of its own: a slow mail server keeps no text waiting."""

jobs = Blueprint()


@jobs.periodic(cron="* * * * * */20")
@jobs.task(name="deliver_mails", queue=MAILS, queueing_lock="deliver_mails", pass_context=True)
async def deliver_mails(context: JobContext, timestamp: int = 0) -> None:
    """Send the mails that are due."""
    at_hand = cast("dict[str, object]", context.additional_context)  # pyright: ignore[reportUnknownMemberType]  (a bare dict)
    await cast(MailPost, at_hand[MAIL_POST]).deliver_due()
