"""Mails: a ward's, the test mailbox, and the calendar subscription of a staff member."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from litestar import Request, get, post
from litestar.response import Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.models import User
from invitations import labels
from invitations.delivery.parsing import parse_mail
from invitations.queries import mails
from invitations.queries.invitees import has_subscription
from invitations.service.resend import resend_mail
from invitations.service.subscriptions import set_subscription
from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import NotFound
from lopso.kernel.i18n import gettext as _
from lopso.web.guards import in_ward, somewhere
from lopso.web.pages import is_htmx, page, redirect

WARD = "/thu/{ward_id:str}"
MAILBOX = "/hop-thu-thu"
SUBSCRIPTION = "/lich/{ward_id:str}/thu-moi"


@get(WARD, opt=in_ward(Permission.SEE_MESSAGES))
async def ward_mails(
    request: Request[Any, Any, Any],
    ward_id: str,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
    loc: str = "",
    trang: int = 1,
) -> Response[Any]:
    """A ward's mails, newest first, or those that need somebody; five statements with the log-in."""
    in_ward(actor, Permission.SEE_MESSAGES, ward_id)
    only_problems = loc == "can-xem"
    return page(
        "invitations/ward_mails.html",
        ward_id=ward_id,
        found=await mails.mail_page(db, ward_id, now=now, only_problems=only_problems, number=max(1, trang)),
        problem_count=await mails.problem_count(db, ward_id, now=now),
        only_problems=only_problems,
        here=f"/thu/{ward_id}",
        mail=request.app.state.settings.mail,
        labels=labels,
    )


@post(WARD + "/{mail_id:int}/gui-lai", opt=in_ward(Permission.PLAN))
async def resend(ward_id: str, mail_id: int, db: AsyncSession, actor: Actor, now: datetime) -> Response[Any]:
    """A failed mail once more, to the address known by now."""
    in_ward(actor, Permission.PLAN, ward_id)
    number = await resend_mail(db, ward_id, mail_id, by=actor, now=now)
    message = (
        _("Đã lên lịch gửi lại thư.")
        if number
        else _("Người này không còn trong buổi nào của thư, hoặc chưa có địa chỉ e-mail dùng được.")
    )
    return redirect(f"/thu/{ward_id}", flash=message)


@get(MAILBOX, opt=somewhere(Permission.SEE_MESSAGES))
async def sandbox_mailbox(
    request: Request[Any, Any, Any], db: AsyncSession, actor: Actor, trang: int = 1
) -> Response[Any]:
    """What would have left, newest first; three statements with the log-in."""
    found = await mails.sandbox_page(db, wards=_wards(request, actor), number=max(1, trang))
    return page(
        "invitations/sandbox_mailbox.html",
        found=found,
        parsed={row.id: parse_mail(row.body) for row in found.items},
        here=MAILBOX,
    )


@get(MAILBOX + "/{mail_id:int}/{number:int}", opt=somewhere(Permission.SEE_MESSAGES))
async def attachment(
    request: Request[Any, Any, Any], mail_id: int, number: int, db: AsyncSession, actor: Actor
) -> Response[bytes]:
    """One file of a mail, by its place from 1, as a calendar program opens it."""
    row = await mails.sandbox_mail(db, mail_id, wards=_wards(request, actor))
    files = parse_mail(row.body).files
    if not 1 <= number <= len(files):
        raise NotFound
    name, content = files[number - 1]
    return Response(
        content,
        media_type="text/calendar",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


@get(SUBSCRIPTION, opt=in_ward(Permission.SEE_CALENDAR))
async def show_subscription(
    request: Request[Any, Any, Any], ward_id: str, db: AsyncSession, actor: Actor
) -> Response[Any]:
    """Whether one's own mailbox gets the ward's sessions: a part of a page for htmx, else a page."""
    in_ward(actor, Permission.SEE_CALENDAR, ward_id)
    user_id = actor.user_id or 0
    return page(
        "invitations/_subscription.html" if is_htmx(request) else "invitations/subscription.html",
        ward_id=ward_id,
        subscribed=await has_subscription(db, ward_id, user_id),
        address=await db.scalar(select(User.email).where(User.id == user_id)),
        mail=request.app.state.settings.mail,
    )


@post(SUBSCRIPTION, opt=in_ward(Permission.SEE_CALENDAR))
async def save_subscription(
    request: Request[Any, Any, Any], ward_id: str, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Ask for the ward's sessions by mail (`gui` = 1), or for no more of them."""
    in_ward(actor, Permission.SEE_CALENDAR, ward_id)
    form = await request.form()
    subscribed = form.get("gui") == "1"
    await set_subscription(db, ward_id, subscribed=subscribed, by=actor, now=now)
    message = (
        _("Từ nay lời mời lịch được gửi vào thư của bạn.") if subscribed else _("Đã thôi gửi lời mời lịch.")
    )
    return redirect(f"/lich/{ward_id}/lich-rieng", flash=message)


def _wards(request: Request[Any, Any, Any], actor: Actor) -> Collection[str] | None:
    if request.app.state.settings.mail != "sandbox":
        raise NotFound
    somewhere(actor, Permission.SEE_MESSAGES)
    return None if actor.everywhere(Permission.SEE_MESSAGES) else actor.wards(Permission.SEE_MESSAGES)


HANDLERS = [ward_mails, resend, sandbox_mailbox, attachment, show_subscription, save_subscription]
