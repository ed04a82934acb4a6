"""The page of a week by rooms, markets or helpers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import formatting
from lopso.kernel.access import Actor
from lopso.kernel.clock import local_day
from lopso.kernel.paging import Page
from lopso.web.forms import Form
from scheduling.forms.calendar import ResourceQuery
from scheduling.labels.by_resource import ResourceRow
from scheduling.labels.calendar_views import CalendarPlace, View
from scheduling.labels.week import week_days
from scheduling.queries.holidays import days_off
from scheduling.routes.calendar_page import calendar_page, place_at
from scheduling.rules.weeks import monday_shown

ROWS_SHOWN = 15
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class ResourceRequest:
    """Who asks for which week."""

    db: AsyncSession
    actor: Actor
    now: datetime
    form: Form[ResourceQuery]
    place: CalendarPlace
    ward_id: str

    @staticmethod
    def of(
        db: AsyncSession, actor: Actor, now: datetime, form: Form[ResourceQuery], ward_id: str, view: View
    ) -> "ResourceRequest":
        """The week that holds the day that was asked for."""
        params = form.sensible()
        monday = monday_shown(params.day_wanted, now)
        place = place_at(params, actor, ward_id=ward_id, view=view, day=monday)
        return ResourceRequest(db, actor, now, form, place, ward_id)


async def resource_page(
    asked: ResourceRequest,
    found: Page[Any],
    rows: Sequence[ResourceRow],
    *,
    heading: str,
    empty: str,
    first_step: tuple[str, str],
) -> Response[Any]:
    """The table; one statement, for days off.

    Args:
        found: the page of what `rows` are.
        heading: of the first column; `empty`: said where there is no row.
        first_step: where those who plan add the first row, and in what words.
    """
    monday = asked.place.day
    sunday = monday + timedelta(days=6)
    off = await days_off(asked.db, ward_id=asked.ward_id, since=monday, until=sunday)
    return calendar_page(
        "scheduling/by_resource.html",
        asked.place,
        form=asked.form,
        actor=asked.actor,
        title=formatting.week(monday, sunday, today=local_day(asked.now)),
        before=monday - WEEK,
        after=monday + WEEK,
        days=week_days(off, monday=monday, now=asked.now),
        rows=rows,
        found=found,
        heading=heading,
        empty=empty,
        first_step=first_step,
    )
