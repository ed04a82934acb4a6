"""The month of a ward, and of all wards."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from litestar import get
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor, Permission
from lopso.web.forms import Form
from lopso.web.guards import in_ward, somewhere
from scheduling.forms.calendar import CalendarQuery
from scheduling.labels.calendar_views import CalendarPlace
from scheduling.labels.month import month_grid, month_label
from scheduling.queries.calendar_days import DaySessions, counts_of_days, first_of_days
from scheduling.queries.holidays import days_off
from scheduling.routes.calendar_page import calendar_page, place_at, seen_wards, to_ward
from scheduling.rules.months import month_after, month_shown, weeks_of_month

SESSIONS_A_DAY = 3


@get("/lich/thang", opt=somewhere(Permission.SEE_CALENDAR))
async def city_month(
    db: AsyncSession, actor: Actor, now: datetime, form: Form[CalendarQuery]
) -> Response[Any]:
    """How many sessions a day has in the wards this person looks after; three statements with the log-in."""
    params = form.sensible()
    elsewhere = to_ward(params, actor, "month", params.day_wanted)
    return elsewhere or await _month(db, None, seen_wards(actor), form, actor=actor, now=now)


@get("/lich/{ward_id:str}/thang", opt=in_ward(Permission.SEE_CALENDAR))
async def ward_month(
    db: AsyncSession, actor: Actor, now: datetime, ward_id: str, form: Form[CalendarQuery]
) -> Response[Any]:
    """The month of one ward, the first sessions of each day; three statements with the log-in."""
    return await _month(db, ward_id, [ward_id], form, actor=actor, now=now)


async def _month(
    db: AsyncSession,
    ward_id: str | None,
    wards: Collection[str] | None,
    form: Form[CalendarQuery],
    *,
    actor: Actor,
    now: datetime,
) -> Response[Any]:
    params = form.sensible()
    first = month_shown(params.day_wanted, now)
    place = place_at(params, actor, ward_id=ward_id, view="month", day=first)
    mondays = weeks_of_month(first)
    sunday = mondays[-1] + timedelta(days=6)
    sessions = await _sessions(db, place, wards, mondays[0], sunday + timedelta(days=1), now)
    off = await days_off(db, ward_id=ward_id, since=mondays[0], until=sunday)
    month = month_grid(sessions, off, place=place, mondays=mondays, now=now)
    return calendar_page(
        "scheduling/month.html",
        place,
        form=form,
        actor=actor,
        title=month_label(first),
        before=month_after(first, -1),
        after=month_after(first),
        month=month,
    )


async def _sessions(
    db: AsyncSession,
    place: CalendarPlace,
    wards: Collection[str] | None,
    first: date,
    until: date,
    now: datetime,
) -> Mapping[date, DaySessions]:
    if place.ward_id is None:
        return await counts_of_days(db, wards=wards, first=first, until=until, filters=place.filters, now=now)
    return await first_of_days(
        db,
        ward_id=place.ward_id,
        first=first,
        until=until,
        filters=place.filters,
        now=now,
        per_day=SESSIONS_A_DAY,
    )


HANDLERS = [city_month, ward_month]
