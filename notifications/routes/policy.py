"""Reminder times: the city's, and a ward's own where it wants others."""

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
from notifications.forms import read_policy
from notifications.rules.timing import Policy
from notifications.service.policy import drop_policy, policies, set_policy

HERE = "/tin-nhan/{ward_id:str}/gio-nhac"


@get(HERE)
async def times(ward_id: str, db: AsyncSession, actor: Actor) -> Response[Any]:
    """The times in force; those who plan here may change them."""
    in_ward(actor, Permission.SEE_MESSAGES, ward_id)
    city, own = await policies(db, ward_id)
    return _page(ward_id, city, own, typed=_as_typed(own or city))


@post(HERE)
async def save(
    request: Request[Any, Any, Any], ward_id: str, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Times of the ward's own, or the city's again (`whose` = city); `whose` = everyone sets the city's."""
    in_ward(actor, Permission.PLAN, ward_id)
    form = await request.form()
    whose = str(form.get("whose", "ward"))
    if whose == "city":
        await drop_policy(db, ward_id, by=actor, now=now)
        return redirect(_here(ward_id), flash=_("Phường, xã dùng giờ nhắc chung của thành phố."))
    if whose == "everyone":
        in_ward(actor, Permission.MANAGE_CITY, ward_id)
    try:
        wanted = read_policy(form)
    except InvalidInput as error:
        city, own = await policies(db, ward_id)
        typed = {name: str(form.get(name, ""))[:20] for name in _as_typed(city)}
        return _page(ward_id, city, own, typed={**typed, "whose": whose}, errors=error.fields, status=422)
    await set_policy(db, None if whose == "everyone" else ward_id, wanted, by=actor, now=now)
    return redirect(_here(ward_id), flash=_("Đã lưu giờ nhắc."))


def _here(ward_id: str) -> str:
    return f"/tin-nhan/{ward_id}/gio-nhac"


def _as_typed(policy: Policy) -> dict[str, Any]:
    return {
        "day_before_at": f"{policy.day_before_at:%H:%M}" if policy.day_before_at else "",
        "hours_before": policy.hours_before or "",
        "quiet_until": f"{policy.quiet_until:%H:%M}",
        "quiet_from": f"{policy.quiet_from:%H:%M}",
        "daily_cap": policy.daily_cap,
    }


def _page(
    ward_id: str,
    city: Policy,
    own: Policy | None,
    *,
    typed: dict[str, Any],
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response[Any]:
    return page(
        "notifications/policy.html",
        ward_id=ward_id,
        status=status,
        here=f"/tin-nhan/{ward_id}",
        city=city,
        own=own,
        typed=typed,
        errors=errors or {},
    )


HANDLERS = [times, save]
