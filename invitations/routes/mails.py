"""The mails of a ward, for staff."""

from datetime import datetime
from typing import Any

from litestar import Request, get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from invitations import labels
from invitations.queries import mails
from invitations.service.resend import resend_mail
from lopso.kernel.access import Actor, Permission
from lopso.kernel.i18n import gettext as _
from lopso.web.guards import in_ward
from lopso.web.pages import page, redirect

WARD = "/thu/{ward_id:str}"


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


HANDLERS = [ward_mails, resend]
