"""Messages of a ward: by day, delivery problems, search."""

from datetime import date, datetime, timedelta
from typing import Any

from litestar import get, post
from litestar.response import Response
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Permission
from lopso.kernel.clock import local_day
from lopso.kernel.paging import Page
from lopso.web.forms import Form
from lopso.web.guards import in_ward
from lopso.web.pages import is_htmx, page, redirect
from lopso.web.request import Request
from notifications import labels, timeline
from notifications.forms import DayParams, MessageSearch, ProblemParams, read_day
from notifications.queries import days, delivery_problems, message_rows, message_search, opt_outs
from notifications.rules.delivery_problems import NEXT_STEP
from venues.models import Ward

HERE = "/tin-nhan/{ward_id:str}"


@get(HERE, opt=in_ward(Permission.SEE_MESSAGES))
async def day(
    request: Request, ward_id: str, db: AsyncSession, now: datetime, params: DayParams
) -> Response[Any]:
    """Messages of one day, today by default: by session, or each message.

    Each message where a group of states or a session is chosen. At most eleven statements.
    """
    chosen = read_day(params.day, local_day(now))
    group = params.group if params.group in labels.STATE_GROUPS else None
    address = f"/tin-nhan/{ward_id}?ngay={chosen.isoformat()}"
    found = await _each_message(db, ward_id, chosen, group, params)
    if found is not None and is_htmx(request):
        return page(
            "notifications/_day_texts.html",
            ward_id=ward_id,
            found=found,
            address=f"{address}&buoi={params.session_id}",
            **_shared(request, ward_id),
        )
    batches = await days.day_batches(db, ward_id, chosen)
    shown = days.page_of_sessions(batches, number=params.number)
    return page(
        "notifications/day.html",
        ward_id=ward_id,
        found=found,
        page_of=shown,
        sessions=await days.by_session(db, shown.items, now=now) if found is None else None,
        totals=days.day_totals(batches),
        address=address,
        group=group,
        groups=labels.STATE_GROUPS,
        about=params.session_id,
        month=await days.month_cost(db, ward_id, chosen.replace(day=1)),
        problems=(await delivery_problems.problem_counts(db, ward_id, now=now)).total,
        office_phone=await db.scalar(_phone_of(ward_id)),
        **_days_around(chosen, local_day(now)),
        **_shared(request, ward_id),
    )


async def _each_message(
    db: AsyncSession, ward_id: str, day: date, group: str | None, params: DayParams
) -> Page[message_rows.MessageRow] | None:
    """Messages of a group of states or about one session; None where neither is chosen."""
    if group is None and params.session_id is None:
        return None
    states = labels.STATE_GROUPS[group] if group else ()
    return await message_rows.day_page(
        db, ward_id, day, states=states, session_id=params.session_id, number=params.number
    )


def _days_around(chosen: date, today: date) -> dict[str, date]:
    one = timedelta(days=1)
    return {
        "day": chosen,
        "before": chosen - one,
        "after": chosen + one,
        "today": today,
        "tomorrow": today + one,
    }


@get(HERE + "/can-goi", opt=in_ward(Permission.SEE_MESSAGES))
async def show_problems(
    request: Request, ward_id: str, db: AsyncSession, now: datetime, params: ProblemParams
) -> Response[Any]:
    """Unresolved delivery problems of the last week, with the next step of each; six statements."""
    counts = await delivery_problems.problem_counts(db, ward_id, now=now)
    kind = labels.PROBLEM_KINDS.get(params.kind)
    found = await delivery_problems.problem_page(
        db, ward_id, counts, kind=kind, now=now, number=params.number
    )
    return page(
        "notifications/delivery_problems.html",
        ward_id=ward_id,
        found=found,
        sessions=delivery_problems.by_session(found.items),
        counts=counts,
        kind=kind,
        next_step=NEXT_STEP,
        **_shared(request, ward_id),
    )


@post(HERE + "/tim", status_code=200, opt=in_ward(Permission.SEE_MESSAGES))
async def search(
    request: Request, form: Form[MessageSearch], ward_id: str, db: AsyncSession
) -> Response[Any]:
    """Messages to somebody, by name or number; a POST, so that neither is in an address."""
    typed = form.value().q
    if not typed:
        return redirect(f"/tin-nhan/{ward_id}")
    found = await message_search.search_page(db, ward_id, typed, number=form.value().page)
    number = message_search.complete_phone(typed)
    return page(
        "notifications/search.html",
        ward_id=ward_id,
        found=found,
        typed=typed,
        number=number,
        most=message_search.MOST_FOUND,
        refused=await opt_outs.active_opt_outs(db, number) if number else (),
        **_shared(request, ward_id),
    )


def _phone_of(ward_id: str) -> Select[str | None]:
    return select(Ward.phone).where(Ward.id == ward_id)


def _shared(request: Request, ward_id: str) -> dict[str, Any]:
    settings = request.app.state.settings
    return {
        "here": f"/tin-nhan/{ward_id}",
        "sandbox": settings.gateway == "sandbox" or settings.demo,
        "segment_price": settings.sms_segment_price,
        "labels": labels,
        "summary": timeline.summary,
    }


HANDLERS = [day, show_problems, search]
