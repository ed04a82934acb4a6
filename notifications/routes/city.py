"""Figures about messages of a month, ward by ward: number, delay, cost, open problems; the providers."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor, Permission
from lopso.kernel.clock import local_day
from lopso.kernel.i18n import gettext as _
from lopso.kernel.settings import Settings
from lopso.web.forms import Form
from lopso.web.guards import in_city, somewhere
from lopso.web.pages import page
from lopso.web.request import Request
from notifications import labels, timeline
from notifications.forms import MessageSearch, MonthParams, read_day
from notifications.queries import city, message_search, opt_outs
from notifications.queries.city import WardFigures
from notifications.queries.providers import provider_statuses

HERE = "/tin-nhan"

_ORDERS: Mapping[str, Callable[[WardFigures], Any]] = {
    "tin": lambda ward: -ward.went,
    "den": lambda ward: ward.share if ward.share is not None else 2,
    "cham": lambda ward: -(ward.p90 or 0),
    "tien": lambda ward: -ward.cost,
    "han-muc": lambda ward: -(ward.used or 0),
    "lo": lambda ward: -ward.open,
}
"""What deserves a look comes first; by name where nothing is chosen."""


@post(HERE + "/tim", status_code=200, opt=in_city(Permission.MANAGE_CITY))
async def search(
    request: Request, form: Form[MessageSearch], db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Messages to one complete number in every ward, for the city; each search is in the audit trail.

    A POST, so that the number does not stand in an address.
    """
    typed = form.value().q
    number = message_search.complete_phone(typed)
    found = (
        await message_search.phone_page(db, number, wards=None, number=form.value().page) if number else None
    )
    if found is not None:
        every_message = audit.Subject("message", "*")
        audit.note(db, every_message, "messages.searched", by=actor, now=now, found=found.total)
    settings: Settings = request.app.state.settings
    return page(
        "notifications/search.html",
        status=200 if found is not None else 422,
        found=found,
        typed=typed,
        number=number,
        refused=await opt_outs.active_opt_outs(db, number) if number else (),
        here=HERE,
        most=message_search.MOST_FOUND,
        segment_price=settings.sms_segment_price,
        labels=labels,
        summary=timeline.summary,
    )


@get(HERE, opt=somewhere(Permission.SEE_FIGURES))
async def figures(
    request: Request, db: AsyncSession, actor: Actor, now: datetime, params: MonthParams
) -> Response[Any]:
    """One month of every ward that the person may see; seven statements with the log-in."""
    this_month = local_day(now).replace(day=1)
    month = _month(params.month, this_month)
    everywhere = actor.everywhere(Permission.SEE_FIGURES)
    found = await city.city_month(
        db,
        month,
        wards=None if everywhere else actor.wards(Permission.SEE_FIGURES),
        name=_("Cả thành phố") if everywhere else "",
        now=now,
    )
    order = params.order if params.order in _ORDERS else None
    settings: Settings = request.app.state.settings
    return page(
        "notifications/city.html",
        found=found,
        rows=sorted(found.wards, key=_ORDERS[order]) if order else found.wards,
        most=max((sum(ward.by_state.values()) for ward in found.wards), default=0),
        order=order,
        month=month,
        this_month=this_month,
        before=(month - timedelta(days=1)).replace(day=1),
        after=(month + timedelta(days=32)).replace(day=1),
        known={each.name: each for each in await provider_statuses(db, now=now)},
        routes=[(each, settings.route(each)) for each in ("service", "operations")],
        here=HERE,
        labels=labels,
    )


def _month(typed: str, this_month: date) -> date:
    """The month of an address (2026-11); the current one when it is unreadable."""
    return read_day(f"{typed}-01", this_month)


HANDLERS = [figures, search]
