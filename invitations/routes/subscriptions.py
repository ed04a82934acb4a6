"""A staff member's subscription to a ward's sessions, as calendar invitations by mail."""

from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.response import Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.models import User
from invitations.forms import SubscriptionForm
from invitations.queries.subscriptions import has_subscription
from invitations.service.subscriptions import set_subscription
from lopso.kernel.access import Actor, Permission
from lopso.kernel.i18n import gettext as _
from lopso.web.forms import Form
from lopso.web.guards import in_ward
from lopso.web.pages import is_htmx, page, redirect
from lopso.web.request import Request

SUBSCRIPTION = "/lich/{ward_id:str}/thu-moi"


@get(SUBSCRIPTION, opt=in_ward(Permission.SEE_CALENDAR))
async def show_subscription(request: Request, ward_id: str, db: AsyncSession, actor: Actor) -> Response[Any]:
    """Whether one's own mailbox gets the ward's sessions: a part of a page for htmx, else a page."""
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
    form: Form[SubscriptionForm], ward_id: str, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Subscribe to the ward's sessions by mail, or end the subscription."""
    subscribed = form.value().subscribed
    await set_subscription(db, ward_id, subscribed=subscribed, by=actor, now=now)
    message = (
        _("Từ nay lời mời lịch được gửi vào thư của bạn.") if subscribed else _("Đã thôi gửi lời mời lịch.")
    )
    return redirect(f"/lich/{ward_id}/lich-rieng", flash=message)


HANDLERS = [show_subscription, save_subscription]
