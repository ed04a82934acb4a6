"""Venues of a ward."""

from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _
from lopso.web.forms import Form
from lopso.web.guards import in_ward
from lopso.web.pages import page, redirect
from venues import labels, queries, service
from venues.forms import NewPlaceForm, PlaceList, VenueForm
from venues.models import Ward

HERE = "/dia-diem/{ward_id:str}"
SEEN = in_ward(Permission.SEE_CALENDAR)
MANAGED = in_ward(Permission.MANAGE_PLACES)


@get(HERE, opt=SEEN)
async def places(
    db: AsyncSession, actor: Actor, ward: Ward, ward_id: str, params: PlaceList
) -> Response[Any]:
    """Where classes can be held: venues with rooms, markets with aisles; eight statements with the log-in."""
    closed = params.dong
    markets = await queries.markets_of(db, ward_id)
    return page(
        "venues/venues.html",
        ward_id=ward_id,
        row=ward,
        found=await queries.venues_page(db, ward_id, number=params.trang, closed=closed),
        closed=closed,
        markets=[each for each in markets if (each.market.closed_at is not None) == closed],
        unclaimed=[] if closed else await queries.markets_without_ward(db),
        may_manage=actor.may(Permission.MANAGE_PLACES, ward_id),
        equipment=labels.equipment,
    )


async def _new_place_page(db: AsyncSession, ward: Ward, form: Form[NewPlaceForm]) -> Response[Any]:
    return page(
        "venues/new_venue.html",
        ward_id=ward.id,
        form=form,
        row=ward,
        neighbourhoods=await queries.neighbourhood_choices(db, ward.id),
    )


@get(HERE + "/moi", opt=MANAGED)
async def new_place(db: AsyncSession, ward: Ward) -> Response[Any]:
    """The form for a venue and its first room."""
    proposed = NewPlaceForm(name="", address="", room_name=_("Hội trường"), room_seats=30, room_power=True)
    return await _new_place_page(db, ward, Form.of(proposed))


@post(HERE + "/moi", opt=MANAGED)
async def add_place(
    form: Form[NewPlaceForm], db: AsyncSession, actor: Actor, now: datetime, ward: Ward
) -> Response[Any]:
    """A venue with its first room: one without a room could not hold a class."""
    try:
        venue = form.value()
        row = await service.add_venue(
            db,
            ward.id,
            name=venue.name,
            address=venue.address,
            landmark=venue.landmark,
            neighbourhood_id=venue.neighbourhood,
            by=actor,
            now=now,
        )
    except InvalidInput as error:
        return await _new_place_page(db, ward, form.refused(error))
    try:
        await service.add_room(db, ward.id, row.id, venue.room, by=actor, now=now)
    except InvalidInput as error:
        return await _new_place_page(db, ward, form.refused(error, prefix="room_"))
    return redirect(f"/dia-diem/{ward.id}/{row.id}", flash=_("Đã thêm %(name)s.", name=row.name))


@get(HERE + "/{venue_id:int}", opt=SEEN)
async def place(db: AsyncSession, actor: Actor, ward_id: str, venue_id: int) -> Response[Any]:
    """One venue: how to find it, its rooms; three statements with the log-in."""
    return page(
        "venues/venue.html",
        ward_id=ward_id,
        place=await queries.venue_with_rooms(db, ward_id, venue_id),
        may_manage=actor.may(Permission.MANAGE_PLACES, ward_id),
        equipment=labels.equipment,
    )


async def _edit_page(
    db: AsyncSession, ward_id: str, place: queries.VenueWithRooms, form: Form[VenueForm]
) -> Response[Any]:
    return page(
        "venues/edit_venue.html",
        ward_id=ward_id,
        form=form,
        place=place,
        neighbourhoods=await queries.neighbourhood_choices(db, ward_id),
    )


@get(HERE + "/{venue_id:int}/sua", opt=MANAGED)
async def place_form(db: AsyncSession, ward_id: str, venue_id: int) -> Response[Any]:
    """A venue's facts, to be corrected."""
    found = await queries.venue_with_rooms(db, ward_id, venue_id)
    return await _edit_page(db, ward_id, found, Form.of(VenueForm.of(found.venue)))


@post(HERE + "/{venue_id:int}/sua", opt=MANAGED)
async def edit_place(
    form: Form[VenueForm], db: AsyncSession, actor: Actor, now: datetime, ward_id: str, venue_id: int
) -> Response[Any]:
    """Correct a venue."""
    try:
        venue = form.value()
        row = await service.edit_venue(
            db,
            ward_id,
            venue_id,
            name=venue.name,
            address=venue.address,
            landmark=venue.landmark,
            neighbourhood_id=venue.neighbourhood,
            by=actor,
            now=now,
        )
    except InvalidInput as error:
        return await _edit_page(
            db, ward_id, await queries.venue_with_rooms(db, ward_id, venue_id), form.refused(error)
        )
    return redirect(f"/dia-diem/{ward_id}/{venue_id}", flash=_("Đã lưu %(name)s.", name=row.name))


@post(HERE + "/{venue_id:int}/dong", opt=MANAGED)
async def close_place(
    db: AsyncSession, actor: Actor, now: datetime, ward_id: str, venue_id: int
) -> Response[Any]:
    """Take a venue off the lists for new sessions."""
    await service.close_venue(db, ward_id, venue_id, by=actor, now=now)
    here = f"/dia-diem/{ward_id}/{venue_id}"
    return redirect(here, flash=_("Đã đóng địa điểm này."), undo_url=f"{here}/mo-lai")


@post(HERE + "/{venue_id:int}/mo-lai", opt=MANAGED)
async def reopen_place(
    db: AsyncSession, actor: Actor, now: datetime, ward_id: str, venue_id: int
) -> Response[Any]:
    """Put a closed venue back on the lists."""
    await service.reopen_venue(db, ward_id, venue_id, by=actor, now=now)
    return redirect(f"/dia-diem/{ward_id}/{venue_id}", flash=_("Đã mở lại địa điểm này."))


HANDLERS = [places, new_place, add_place, place, place_form, edit_place, close_place, reopen_place]
