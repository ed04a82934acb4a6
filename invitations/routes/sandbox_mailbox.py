"""The test mailbox: mails that the sandbox stored instead of sending them."""

from collections.abc import Collection
from typing import Any

from litestar import get
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from invitations.delivery.parsing import parse_mail
from invitations.forms import SandboxMailboxQuery
from invitations.queries import sandbox_mails
from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import NotFound
from lopso.web.guards import somewhere
from lopso.web.pages import page
from lopso.web.request import Request

MAILBOX = "/hop-thu-thu"


@get(MAILBOX, opt=somewhere(Permission.SEE_MESSAGES))
async def sandbox_mailbox(
    request: Request, db: AsyncSession, actor: Actor, params: SandboxMailboxQuery
) -> Response[Any]:
    """The stored mails, newest first; three statements with the log-in."""
    found = await sandbox_mails.sandbox_page(db, wards=_wards(request, actor), number=params.number)
    return page(
        "invitations/sandbox_mailbox.html",
        found=found,
        parsed={row.id: parse_mail(row.body) for row in found.items},
        here=MAILBOX,
    )


@get(MAILBOX + "/{mail_id:int}/{number:int}", opt=somewhere(Permission.SEE_MESSAGES))
async def attachment(
    request: Request, mail_id: int, number: int, db: AsyncSession, actor: Actor
) -> Response[bytes]:
    """One attachment of a mail, by its position from 1, as a calendar program opens it."""
    row = await sandbox_mails.sandbox_mail(db, mail_id, wards=_wards(request, actor))
    files = parse_mail(row.body).files
    if not 1 <= number <= len(files):
        raise NotFound
    name, content = files[number - 1]
    return Response(
        content,
        media_type="text/calendar",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


def _wards(request: Request, actor: Actor) -> Collection[str] | None:
    """The wards whose mails the actor may see; None: all.

    Raises:
        NotFound: mails are really sent; there is no test mailbox.
    """
    if request.app.state.settings.mail != "sandbox":
        raise NotFound
    return None if actor.everywhere(Permission.SEE_MESSAGES) else actor.wards(Permission.SEE_MESSAGES)


HANDLERS = [sandbox_mailbox, attachment]
