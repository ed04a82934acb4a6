"""The week of a ward, or of all wards."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from litestar import get
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import formatting
from lopso.kernel.access import Actor, Permission
from lopso.kernel.clock import local, local_day, start_of_day
from lopso.kernel.paging import Page
from lopso.web.forms import Form
from lopso.web.guards import in_ward, somewhere
from lopso.web.pages import page, redirect
from scheduling.forms.calendar import CityWeekQuery, WardWeekQuery
from scheduling.labels.attention import attention_items, missing
from scheduling.labels.sessions import kind_label
from scheduling.labels.week import WeekFilters, week_grid
from scheduling.models import SESSION_KINDS
from scheduling.queries import courses as course_queries
from scheduling.queries import places as place_queries
from scheduling.queries.calendar import WeekSession, sessions_in_week
from scheduling.queries.dropouts import Dropout, unfilled_dropouts
from scheduling.queries.holidays import days_off
from scheduling.rules.dropouts import URGENT
from scheduling.rules.places import place_name
from scheduling.rules.weeks import monday_shown

DROPOUTS_SHOWN = 3


@get("/lich", opt=somewhere(Permission.SEE_CALENDAR))
async def city_week(
    db: AsyncSession, actor: Actor, now: datetime, form: Form[CityWeekQuery]
) -> Response[Any]:
    """The week of every ward this person looks after; three statements with the log-in."""
    params = form.sensible()
    monday = monday_shown(params.day, now)
    if params.ward_id:
        return redirect(_address(f"/lich/{params.ward_id}", monday, WeekFilters()))
    wards = None if actor.everywhere(Permission.SEE_CALENDAR) else actor.wards(Permission.SEE_CALENDAR)
    wrong_day = form.errors.get("tuan")
    return await _week(db, None, wards, monday, params.filters, actor=actor, now=now, wrong_day=wrong_day)


@get("/lich/{ward_id:str}", opt=in_ward(Permission.SEE_CALENDAR))
async def ward_week(
    db: AsyncSession, actor: Actor, now: datetime, ward_id: str, form: Form[WardWeekQuery]
) -> Response[Any]:
    """The week of one ward; three statements with the log-in, one more for those who plan, two when empty."""
    params, wrong_day = form.sensible(), form.errors.get("tuan")
    monday = monday_shown(params.day, now)
    return await _week(
        db, ward_id, [ward_id], monday, params.filters, actor=actor, now=now, wrong_day=wrong_day
    )


async def _week(
    db: AsyncSession,
    ward_id: str | None,
    wards: Collection[str] | None,
    monday: date,
    chosen: WeekFilters,
    *,
    actor: Actor,
    now: datetime,
    wrong_day: str | None,
) -> Response[Any]:
    sessions = await sessions_in_week(db, wards=wards, monday=monday)
    sunday = monday + timedelta(days=6)
    off = await days_off(db, ward_id=ward_id, since=monday, until=sunday)
    here = f"/lich/{ward_id}" if ward_id else "/lich"
    shown = [each for each in sessions if chosen.show(each, now)] if chosen.any else sessions
    may_plan = ward_id is not None and actor.may(Permission.PLAN, ward_id)
    week = week_grid(shown, off, monday=monday, now=now, with_ward=ward_id is None)
    return page(
        "scheduling/week.html",
        ward_id=ward_id,
        one_ward=ward_id,
        here=here,
        monday=monday,
        wrong_day=wrong_day,
        title=formatting.week(monday, sunday, today=local_day(now)),
        week=week,
        total=sum(not each.cancelled for each in sessions),
        enrolled=sum(each.seats_taken for each in sessions if not each.cancelled),
        attention=attention_items(sessions, base=_address(here, monday, WeekFilters()), now=now),
        now_hour=local(now).hour if monday <= local_day(now) <= sunday else None,
        now_words=formatting.hour(now),
        before=_address(here, monday - timedelta(days=7), chosen),
        after=_address(here, monday + timedelta(days=7), chosen),
        today=_address(here, None, chosen),
        unfiltered=_address(here, monday, WeekFilters()),
        chosen=chosen,
        kinds=[(kind, kind_label(kind)) for kind in SESSION_KINDS],
        rooms=_rooms(sessions) if ward_id else [],
        may_plan=may_plan,
        dropouts=await _dropouts(db, ward_id, monday, now) if ward_id and may_plan else None,
        short=sum(missing(each, now) > 0 for each in sessions),
        first_step=await _first_step(db, ward_id) if ward_id and not sessions else None,
    )


async def _dropouts(db: AsyncSession, ward_id: str, monday: date, now: datetime) -> Page[Dropout]:
    """Who cannot come in the week, and until tomorrow in this one; the first few."""
    since, until = start_of_day(monday), start_of_day(monday + timedelta(days=7))
    if since <= now < until:
        since, until = now, max(until, now + URGENT)
    return await unfilled_dropouts(
        db, wards=[ward_id], since=max(since, now), until=until, size=DROPOUTS_SHOWN
    )


async def _first_step(db: AsyncSession, ward_id: str) -> str:
    """What an empty calendar is waiting for: a room, a course, or a class."""
    if not await place_queries.open_rooms(db, ward_id):
        return "room"
    return "class" if await course_queries.open_courses(db, ward_id) else "course"


def _address(here: str, monday: date | None, chosen: WeekFilters) -> str:
    query: dict[str, str] = {}
    if monday is not None:
        query["tuan"] = monday.isoformat()
    if chosen.kind:
        query["loai"] = chosen.kind
    if chosen.room_id is not None:
        query["phong"] = str(chosen.room_id)
    if chosen.short:
        query["thieu"] = "1"
    if chosen.drafts:
        query["nhap"] = "1"
    if chosen.asked:
        query["cho"] = "1"
    return f"{here}?{urlencode(query)}" if query else here


def _rooms(sessions: Sequence[WeekSession]) -> list[tuple[int, str]]:
    """Rooms used in the week, by name."""
    rooms = {
        each.room_id: place_name(words="", room=each.room, venue=each.venue, market=None)
        for each in sessions
        if each.room_id is not None
    }
    return sorted(rooms.items(), key=lambda pair: pair[1])


HANDLERS = [city_week, ward_week]
