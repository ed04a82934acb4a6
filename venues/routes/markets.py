"""Markets of a ward and their aisles."""

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
from venues.forms import AisleForm, MarketForm
from venues.models import Ward

HERE = "/dia-diem/{ward_id:str}"
SEEN = in_ward(Permission.SEE_CALENDAR)
MANAGED = in_ward(Permission.MANAGE_PLACES)


def _new_market_page(ward: Ward, form: Form[MarketForm]) -> Response[Any]:
    return page("venues/new_market.html", ward_id=ward.id, form=form, row=ward)


@get(HERE + "/cho-moi", opt=MANAGED)
async def new_market(ward: Ward) -> Response[Any]:
    """The form for a market."""
    return _new_market_page(ward, Form.of(MarketForm(name="")))


@post(HERE + "/cho-moi", opt=MANAGED)
async def add_market(
    form: Form[MarketForm], db: AsyncSession, actor: Actor, now: datetime, ward: Ward
) -> Response[Any]:
    """A market of the ward."""
    try:
        row = await service.add_market(db, ward.id, name=form.value().name, by=actor, now=now)
    except InvalidInput as error:
        return _new_market_page(ward, form.refused(error))
    return redirect(
        f"/dia-diem/{ward.id}/cho/{row.id}",
        flash=_("Đã thêm %(name)s. Xin ghi các lối, các dãy của chợ.", name=row.name),
    )


async def _market_page(
    db: AsyncSession,
    actor: Actor,
    ward_id: str,
    market_id: int,
    form: Form[MarketForm] | Form[AisleForm] | None = None,
) -> Response[Any]:
    found = await queries.market(db, ward_id, market_id)
    shown = form or Form.of(MarketForm(name=found.market.name))
    return page(
        "venues/market.html",
        ward_id=ward_id,
        form=shown.with_defaults(name=found.market.name),
        found=found,
        may_manage=actor.may(Permission.MANAGE_PLACES, ward_id),
    )


@get(HERE + "/cho/{market_id:int}", opt=SEEN)
async def market(db: AsyncSession, actor: Actor, ward_id: str, market_id: int) -> Response[Any]:
    """One market with its aisles; three statements with the log-in."""
    return await _market_page(db, actor, ward_id, market_id)


@post(HERE + "/cho/{market_id:int}", opt=MANAGED)
async def edit_market(
    form: Form[MarketForm], db: AsyncSession, actor: Actor, now: datetime, ward_id: str, market_id: int
) -> Response[Any]:
    """Correct a market's name, or confirm it."""
    try:
        row = await service.edit_market(db, ward_id, market_id, name=form.value().name, by=actor, now=now)
    except InvalidInput as error:
        return await _market_page(db, actor, ward_id, market_id, form.refused(error))
    return redirect(f"/dia-diem/{ward_id}/cho/{market_id}", flash=_("Đã lưu %(name)s.", name=row.name))


@post(HERE + "/cho/{market_id:int}/nhan", opt=MANAGED)
async def claim_market(
    db: AsyncSession, actor: Actor, now: datetime, ward: Ward, market_id: int
) -> Response[Any]:
    """A market of the shipped list lies in this ward."""
    row = await service.claim_market(db, ward.id, market_id, by=actor, now=now)
    return redirect(
        f"/dia-diem/{ward.id}/cho/{market_id}",
        flash=_("%(market)s nay thuộc %(ward)s.", market=row.name, ward=ward.full_name),
    )


@post(HERE + "/cho/{market_id:int}/loi", opt=MANAGED)
async def add_aisle(
    form: Form[AisleForm], db: AsyncSession, actor: Actor, now: datetime, ward_id: str, market_id: int
) -> Response[Any]:
    """One more aisle."""
    try:
        row = await service.add_aisle(db, ward_id, market_id, form.value().aisle, by=actor, now=now)
    except InvalidInput as error:
        refused = form.refused(error, names={"name": "aisle"})
        return await _market_page(db, actor, ward_id, market_id, refused)
    return redirect(
        f"/dia-diem/{ward_id}/cho/{market_id}#loi", flash=_("%(name)s có trong danh sách.", name=row.name)
    )


@post(HERE + "/cho/{market_id:int}/loi/{aisle_id:int}/bo", opt=MANAGED)
async def remove_aisle(
    db: AsyncSession, actor: Actor, now: datetime, ward_id: str, market_id: int, aisle_id: int
) -> Response[Any]:
    """Strike an aisle from the list."""
    name = await service.remove_aisle(db, ward_id, market_id, aisle_id, by=actor, now=now)
    return redirect(f"/dia-diem/{ward_id}/cho/{market_id}#loi", flash=_("Đã bỏ %(name)s.", name=name))


@post(HERE + "/cho/{market_id:int}/dong", opt=MANAGED)
async def close_market(
    db: AsyncSession, actor: Actor, now: datetime, ward_id: str, market_id: int
) -> Response[Any]:
    """Take a market off the lists for new sessions."""
    await service.close_market(db, ward_id, market_id, by=actor, now=now)
    here = f"/dia-diem/{ward_id}/cho/{market_id}"
    return redirect(here, flash=_("Đã đóng chợ này."), undo_url=f"{here}/mo-lai")


@post(HERE + "/cho/{market_id:int}/mo-lai", opt=MANAGED)
async def reopen_market(
    db: AsyncSession, actor: Actor, now: datetime, ward_id: str, market_id: int
) -> Response[Any]:
    """Put a closed market back on the lists."""
    await service.reopen_market(db, ward_id, market_id, by=actor, now=now)
    return redirect(f"/dia-diem/{ward_id}/cho/{market_id}", flash=_("Đã mở lại chợ này."))


HANDLERS = [
    new_market,
    add_market,
    market,
    edit_market,
    claim_market,
    add_aisle,
    remove_aisle,
    close_market,
    reopen_market,
]
