"""Sessions as a list by day, from a day on."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from litestar import get
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import formatting
from lopso.kernel.access import Actor, Permission
from lopso.kernel.i18n import gettext as _
from lopso.web.forms import Form
from lopso.web.guards import in_ward, somewhere
from scheduling.forms.calendar import AgendaQuery
from scheduling.labels.agenda import agenda_days
from scheduling.queries.agenda import AGENDA_REACH, agenda
from scheduling.queries.holidays import days_off
from scheduling.routes.calendar_page import calendar_page, place_at, seen_wards, to_ward
from scheduling.rules.weeks import day_shown

WEEK = timedelta(days=7)


@get("/lich/danh-sach", opt=somewhere(Permission.SEE_CALENDAR))
async def city_agenda(
    db: AsyncSession, actor: Actor, now: datetime, form: Form[AgendaQuery]
) -> Response[Any]:
    """The wards this person looks after; three statements with the log-in."""
    params = form.sensible()
    elsewhere = to_ward(params, actor, "agenda", params.day_wanted)
    return elsewhere or await _agenda(db, None, seen_wards(actor), form, actor=actor, now=now)


@get("/lich/{ward_id:str}/danh-sach", opt=in_ward(Permission.SEE_CALENDAR))
async def ward_agenda(
    db: AsyncSession, actor: Actor, now: datetime, ward_id: str, form: Form[AgendaQuery]
) -> Response[Any]:
    """One ward; three statements with the log-in."""
    return await _agenda(db, ward_id, [ward_id], form, actor=actor, now=now)


async def _agenda(
    db: AsyncSession,
    ward_id: str | None,
    wards: Collection[str] | None,
    form: Form[AgendaQuery],
    *,
    actor: Actor,
    now: datetime,
) -> Response[Any]:
    params = form.sensible()
    day = day_shown(params.day_wanted, now)
    place = place_at(params, actor, ward_id=ward_id, view="agenda", day=day)
    found = await agenda(db, wards=wards, day=day, after=params.after, filters=place.filters, now=now)
    off = await days_off(db, ward_id=ward_id, since=day, until=day + AGENDA_REACH)
    return calendar_page(
        "scheduling/agenda.html",
        place,
        form=form,
        actor=actor,
        title=_("Từ %(day)s", day=formatting.weekday_and_date(day)),
        before=day - WEEK,
        after=day + WEEK,
        days=agenda_days(found.sessions, off, now=now, with_ward=ward_id is None),
        more=place.after(found.last_id) if found.last_id else None,
        continued=params.after is not None,
    )


HANDLERS = [city_agenda, ward_agenda]
