"""What goes out: a ward's day of texts, what needs a call, a search."""

from datetime import datetime, timedelta
from typing import Any

from litestar import Request, get, post
from litestar.response import Response
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor, Permission
from lopso.kernel.clock import local_day
from lopso.web.guards import in_ward
from lopso.web.pages import page, redirect
from notifications import words
from notifications.forms import page_number, read_day, searched
from notifications.queries import texts
from venues.models import Ward

HERE = "/tin-nhan/{ward_id:str}"


@get(HERE)
async def day(
    request: Request[Any, Any, Any],
    ward_id: str,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
    ngay: str | None = None,
    loc: str | None = None,
    trang: int = 1,
) -> Response[Any]:
    """The texts of one day, today's unless another is asked for; seven statements with the log-in."""
    in_ward(actor, Permission.SEE_MESSAGES, ward_id)
    today = local_day(now)
    chosen = read_day(ngay, today)
    tally = await texts.day_tally(db, ward_id, chosen)
    group = loc if loc in words.GROUPS else None
    found = await texts.day_page(
        db, ward_id, chosen, states=words.GROUPS[group] if group else (), number=max(1, trang)
    )
    return page(
        "notifications/day.html",
        ward_id=ward_id,
        found=found,
        tally=tally,
        day=chosen,
        before=chosen - timedelta(days=1),
        after=chosen + timedelta(days=1),
        today=today,
        tomorrow=today + timedelta(days=1),
        group=group,
        groups=words.GROUPS,
        troubles=await texts.trouble_count(db, ward_id, now=now),
        office_phone=await db.scalar(_phone_of(ward_id)),
        **_shared(request, ward_id),
    )


@get(HERE + "/can-goi")
async def trouble(
    request: Request[Any, Any, Any],
    ward_id: str,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
    trang: int = 1,
) -> Response[Any]:
    """Texts of the last week that perhaps reached nobody."""
    in_ward(actor, Permission.SEE_MESSAGES, ward_id)
    found = await texts.trouble_page(db, ward_id, now=now, number=max(1, trang))
    return page("notifications/trouble.html", ward_id=ward_id, found=found, **_shared(request, ward_id))


@post(HERE + "/tim", status_code=200)
async def search(
    request: Request[Any, Any, Any], ward_id: str, db: AsyncSession, actor: Actor
) -> Response[Any]:
    """Texts to somebody, by name or number; a POST, so that neither stands in an address."""
    in_ward(actor, Permission.SEE_MESSAGES, ward_id)
    form = await request.form()
    typed = searched(form)
    if not typed:
        return redirect(f"/tin-nhan/{ward_id}")
    found = await texts.search_page(db, ward_id, typed, number=page_number(form))
    return page(
        "notifications/search.html", ward_id=ward_id, found=found, typed=typed, **_shared(request, ward_id)
    )


def _phone_of(ward_id: str) -> Select[str | None]:
    return select(Ward.phone).where(Ward.id == ward_id)


def _shared(request: Request[Any, Any, Any], ward_id: str) -> dict[str, Any]:
    settings = request.app.state.settings
    return {
        "here": f"/tin-nhan/{ward_id}",
        "sandbox": settings.gateway == "sandbox" or settings.demo,
        "segment_price": settings.sms_segment_price,
        "state_words": words.state_words(),
        "purpose_words": words.purpose_words(),
        "group_names": words.group_names(),
        "reason_word": words.reason_word,
    }


HANDLERS = [day, trouble, search]
