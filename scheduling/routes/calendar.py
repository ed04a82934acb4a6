"""The week of a ward, or of all wards."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from litestar import get
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import formatting
from lopso.kernel.access import Actor, Permission
from lopso.kernel.clock import local, local_day, start_of_day
from lopso.kernel.paging import Page
from lopso.web.forms import Form
from lopso.web.guards import in_ward, somewhere
from scheduling.forms.calendar import CalendarQuery
from scheduling.labels.attention import attention_items, missing
from scheduling.labels.calendar_views import CalendarPlace, address
from scheduling.labels.week import week_grid
from scheduling.queries import courses as course_queries
from scheduling.queries import places as place_queries
from scheduling.queries.calendar import sessions_in_week
from scheduling.queries.dropouts import Dropout, unfilled_dropouts
from scheduling.queries.holidays import days_off
from scheduling.routes.calendar_page import calendar_page, place_at, seen_wards, to_ward
from scheduling.rules.dropouts import URGENT
from scheduling.rules.weeks import monday_shown

DROPOUTS_SHOWN = 3
WEEK = timedelta(days=7)


@get("/lich", opt=somewhere(Permission.SEE_CALENDAR))
async def city_week(
    db: AsyncSession, actor: Actor, now: datetime, form: Form[CalendarQuery]
) -> Response[Any]:
    """The week of every ward this person looks after; three statements with the log-in."""
    params = form.sensible()
    elsewhere = to_ward(params, actor, "week", monday_shown(params.day_wanted, now))
    return elsewhere or await _week(db, None, seen_wards(actor), form, actor=actor, now=now)


@get("/lich/{ward_id:str}", opt=in_ward(Permission.SEE_CALENDAR))
async def ward_week(
    db: AsyncSession, actor: Actor, now: datetime, ward_id: str, form: Form[CalendarQuery]
) -> Response[Any]:
    """The week of one ward; three statements with the log-in, one more for those who plan, two when empty."""
    return await _week(db, ward_id, [ward_id], form, actor=actor, now=now)


async def _week(
    db: AsyncSession,
    ward_id: str | None,
    wards: Collection[str] | None,
    form: Form[CalendarQuery],
    *,
    actor: Actor,
    now: datetime,
) -> Response[Any]:
    params = form.sensible()
    monday = monday_shown(params.day_wanted, now)
    place = place_at(params, actor, ward_id=ward_id, view="week", day=monday)
    sessions = await sessions_in_week(db, wards=wards, monday=monday, filters=place.filters, now=now)
    sunday = monday + timedelta(days=6)
    off = await days_off(db, ward_id=ward_id, since=monday, until=sunday)
    shown = [each for each in sessions if each.shown]
    standing = [each for each in sessions if not each.cancelled]
    return calendar_page(
        "scheduling/week.html",
        place,
        form=form,
        actor=actor,
        title=formatting.week(monday, sunday, today=local_day(now)),
        before=monday - WEEK,
        after=monday + WEEK,
        monday=monday,
        week=week_grid(shown, off, monday=monday, now=now, with_ward=ward_id is None),
        total=len(standing),
        enrolled=sum(each.seats_taken for each in standing),
        attention=attention_items(sessions, base=address(ward_id, "week", monday), now=now),
        now_hour=local(now).hour if monday <= local_day(now) <= sunday else None,
        now_words=formatting.hour(now),
        dropouts=await _dropouts(db, place, actor, now),
        short=sum(missing(each, now) > 0 for each in sessions),
        first_step=await _first_step(db, ward_id) if ward_id and not sessions else None,
    )


async def _dropouts(
    db: AsyncSession, place: CalendarPlace, actor: Actor, now: datetime
) -> Page[Dropout] | None:
    """Who cannot come in the week, and until tomorrow in this one; the first few, for those who plan."""
    if place.ward_id is None or not actor.may(Permission.PLAN, place.ward_id):
        return None
    since, until = start_of_day(place.day), start_of_day(place.day + WEEK)
    if since <= now < until:
        since, until = now, max(until, now + URGENT)
    return await unfilled_dropouts(
        db, wards=[place.ward_id], since=max(since, now), until=until, size=DROPOUTS_SHOWN
    )


async def _first_step(db: AsyncSession, ward_id: str) -> str:
    """What an empty calendar is waiting for: a room, a course, or a class."""
    if not await place_queries.open_rooms(db, ward_id):
        return "room"
    return "class" if await course_queries.open_courses(db, ward_id) else "course"


HANDLERS = [city_week, ward_week]
