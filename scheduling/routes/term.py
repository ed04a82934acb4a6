"""The series of a ward over a term."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from litestar import get
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import formatting
from lopso.kernel.access import Actor, Permission
from lopso.kernel.clock import local_day
from lopso.kernel.i18n import gettext as _
from lopso.web.forms import Form
from lopso.web.guards import in_ward
from scheduling.forms.calendar import ResourceQuery
from scheduling.labels.term import term_row, term_weeks
from scheduling.queries.holidays import days_off
from scheduling.queries.term import SeriesTerm, series_in_term
from scheduling.routes.calendar_page import calendar_page, place_at
from scheduling.rules.weeks import monday_shown

WEEKS, FEWEST_WEEKS = 16, 4
WEEK = timedelta(days=7)


@get("/lich/{ward_id:str}/dot", opt=in_ward(Permission.SEE_CALENDAR))
async def ward_term(
    db: AsyncSession, actor: Actor, now: datetime, ward_id: str, form: Form[ResourceQuery]
) -> Response[Any]:
    """Sixteen weeks, without the empty ones at their end: which series meets when, what was held, what is to
    come; four statements with the log-in."""
    params = form.sensible()
    monday = monday_shown(params.day_wanted, now)
    until = monday + WEEKS * WEEK
    place = place_at(params, actor, ward_id=ward_id, view="term", day=monday)
    found = await series_in_term(
        db, ward_id, monday, until, filters=place.filters, now=now, number=params.number
    )
    off = await days_off(db, ward_id=ward_id, since=monday, until=until - timedelta(days=1))
    mondays = [monday + n * WEEK for n in range(_weeks_shown(found.items, monday))]
    return calendar_page(
        "scheduling/term.html",
        place,
        form=form,
        actor=actor,
        title=_("Đợt %(days)s", days=formatting.days(monday, until - timedelta(days=1))),
        before=monday - WEEKS * WEEK,
        after=until,
        weeks=term_weeks(mondays, off, now),
        rows=[term_row(each, ward_id, mondays, now) for each in found.items],
        found=found,
        empty_from=formatting.day(mondays[-1] + WEEK) if len(mondays) < WEEKS else None,
    )


def _weeks_shown(series: Sequence[SeriesTerm], monday: date) -> int:
    """Up to the last week with a session, but no fewer than `FEWEST_WEEKS`."""
    last = max((local_day(each.sessions[-1].starts_at) for each in series), default=monday)
    return max(FEWEST_WEEKS, (last - monday).days // 7 + 1)


HANDLERS = [ward_term]
