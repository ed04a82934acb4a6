"""Test phones: messages that the sandbox gateway "delivered". Not found where a real gateway sends."""

from typing import Any

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import NotFound
from lopso.web.forms import Form
from lopso.web.guards import somewhere
from lopso.web.pages import page, redirect
from lopso.web.request import Request
from notifications.forms import MessageSearch, PageParams
from notifications.queries.sandbox_phones import sandbox_phones

HERE = "/dien-thoai-thu"


@get(HERE, opt=somewhere(Permission.SEE_MESSAGES))
async def phones(request: Request, db: AsyncSession, actor: Actor, params: PageParams) -> Response[Any]:
    """All phones, the one with the newest message first."""
    return await _answer(request, db, actor, typed="", number=params.number)


@post(HERE, status_code=200, opt=somewhere(Permission.SEE_MESSAGES))
async def search(
    request: Request, form: Form[MessageSearch], db: AsyncSession, actor: Actor
) -> Response[Any]:
    """Search by name or number; a POST, so that neither is in an address."""
    typed = form.value().q
    if not typed:
        return redirect(HERE)
    return await _answer(request, db, actor, typed=typed, number=form.value().page)


async def _answer(
    request: Request, db: AsyncSession, actor: Actor, *, typed: str, number: int
) -> Response[Any]:
    settings = request.app.state.settings
    if settings.gateway != "sandbox" and not settings.demo:
        raise NotFound
    wards = None if actor.everywhere(Permission.SEE_MESSAGES) else actor.wards(Permission.SEE_MESSAGES)
    found = await sandbox_phones(db, wards=wards, typed=typed, number=number)
    return page("notifications/sandbox_phones.html", found=found, typed=typed, here=HERE)


HANDLERS = [phones, search]
