"""Rooms of a venue."""

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
from venues import queries, service
from venues.forms import RoomForm

HERE = "/dia-diem/{ward_id:str}/{venue_id:int}"


@get(HERE + "/phong-moi")
async def new_room(db: AsyncSession, actor: Actor, ward_id: str, venue_id: int) -> Response[Any]:
    """The form for one more room."""
    in_ward(actor, Permission.MANAGE_PLACES, ward_id)
    return page(
        "venues/room.html",
        ward_id=ward_id,
        place=await queries.place(db, ward_id, venue_id),
        kept=None,
        room=RoomForm(seats="30", power="1"),
    )


@post(HERE + "/phong-moi")
async def add_room(
    request: Request[Any, Any, Any],
    db: AsyncSession,
    actor: Actor,
    now: datetime,
    ward_id: str,
    venue_id: int,
) -> Response[Any]:
    """One more room."""
    in_ward(actor, Permission.MANAGE_PLACES, ward_id)
    room = RoomForm.read(await request.form())
    try:
        row = await service.add_room(db, ward_id, venue_id, room.facts, by=actor, now=now)
    except InvalidInput as error:
        return page(
            "venues/room.html",
            ward_id=ward_id,
            status=422,
            place=await queries.place(db, ward_id, venue_id),
            kept=None,
            room=room,
            errors=error.fields,
        )
    return redirect(f"/dia-diem/{ward_id}/{venue_id}", flash=_("Đã thêm %(name)s.", name=row.name))


@get(HERE + "/phong/{room_id:int}")
async def room_form(
    db: AsyncSession, actor: Actor, ward_id: str, venue_id: int, room_id: int
) -> Response[Any]:
    """A room's facts, to be corrected."""
    in_ward(actor, Permission.MANAGE_PLACES, ward_id)
    kept = await queries.room(db, ward_id, venue_id, room_id)
    return page(
        "venues/room.html",
        ward_id=ward_id,
        place=await queries.place(db, ward_id, venue_id),
        kept=kept,
        room=RoomForm.of(kept),
    )


@post(HERE + "/phong/{room_id:int}")
async def edit_room(
    request: Request[Any, Any, Any],
    db: AsyncSession,
    actor: Actor,
    now: datetime,
    ward_id: str,
    venue_id: int,
    room_id: int,
) -> Response[Any]:
    """Correct a room."""
    in_ward(actor, Permission.MANAGE_PLACES, ward_id)
    kept = await queries.room(db, ward_id, venue_id, room_id)
    room = RoomForm.read(await request.form())
    try:
        row = await service.edit_room(db, ward_id, room_id, room.facts, by=actor, now=now)
    except InvalidInput as error:
        return page(
            "venues/room.html",
            ward_id=ward_id,
            status=422,
            place=await queries.place(db, ward_id, venue_id),
            kept=kept,
            room=room,
            errors=error.fields,
        )
    return redirect(f"/dia-diem/{ward_id}/{venue_id}", flash=_("Đã lưu %(name)s.", name=row.name))


@post(HERE + "/phong/{room_id:int}/dong")
async def close_room(
    db: AsyncSession, actor: Actor, now: datetime, ward_id: str, venue_id: int, room_id: int
) -> Response[Any]:
    """Take a room off the lists for new sessions."""
    in_ward(actor, Permission.MANAGE_PLACES, ward_id)
    room = await queries.room(db, ward_id, venue_id, room_id)
    await service.close_room(db, ward_id, room_id, by=actor, now=now)
    here = f"/dia-diem/{ward_id}/{venue_id}"
    return redirect(
        here, flash=_("Đã đóng %(name)s.", name=room.name), undo_url=f"{here}/phong/{room_id}/mo-lai"
    )


@post(HERE + "/phong/{room_id:int}/mo-lai")
async def reopen_room(
    db: AsyncSession, actor: Actor, now: datetime, ward_id: str, venue_id: int, room_id: int
) -> Response[Any]:
    """Put a closed room back on the lists."""
    in_ward(actor, Permission.MANAGE_PLACES, ward_id)
    room = await queries.room(db, ward_id, venue_id, room_id)
    await service.reopen_room(db, ward_id, room_id, by=actor, now=now)
    return redirect(f"/dia-diem/{ward_id}/{venue_id}", flash=_("Đã mở lại %(name)s.", name=room.name))


HANDLERS = [new_room, add_room, room_form, edit_room, close_room, reopen_room]
