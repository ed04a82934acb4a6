"""Markets of a ward and their aisles."""

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

HERE = "/dia-diem/{ward_id:str}"


@get(HERE + "/cho-moi")
async def new_market(db: AsyncSession, actor: Actor, ward_id: str) -> Response[Any]:
    """The form for a market."""
    in_ward(actor, Permission.MANAGE_PLACES, ward_id)
    row = await queries.ward(db, ward_id)
    return page("venues/new_market.html", ward_id=ward_id, row=row, typed="")


@post(HERE + "/cho-moi")
async def add_market(
    request: Request[Any, Any, Any], db: AsyncSession, actor: Actor, now: datetime, ward_id: str
) -> Response[Any]:
    """A market of the ward."""
    in_ward(actor, Permission.MANAGE_PLACES, ward_id)
    ward = await queries.ward(db, ward_id)
    name = str((await request.form()).get("name", ""))[:200]
    try:
        row = await service.add_market(db, ward_id, name=name, by=actor, now=now)
    except InvalidInput as error:
        return page(
            "venues/new_market.html",
            ward_id=ward_id,
            status=422,
            row=ward,
            typed=name,
            errors=error.fields,
        )
    return redirect(
        f"/dia-diem/{ward_id}/cho/{row.id}",
        flash=_("Đã thêm %(name)s. Xin ghi các lối, các dãy của chợ.", name=row.name),
    )


async def _market(
    db: AsyncSession,
    actor: Actor,
    ward_id: str,
    market_id: int,
    *,
    status: int = 200,
    typed: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> Response[Any]:
    found = await queries.market(db, ward_id, market_id)
    return page(
        "venues/market.html",
        ward_id=ward_id,
        status=status,
        found=found,
        may_manage=actor.may(Permission.MANAGE_PLACES, ward_id),
        typed={"name": found.market.name, "aisle": "", **(typed or {})},
        errors=errors or {},
    )


@get(HERE + "/cho/{market_id:int}")
async def market(db: AsyncSession, actor: Actor, ward_id: str, market_id: int) -> Response[Any]:
    """One market with its aisles; three statements with the log-in."""
    in_ward(actor, Permission.SEE_CALENDAR, ward_id)
    return await _market(db, actor, ward_id, market_id)


@post(HERE + "/cho/{market_id:int}")
async def edit_market(
    request: Request[Any, Any, Any],
    db: AsyncSession,
    actor: Actor,
    now: datetime,
    ward_id: str,
    market_id: int,
) -> Response[Any]:
    """Correct a market's name, or confirm it."""
    in_ward(actor, Permission.MANAGE_PLACES, ward_id)
    name = str((await request.form()).get("name", ""))[:200]
    try:
        row = await service.edit_market(db, ward_id, market_id, name=name, by=actor, now=now)
    except InvalidInput as error:
        return await _market(
            db, actor, ward_id, market_id, status=422, typed={"name": name}, errors=error.fields
        )
    return redirect(f"/dia-diem/{ward_id}/cho/{market_id}", flash=_("Đã lưu %(name)s.", name=row.name))


@post(HERE + "/cho/{market_id:int}/nhan")
async def claim_market(
    db: AsyncSession, actor: Actor, now: datetime, ward_id: str, market_id: int
) -> Response[Any]:
    """A market of the shipped list lies in this ward."""
    in_ward(actor, Permission.MANAGE_PLACES, ward_id)
    ward = await queries.ward(db, ward_id)
    row = await service.claim_market(db, ward_id, market_id, by=actor, now=now)
    return redirect(
        f"/dia-diem/{ward_id}/cho/{market_id}",
        flash=_("%(market)s nay thuộc %(ward)s.", market=row.name, ward=ward.full_name),
    )


@post(HERE + "/cho/{market_id:int}/loi")
async def add_aisle(
    request: Request[Any, Any, Any],
    db: AsyncSession,
    actor: Actor,
    now: datetime,
    ward_id: str,
    market_id: int,
) -> Response[Any]:
    """One more aisle."""
    in_ward(actor, Permission.MANAGE_PLACES, ward_id)
    name = str((await request.form()).get("aisle", ""))[:200]
    try:
        row = await service.add_aisle(db, ward_id, market_id, name, by=actor, now=now)
    except InvalidInput as error:
        return await _market(
            db, actor, ward_id, market_id, status=422, errors={"aisle": error.fields["name"]}
        )
    return redirect(
        f"/dia-diem/{ward_id}/cho/{market_id}#loi", flash=_("%(name)s có trong danh sách.", name=row.name)
    )


@post(HERE + "/cho/{market_id:int}/loi/{aisle_id:int}/bo")
async def remove_aisle(
    db: AsyncSession, actor: Actor, now: datetime, ward_id: str, market_id: int, aisle_id: int
) -> Response[Any]:
    """Strike an aisle from the list."""
    in_ward(actor, Permission.MANAGE_PLACES, ward_id)
    name = await service.remove_aisle(db, ward_id, market_id, aisle_id, by=actor, now=now)
    return redirect(f"/dia-diem/{ward_id}/cho/{market_id}#loi", flash=_("Đã bỏ %(name)s.", name=name))


@post(HERE + "/cho/{market_id:int}/dong")
async def close_market(
    db: AsyncSession, actor: Actor, now: datetime, ward_id: str, market_id: int
) -> Response[Any]:
    """Take a market off the lists for new sessions."""
    in_ward(actor, Permission.MANAGE_PLACES, ward_id)
    await service.close_market(db, ward_id, market_id, by=actor, now=now)
    here = f"/dia-diem/{ward_id}/cho/{market_id}"
    return redirect(here, flash=_("Đã đóng chợ này."), undo_url=f"{here}/mo-lai")


@post(HERE + "/cho/{market_id:int}/mo-lai")
async def reopen_market(
    db: AsyncSession, actor: Actor, now: datetime, ward_id: str, market_id: int
) -> Response[Any]:
    """Put a closed market back on the lists."""
    in_ward(actor, Permission.MANAGE_PLACES, ward_id)
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
