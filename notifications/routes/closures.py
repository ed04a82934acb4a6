"""The texts that a closure would send, before it is started."""

from datetime import datetime, timedelta
from typing import Any

from litestar import get
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor, Permission
from lopso.kernel.i18n import gettext as _
from lopso.web.guards import PARTIAL, somewhere
from lopso.web.request import Request
from notifications.forms import ClosureParams
from notifications.routes.change_preview import change_preview_page
from notifications.service.closure_preview import preview_closure
from notifications.service.preview_messages import ChangePreview
from scheduling.models import ClassSession
from scheduling.queries.closures import closed_sessions, plannable_wards
from scheduling.rules.closures import MOST_DAYS, ClosurePlan


@get("/lich/nghi-dong-loat/tin-nhan", opt={**somewhere(Permission.PLAN), **PARTIAL})
async def preview_of_closure(
    request: Request, db: AsyncSession, actor: Actor, now: datetime, params: ClosureParams
) -> Response[Any]:
    """Preview of the notices of a closure: a part of the page that asks for confirmation; nine statements."""
    wards = [
        each.id for each in await plannable_wards(db, by=actor) if actor.may(Permission.SEE_MESSAGES, each.id)
    ]
    chosen = [each for each in wards if params.every_ward or len(wards) == 1 or each in params.wards]
    first_day = params.first_day
    back = f"/lich/nghi-dong-loat/xem-truoc?{request.url.query}"
    if first_day is None or not chosen:
        nothing = ChangePreview(refusal=_("Xin chọn phường, xã và ngày nghỉ đầu tiên."))
        return change_preview_page(request, None, back, nothing, now)
    last_day = min(params.last_day or first_day, first_day + timedelta(days=MOST_DAYS - 1))
    plan = ClosurePlan(tuple(chosen), first_day, last_day, params.kinds)
    found = await db.scalars(closed_sessions(plan, now=now).with_only_columns(ClassSession.id))
    preview = await preview_closure(db, found.all(), params.reason, now=now)
    return change_preview_page(request, chosen[0], back, preview, now)


HANDLERS = [preview_of_closure]
