"""The 40 wards and communes, their contact numbers and neighbourhoods."""

from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import phone
from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _
from lopso.web.forms import Form
from lopso.web.guards import SIGNED_IN, in_ward
from lopso.web.pages import page, redirect
from venues import labels, queries, service
from venues.forms import NeighbourhoodForm, NewNeighbourhoodForm, NumberedPage, WardContactForm, WardSearch
from venues.models import Neighbourhood, Ward

HERE = "/phuong-xa"
SEEN = in_ward(Permission.SEE_CALENDAR)
MANAGED = in_ward(Permission.MANAGE_PLACES)


@get(HERE, opt=SIGNED_IN)
async def wards(db: AsyncSession, actor: Actor, params: WardSearch) -> Response[Any]:
    """All wards, searched by code or any name; two statements with the log-in. Own wards are links."""
    found = await queries.wards_matching(db, params.q)
    return page(
        "venues/wards.html",
        found=found,
        q=params.q,
        may_open={each.ward.id for each in found if actor.may(Permission.SEE_CALENDAR, each.ward.id)},
        former_units=labels.former_units,
        found_through=labels.found_through,
    )


async def _ward_page(
    db: AsyncSession,
    actor: Actor,
    ward: Ward,
    form: Form[WardContactForm] | Form[NewNeighbourhoodForm] | None = None,
    *,
    number: int = 1,
) -> Response[Any]:
    kept = phone.display(ward.phone) if ward.phone else ""
    return page(
        "venues/ward.html",
        ward_id=ward.id,
        form=(form or Form.of(WardContactForm())).with_defaults(phone=kept),
        row=ward,
        former_units=labels.former_units(ward),
        neighbourhoods=await queries.neighbourhoods_page(db, ward.id, number=number),
        may_manage=actor.may(Permission.MANAGE_PLACES, ward.id),
    )


@get(HERE + "/{ward_id:str}", opt=SEEN)
async def ward_page(db: AsyncSession, actor: Actor, ward: Ward, params: NumberedPage) -> Response[Any]:
    """One ward: its names, the number learners may call, its neighbourhoods; four statements."""
    return await _ward_page(db, actor, ward, number=params.trang)


@post(HERE + "/{ward_id:str}/dien-thoai", opt=MANAGED)
async def set_contact(
    form: Form[WardContactForm], db: AsyncSession, actor: Actor, now: datetime, ward: Ward
) -> Response[Any]:
    """Set the contact number that texts and cards name."""
    try:
        number = await service.set_contact(db, ward.id, form.value().phone, by=actor, now=now)
    except InvalidInput as error:
        return await _ward_page(db, actor, ward, form.refused(error))
    return redirect(
        f"{HERE}/{ward.id}", flash=_("Người học sẽ gọi số %(phone)s.", phone=phone.display(number))
    )


@post(HERE + "/{ward_id:str}/to-dan-pho", opt=MANAGED)
async def add_neighbourhood(
    form: Form[NewNeighbourhoodForm], db: AsyncSession, actor: Actor, now: datetime, ward: Ward
) -> Response[Any]:
    """Add a thôn or tổ dân phố to the ward's list."""
    try:
        row = await service.add_neighbourhood(db, ward.id, form.value().neighbourhood, by=actor, now=now)
    except InvalidInput as error:
        return await _ward_page(db, actor, ward, form.refused(error, names={"name": "neighbourhood"}))
    return redirect(f"{HERE}/{ward.id}", flash=_("%(name)s có trong danh sách.", name=row.name))


def _name_page(row: Neighbourhood, form: Form[NeighbourhoodForm]) -> Response[Any]:
    return page("venues/neighbourhood.html", ward_id=row.ward_id, form=form, row=row)


@get(HERE + "/{ward_id:str}/to-dan-pho/{neighbourhood_id:int}", opt=MANAGED)
async def neighbourhood_form(db: AsyncSession, ward_id: str, neighbourhood_id: int) -> Response[Any]:
    """A neighbourhood's name, to be corrected."""
    row = await queries.neighbourhood(db, ward_id, neighbourhood_id)
    return _name_page(row, Form.of(NeighbourhoodForm(name=row.name)))


@post(HERE + "/{ward_id:str}/to-dan-pho/{neighbourhood_id:int}", opt=MANAGED)
async def rename_neighbourhood(
    form: Form[NeighbourhoodForm],
    db: AsyncSession,
    actor: Actor,
    now: datetime,
    ward_id: str,
    neighbourhood_id: int,
) -> Response[Any]:
    """Correct a neighbourhood's name."""
    try:
        row = await service.rename_neighbourhood(
            db, ward_id, neighbourhood_id, form.value().name, by=actor, now=now
        )
    except InvalidInput as error:
        kept = await queries.neighbourhood(db, ward_id, neighbourhood_id)
        return _name_page(kept, form.refused(error))
    return redirect(f"{HERE}/{ward_id}", flash=_("Đã sửa thành %(name)s.", name=row.name))


HANDLERS = [wards, ward_page, set_contact, add_neighbourhood, neighbourhood_form, rename_neighbourhood]
