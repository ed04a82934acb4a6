"""The filters of a calendar: a part that its views load, and a page of its own without a script."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from litestar import get
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from learners.labels import audience_labels
from lopso.kernel.access import Actor, Permission
from lopso.kernel.clock import local_day
from lopso.web.forms import Form
from lopso.web.guards import in_ward, somewhere
from lopso.web.pages import is_htmx, page
from lopso.web.request import Request
from scheduling.forms.calendar import CalendarQuery
from scheduling.labels.sessions import kind_label
from scheduling.models import SESSION_KINDS
from scheduling.queries.calendar_choices import CalendarChoices, helper_choices, place_choices
from scheduling.routes.calendar_page import place_at


@get("/lich/loc", opt=somewhere(Permission.SEE_CALENDAR))
async def city_filters(
    request: Request, actor: Actor, now: datetime, form: Form[CalendarQuery]
) -> Response[Any]:
    """Of the calendar of several wards; one statement, the log-in."""
    return _page(request, actor, now, form, None, CalendarChoices())


@get("/lich/{ward_id:str}/loc", opt=in_ward(Permission.SEE_CALENDAR))
async def ward_filters(
    request: Request,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
    ward_id: str,
    form: Form[CalendarQuery],
) -> Response[Any]:
    """Of a ward's calendar; three statements with the log-in, one more for those who see people."""
    choices = await place_choices(db, ward_id)
    if actor.may(Permission.SEE_PEOPLE, ward_id):
        choices = replace(
            choices,
            helpers=await helper_choices(db, ward_id),
            audiences=list(audience_labels().items()),
        )
    return _page(request, actor, now, form, ward_id, choices)


def _page(
    request: Request,
    actor: Actor,
    now: datetime,
    form: Form[CalendarQuery],
    ward_id: str | None,
    choices: CalendarChoices,
) -> Response[Any]:
    params = form.sensible()
    day = params.day_wanted or local_day(now)
    place = place_at(params, actor, ward_id=ward_id, view=params.view, day=day)
    return page(
        "scheduling/_filters.html" if is_htmx(request) else "scheduling/filters.html",
        ward_id=ward_id,
        place=place,
        chosen=place.filters,
        choices=choices,
        kinds=[(kind, kind_label(kind)) for kind in SESSION_KINDS],
    )


HANDLERS = [city_filters, ward_filters]
