"""The mails of a ward, for staff."""

from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from invitations import labels
from invitations.forms import WardMailsQuery
from invitations.queries import mails
from invitations.service.resend import resend_mail
from lopso.kernel.access import Actor, Permission
from lopso.kernel.i18n import gettext as _
from lopso.web.guards import in_ward
from lopso.web.pages import page, redirect
from lopso.web.request import Request

WARD = "/thu/{ward_id:str}"


@get(WARD, opt=in_ward(Permission.SEE_MESSAGES))
async def ward_mails(
    request: Request, ward_id: str, db: AsyncSession, now: datetime, params: WardMailsQuery
) -> Response[Any]:
    """A ward's mails, newest first, or those that need attention; five statements with the log-in."""
    only_problems = params.only_problems
    return page(
        "invitations/ward_mails.html",
        ward_id=ward_id,
        found=await mails.mail_page(db, ward_id, now=now, only_problems=only_problems, number=params.number),
        problem_count=await mails.problem_count(db, ward_id, now=now),
        only_problems=only_problems,
        here=f"/thu/{ward_id}",
        mail=request.app.state.settings.mail,
        labels=labels,
    )


@post(WARD + "/{mail_id:int}/gui-lai", opt=in_ward(Permission.PLAN))
async def resend(ward_id: str, mail_id: int, db: AsyncSession, actor: Actor, now: datetime) -> Response[Any]:
    """Send a failed mail again, to the current address."""
    number = await resend_mail(db, ward_id, mail_id, by=actor, now=now)
    message = (
        _("Đã lên lịch gửi lại thư.")
        if number
        else _("Người này không còn trong buổi nào của thư, hoặc chưa có địa chỉ e-mail dùng được.")
    )
    return redirect(f"/thu/{ward_id}", flash=message)


HANDLERS = [ward_mails, resend]
