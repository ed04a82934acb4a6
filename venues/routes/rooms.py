"""Rooms of a venue."""

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
from venues import queries, service
from venues.forms import RoomForm
from venues.models import Room

HERE = "/dia-diem/{ward_id:str}/{venue_id:int}"
MANAGED = in_ward(Permission.MANAGE_PLACES)


async def _room_page(
    db: AsyncSession, ward_id: str, venue_id: int, form: Form[RoomForm], kept: Room | None = None
) -> Response[Any]:
    return page(
        "venues/room.html",
        ward_id=ward_id,
        form=form,
        place=await queries.venue_with_rooms(db, ward_id, venue_id),
        kept=kept,
    )


@get(HERE + "/phong-moi", opt=MANAGED)
async def new_room(db: AsyncSession, ward_id: str, venue_id: int) -> Response[Any]:
    """The form for one more room."""
    return await _room_page(db, ward_id, venue_id, Form.of(RoomForm(name="", seats=30, power=True)))


@post(HERE + "/phong-moi", opt=MANAGED)
async def add_room(
    form: Form[RoomForm], db: AsyncSession, actor: Actor, now: datetime, ward_id: str, venue_id: int
) -> Response[Any]:
    """One more room."""
    try:
        row = await service.add_room(db, ward_id, venue_id, form.value().facts, by=actor, now=now)
    except InvalidInput as error:
        return await _room_page(db, ward_id, venue_id, form.refused(error))
    return redirect(f"/dia-diem/{ward_id}/{venue_id}", flash=_("Đã thêm %(name)s.", name=row.name))


@get(HERE + "/phong/{room_id:int}", opt=MANAGED)
async def room_form(db: AsyncSession, ward_id: str, venue_id: int, room_id: int) -> Response[Any]:
    """A room's facts, to be corrected."""
    kept = await queries.room(db, ward_id, venue_id, room_id)
    return await _room_page(db, ward_id, venue_id, Form.of(RoomForm.of(kept)), kept)


@post(HERE + "/phong/{room_id:int}", opt=MANAGED)
async def edit_room(
    form: Form[RoomForm],
    db: AsyncSession,
    actor: Actor,
    now: datetime,
    ward_id: str,
    venue_id: int,
    room_id: int,
) -> Response[Any]:
    """Correct a room."""
    kept = await queries.room(db, ward_id, venue_id, room_id)
    try:
        row = await service.edit_room(db, ward_id, room_id, form.value().facts, by=actor, now=now)
    except InvalidInput as error:
        return await _room_page(db, ward_id, venue_id, form.refused(error), kept)
    return redirect(f"/dia-diem/{ward_id}/{venue_id}", flash=_("Đã lưu %(name)s.", name=row.name))


@post(HERE + "/phong/{room_id:int}/dong", opt=MANAGED)
async def close_room(
    db: AsyncSession, actor: Actor, now: datetime, ward_id: str, venue_id: int, room_id: int
) -> Response[Any]:
    """Take a room off the lists for new sessions."""
    room = await queries.room(db, ward_id, venue_id, room_id)
    await service.close_room(db, ward_id, room_id, by=actor, now=now)
    here = f"/dia-diem/{ward_id}/{venue_id}"
    return redirect(
        here, flash=_("Đã đóng %(name)s.", name=room.name), undo_url=f"{here}/phong/{room_id}/mo-lai"
    )


@post(HERE + "/phong/{room_id:int}/mo-lai", opt=MANAGED)
async def reopen_room(
    db: AsyncSession, actor: Actor, now: datetime, ward_id: str, venue_id: int, room_id: int
) -> Response[Any]:
    """Put a closed room back on the lists."""
    room = await queries.room(db, ward_id, venue_id, room_id)
    await service.reopen_room(db, ward_id, room_id, by=actor, now=now)
    return redirect(f"/dia-diem/{ward_id}/{venue_id}", flash=_("Đã mở lại %(name)s.", name=room.name))


HANDLERS = [new_room, add_room, room_form, edit_room, close_room, reopen_room]
