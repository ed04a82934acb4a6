"""What the views of the calendar have in common: whose calendar it is, at which day, with which filters."""

from collections.abc import Collection
from datetime import date
from typing import Any

from litestar.response import Response

from lopso.kernel.access import Actor, Permission
from lopso.web.forms import Form
from lopso.web.pages import page, redirect
from scheduling.forms.calendar import CalendarQuery
from scheduling.labels.calendar_views import CalendarPlace, View, address, calendar_tabs
from scheduling.queries.calendar_filters import CalendarFilters


def seen_wards(actor: Actor) -> Collection[str] | None:
    """Wards whose calendar this person sees; None: all."""
    everywhere = actor.everywhere(Permission.SEE_CALENDAR)
    return None if everywhere else actor.wards(Permission.SEE_CALENDAR)


def filters_of(params: CalendarQuery, actor: Actor, ward_id: str | None) -> CalendarFilters:
    """The filters that were asked for, those that this person may use in this calendar."""
    by_people = ward_id is not None and actor.may(Permission.SEE_PEOPLE, ward_id)
    return params.filters(by_ward=ward_id is not None, by_people=by_people)


def to_ward(params: CalendarQuery, actor: Actor, view: View, day: date | None) -> Response[Any] | None:
    """From the calendar of several wards on to that of the one that was asked for; None where none was."""
    if not params.ward_id:
        return None
    return redirect(address(params.ward_id, view, day, filters_of(params, actor, None)))


def place_at(
    params: CalendarQuery, actor: Actor, *, ward_id: str | None, view: View, day: date
) -> CalendarPlace:
    """Where the reader is in the calendar.

    Args:
        day: at which the days that are shown begin.
    """
    return CalendarPlace(ward_id, view, day, filters_of(params, actor, ward_id), params.day_wanted)


def calendar_page(
    template: str,
    place: CalendarPlace,
    *,
    form: Form[Any],
    actor: Actor,
    title: str,
    before: date,
    after: date,
    **context: Any,
) -> Response[Any]:
    """A view of the calendar.

    Args:
        form: of a `CalendarQuery`.
        before, after: days to which one goes back and on.
    """
    ward_id = place.ward_id
    return page(
        template,
        ward_id=ward_id,
        one_ward=ward_id,
        here=place.base,
        place=place,
        calendar_tabs=calendar_tabs(ward_id, place.view, actor=actor, place=place),
        title=title,
        wrong_day=form.errors.get("tuan") or form.errors.get("ngay"),
        before=place.at(before),
        after=place.at(after),
        today=place.at(None),
        chosen=place.filters,
        unfiltered=place.unfiltered,
        may_plan=ward_id is not None and actor.may(Permission.PLAN, ward_id),
        **context,
    )
