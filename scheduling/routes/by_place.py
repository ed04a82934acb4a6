"""A week by rooms, with the hours at which they are free, and by markets."""

from datetime import datetime
from typing import Any

from litestar import get
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor, Permission
from lopso.kernel.i18n import gettext as _
from lopso.kernel.paging import page_of
from lopso.web.forms import Form
from lopso.web.guards import in_ward
from scheduling.forms.calendar import ResourceQuery
from scheduling.labels.by_resource import ResourceRow, by_place, cells_of, with_free_spans
from scheduling.queries.calendar import WeekSession, sessions_in_week
from scheduling.queries.calendar_filters import CalendarFilters
from scheduling.queries.places import open_markets, open_rooms
from scheduling.routes.resource_page import ROWS_SHOWN, ResourceRequest, resource_page
from scheduling.rules.places import place_name
from venues.models import Room


@get("/lich/{ward_id:str}/phong", opt=in_ward(Permission.SEE_CALENDAR))
async def rooms_week(
    db: AsyncSession, actor: Actor, now: datetime, ward_id: str, form: Form[ResourceQuery]
) -> Response[Any]:
    """Who is in which room, and when it is free; four statements with the log-in."""
    asked = ResourceRequest.of(db, actor, now, form, ward_id, "rooms")
    in_rooms = by_place(await _sessions(asked), "room_id")
    rooms = [each for each in await open_rooms(db, ward_id) if _is_wanted(each, asked.place.filters)]
    found = page_of(rooms, form.sensible().number, ROWS_SHOWN)
    rows = [_room_row(each, in_rooms.get(each.id, []), asked) for each in found.items]
    first_step = (f"/dia-diem/{ward_id}", _("Ghi địa điểm"))
    return await resource_page(
        asked, found, rows, heading=_("Phòng"), empty=_("Không có phòng nào"), first_step=first_step
    )


@get("/lich/{ward_id:str}/cho", opt=in_ward(Permission.SEE_CALENDAR))
async def markets_week(
    db: AsyncSession, actor: Actor, now: datetime, ward_id: str, form: Form[ResourceQuery]
) -> Response[Any]:
    """What is done at which market; four statements with the log-in."""
    asked = ResourceRequest.of(db, actor, now, form, ward_id, "markets")
    at_markets = by_place((each for each in await _sessions(asked) if each.shown), "market_id")
    found = page_of(await open_markets(db, ward_id), form.sensible().number, ROWS_SHOWN)
    rows = [
        ResourceRow(each.name, "", None, cells_of(at_markets.get(each.id, []), asked.place.day, now))
        for each in found.items
    ]
    first_step = (f"/dia-diem/{ward_id}/cho-moi", _("Thêm chợ"))
    return await resource_page(
        asked, found, rows, heading=_("Chợ"), empty=_("Không có chợ nào"), first_step=first_step
    )


async def _sessions(asked: ResourceRequest) -> list[WeekSession]:
    place = asked.place
    found = await sessions_in_week(
        asked.db, wards=[asked.ward_id], monday=place.day, filters=place.filters, now=asked.now
    )
    return list(found)


def _is_wanted(room: Room, wanted: CalendarFilters) -> bool:
    """Whether the filters of places leave a room in."""
    return (
        wanted.room_id in (None, room.id)
        and wanted.venue_id in (None, room.venue_id)
        and wanted.neighbourhood_id in (None, room.venue.neighbourhood_id)
    )


def _room_row(room: Room, there: list[WeekSession], asked: ResourceRequest) -> ResourceRow:
    monday, now = asked.place.day, asked.now
    cells = cells_of((each for each in there if each.shown), monday, now)
    plans = asked.actor.may(Permission.PLAN, asked.ward_id)
    form = f"{asked.place.base}/buoi-moi?kind=ward_class&room={room.id}" if plans else None
    taken = [each for each in there if not each.cancelled]
    return ResourceRow(
        place_name(words="", room=room.name, venue=room.venue.name, market=None),
        _("%(n)s chỗ ngồi", n=room.seats),
        None,
        with_free_spans(cells, taken, monday, now, plan_at=form),
    )


HANDLERS = [rooms_week, markets_week]
