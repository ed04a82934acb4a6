"""The pause of delivery: why nothing is sent, what waits; the city's administrator begins and ends it."""

from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor, Permission
from lopso.kernel.i18n import gettext as _
from lopso.kernel.operations.delivery_pause import ask_to_resume, open_pause, pause_delivery
from lopso.web.guards import in_city, somewhere
from lopso.web.pages import page, redirect
from lopso.web.request import Request
from notifications import labels
from notifications.queries.pauses import waiting_deliveries
from notifications.service.ledger import notify_workers

HERE = "/tin-nhan/tam-dung"
RESUME = "/tin-nhan/gui-tiep"


@get(HERE, opt=somewhere(Permission.SEE_MESSAGES))
async def show(db: AsyncSession, now: datetime) -> Response[Any]:
    """Whether delivery is paused, why, and what waits; three statements with the log-in."""
    return page(
        "notifications/pause.html",
        pause=await open_pause(db),
        waiting=await waiting_deliveries(db, now=now),
        here=HERE,
        resume=RESUME,
        labels=labels,
    )


@post(HERE, opt=in_city(Permission.MANAGE_CITY))
async def pause(request: Request, db: AsyncSession, actor: Actor, now: datetime) -> Response[Any]:
    """Pause delivery in the whole city."""
    await pause_delivery(db, by=actor, now=now)
    request.app.state.frame.forget()
    return redirect(HERE, flash=_("Đã tạm dừng gửi tin nhắn và thư."))


@post(RESUME, opt=in_city(Permission.MANAGE_CITY))
async def resume(request: Request, db: AsyncSession, actor: Actor, now: datetime) -> Response[Any]:
    """Resume delivery; after a restore a worker asks the providers first, and ends the pause then."""
    found = await ask_to_resume(db, by=actor, now=now)
    request.app.state.frame.forget()
    if found is None or found.resumed_at is not None:
        await notify_workers(db)
        return redirect(HERE, flash=_("Tin nhắn và thư đang được gửi bình thường."))
    return redirect(HERE, flash=_("Đang hỏi nhà mạng xem tin nào đã đi. Hỏi xong, tin còn lại tự gửi."))


HANDLERS = [show, pause, resume]
