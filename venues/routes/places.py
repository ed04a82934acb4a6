"""Venues of a ward."""

from datetime import datetime
from typing import Any

from litestar import Request, get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _
from lopso.web.guards import in_ward
from lopso.web.pages import page, redirect
from venues import queries, service, words
from venues.forms import RoomForm, VenueForm

HERE = "/dia-diem/{ward_id:str}"


@get(HERE)
async def places(
    db: AsyncSession, actor: Actor, ward_id: str, trang: int = 1, dong: str = ""
) -> Response[Any]:
    """Where classes can be held: venues with rooms, markets with aisles; eight statements with the log-in."""
    in_ward(actor, Permission.SEE_CALENDAR, ward_id)
    closed = dong == "1"
    markets = await queries.markets_of(db, ward_id)
    return page(
        "venues/places.html",
        ward_id=ward_id,
        row=await queries.ward(db, ward_id),
        found=await queries.places_page(db, ward_id, number=max(1, trang), closed=closed),
        closed=closed,
        markets=[each for each in markets if (each.market.closed_at is not None) == closed],
        unclaimed=[] if closed else await queries.markets_without_ward(db),
        may_manage=actor.may(Permission.MANAGE_PLACES, ward_id),
        equipment=words.equipment,
    )


async def _new(
    db: AsyncSession,
    ward_id: str,
    venue: VenueForm,
    room: RoomForm,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
) -> Response[Any]:
    return page(
        "venues/new_place.html",
        ward_id=ward_id,
        status=status,
        row=await queries.ward(db, ward_id),
        venue=venue,
        room=room,
        neighbourhoods=await queries.neighbourhood_choices(db, ward_id),
        errors=errors or {},
    )


@get(HERE + "/moi")
async def new_place(db: AsyncSession, actor: Actor, ward_id: str) -> Response[Any]:
    """The form for a venue and its first room."""
    in_ward(actor, Permission.MANAGE_PLACES, ward_id)
    room = RoomForm(name=_("Hội trường"), seats="30", power="1")
    return await _new(db, ward_id, VenueForm(), room)


@post(HERE + "/moi")
async def add_place(
    request: Request[Any, Any, Any], db: AsyncSession, actor: Actor, now: datetime, ward_id: str
) -> Response[Any]:
    """A venue with its first room: one without a room could not hold a class."""
    in_ward(actor, Permission.MANAGE_PLACES, ward_id)
    await queries.ward(db, ward_id)
    data = await request.form()
    venue = VenueForm.read(data)
    room = RoomForm.read(
        {name.removeprefix("room_"): data[name] for name in data if name.startswith("room_")}
    )
    try:
        row = await service.add_venue(
            db,
            ward_id,
            name=venue.name,
            address=venue.address,
            landmark=venue.landmark,
            neighbourhood_id=venue.neighbourhood_id,
            by=actor,
            now=now,
        )
    except InvalidInput as error:
        return await _new(db, ward_id, venue, room, status=422, errors=error.fields)
    try:
        await service.add_room(db, ward_id, row.id, room.facts, by=actor, now=now)
    except InvalidInput as error:
        errors = {f"room_{name}": sentence for name, sentence in error.fields.items()}
        return await _new(db, ward_id, venue, room, status=422, errors=errors)
    return redirect(f"/dia-diem/{ward_id}/{row.id}", flash=_("Đã thêm %(name)s.", name=row.name))


@get(HERE + "/{venue_id:int}")
async def place(db: AsyncSession, actor: Actor, ward_id: str, venue_id: int) -> Response[Any]:
    """One venue: how to find it, its rooms; three statements with the log-in."""
    in_ward(actor, Permission.SEE_CALENDAR, ward_id)
    return page(
        "venues/place.html",
        ward_id=ward_id,
        place=await queries.place(db, ward_id, venue_id),
        may_manage=actor.may(Permission.MANAGE_PLACES, ward_id),
        equipment=words.equipment,
    )


@get(HERE + "/{venue_id:int}/sua")
async def place_form(db: AsyncSession, actor: Actor, ward_id: str, venue_id: int) -> Response[Any]:
    """A venue's facts, to be corrected."""
    in_ward(actor, Permission.MANAGE_PLACES, ward_id)
    found = await queries.place(db, ward_id, venue_id)
    return page(
        "venues/edit_place.html",
        ward_id=ward_id,
        place=found,
        venue=VenueForm.of(found.venue),
        neighbourhoods=await queries.neighbourhood_choices(db, ward_id),
    )


@post(HERE + "/{venue_id:int}/sua")
async def edit_place(
    request: Request[Any, Any, Any],
    db: AsyncSession,
    actor: Actor,
    now: datetime,
    ward_id: str,
    venue_id: int,
) -> Response[Any]:
    """Correct a venue."""
    in_ward(actor, Permission.MANAGE_PLACES, ward_id)
    venue = VenueForm.read(await request.form())
    try:
        row = await service.edit_venue(
            db,
            ward_id,
            venue_id,
            name=venue.name,
            address=venue.address,
            landmark=venue.landmark,
            neighbourhood_id=venue.neighbourhood_id,
            by=actor,
            now=now,
        )
    except InvalidInput as error:
        return page(
            "venues/edit_place.html",
            ward_id=ward_id,
            status=422,
            place=await queries.place(db, ward_id, venue_id),
            venue=venue,
            neighbourhoods=await queries.neighbourhood_choices(db, ward_id),
            errors=error.fields,
        )
    return redirect(f"/dia-diem/{ward_id}/{venue_id}", flash=_("Đã lưu %(name)s.", name=row.name))


@post(HERE + "/{venue_id:int}/dong")
async def close_place(
    db: AsyncSession, actor: Actor, now: datetime, ward_id: str, venue_id: int
) -> Response[Any]:
    """Take a venue off the lists for new sessions."""
    in_ward(actor, Permission.MANAGE_PLACES, ward_id)
    await service.close_venue(db, ward_id, venue_id, by=actor, now=now)
    here = f"/dia-diem/{ward_id}/{venue_id}"
    return redirect(here, flash=_("Đã đóng địa điểm này."), undo_url=f"{here}/mo-lai")


@post(HERE + "/{venue_id:int}/mo-lai")
async def reopen_place(
    db: AsyncSession, actor: Actor, now: datetime, ward_id: str, venue_id: int
) -> Response[Any]:
    """Put a closed venue back on the lists."""
    in_ward(actor, Permission.MANAGE_PLACES, ward_id)
    await service.reopen_venue(db, ward_id, venue_id, by=actor, now=now)
    return redirect(f"/dia-diem/{ward_id}/{venue_id}", flash=_("Đã mở lại địa điểm này."))


HANDLERS = [places, new_place, add_place, place, place_form, edit_place, close_place, reopen_place]
