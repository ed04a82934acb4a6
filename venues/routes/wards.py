"""The 40 wards and communes, and what each keeps about itself."""

from datetime import datetime
from typing import Any

from litestar import Request, get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import phone
from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _
from lopso.web.guards import in_ward
from lopso.web.pages import page, redirect
from venues import queries, service, words

HERE = "/phuong-xa"


@get(HERE)
async def wards(db: AsyncSession, actor: Actor, q: str = "") -> Response[Any]:
    """All wards, searched by code or any name; two statements with the log-in. Own wards are links."""
    found = await queries.wards_matching(db, q[:100])
    return page(
        "venues/wards.html",
        found=found,
        q=q[:100],
        may_open={each.ward.id for each in found if actor.may(Permission.SEE_CALENDAR, each.ward.id)},
        former_units=words.former_units,
        found_through=words.found_through,
    )


async def _ward(
    db: AsyncSession,
    actor: Actor,
    ward_id: str,
    *,
    number: int = 1,
    status: int = 200,
    typed: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> Response[Any]:
    ward = await queries.ward(db, ward_id)
    return page(
        "venues/ward.html",
        ward_id=ward_id,
        status=status,
        row=ward,
        former_units=words.former_units(ward),
        neighbourhoods=await queries.neighbourhoods_page(db, ward_id, number=number),
        may_manage=actor.may(Permission.MANAGE_PLACES, ward_id),
        typed=typed or {"phone": phone.display(ward.phone) if ward.phone else "", "neighbourhood": ""},
        errors=errors or {},
    )


@get(HERE + "/{ward_id:str}")
async def ward_page(db: AsyncSession, actor: Actor, ward_id: str, trang: int = 1) -> Response[Any]:
    """One ward: its names, the number learners may call, its neighbourhoods; four statements."""
    in_ward(actor, Permission.SEE_CALENDAR, ward_id)
    return await _ward(db, actor, ward_id, number=max(1, trang))


@post(HERE + "/{ward_id:str}/dien-thoai")
async def set_contact(
    request: Request[Any, Any, Any], db: AsyncSession, actor: Actor, now: datetime, ward_id: str
) -> Response[Any]:
    """Keep the number that texts and cards name."""
    in_ward(actor, Permission.MANAGE_PLACES, ward_id)
    typed = str((await request.form()).get("phone", ""))[:100]
    try:
        number = await service.set_contact(db, ward_id, typed, by=actor, now=now)
    except InvalidInput as error:
        return await _ward(
            db,
            actor,
            ward_id,
            status=422,
            typed={"phone": typed, "neighbourhood": ""},
            errors=error.fields,
        )
    return redirect(
        f"{HERE}/{ward_id}", flash=_("Người học sẽ gọi số %(phone)s.", phone=phone.display(number))
    )


@post(HERE + "/{ward_id:str}/to-dan-pho")
async def add_neighbourhood(
    request: Request[Any, Any, Any], db: AsyncSession, actor: Actor, now: datetime, ward_id: str
) -> Response[Any]:
    """Add a thôn or tổ dân phố to the ward's list."""
    in_ward(actor, Permission.MANAGE_PLACES, ward_id)
    typed = str((await request.form()).get("neighbourhood", ""))[:200]
    try:
        row = await service.add_neighbourhood(db, ward_id, typed, by=actor, now=now)
    except InvalidInput as error:
        ward = await queries.ward(db, ward_id)
        return await _ward(
            db,
            actor,
            ward_id,
            status=422,
            typed={"phone": phone.display(ward.phone) if ward.phone else "", "neighbourhood": typed},
            errors={"neighbourhood": error.fields["name"]},
        )
    return redirect(f"{HERE}/{ward_id}", flash=_("%(name)s có trong danh sách.", name=row.name))


@get(HERE + "/{ward_id:str}/to-dan-pho/{neighbourhood_id:int}")
async def neighbourhood_form(
    db: AsyncSession, actor: Actor, ward_id: str, neighbourhood_id: int
) -> Response[Any]:
    """A neighbourhood's name, to be corrected."""
    in_ward(actor, Permission.MANAGE_PLACES, ward_id)
    row = await queries.neighbourhood(db, ward_id, neighbourhood_id)
    return page("venues/neighbourhood.html", ward_id=ward_id, row=row, typed=row.name)


@post(HERE + "/{ward_id:str}/to-dan-pho/{neighbourhood_id:int}")
async def rename_neighbourhood(
    request: Request[Any, Any, Any],
    db: AsyncSession,
    actor: Actor,
    now: datetime,
    ward_id: str,
    neighbourhood_id: int,
) -> Response[Any]:
    """Correct a neighbourhood's name."""
    in_ward(actor, Permission.MANAGE_PLACES, ward_id)
    name = str((await request.form()).get("name", ""))[:200]
    try:
        row = await service.rename_neighbourhood(db, ward_id, neighbourhood_id, name, by=actor, now=now)
    except InvalidInput as error:
        kept = await queries.neighbourhood(db, ward_id, neighbourhood_id)
        return page(
            "venues/neighbourhood.html",
            ward_id=ward_id,
            status=422,
            row=kept,
            typed=name,
            errors=error.fields,
        )
    return redirect(f"{HERE}/{ward_id}", flash=_("Đã sửa thành %(name)s.", name=row.name))


HANDLERS = [wards, ward_page, set_contact, add_neighbourhood, neighbourhood_form, rename_neighbourhood]
