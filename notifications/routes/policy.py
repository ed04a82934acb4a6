"""Reminder times, quiet hours, caps and budgets: the city's, and a ward's own."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import formatting
from lopso.kernel.access import Actor, Permission
from lopso.kernel.clock import local_day
from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _
from lopso.web.forms import Form
from lopso.web.guards import in_ward, require_in_ward
from lopso.web.pages import page, redirect
from lopso.web.request import Request
from notifications.forms import KINDS, BudgetForm, PolicyForm, read_policy
from notifications.queries.spending import spent_in_month
from notifications.rules.timing import WIDEST, Policy, Times
from notifications.service.policy import Policies, drop_policy, policies, set_budget, set_policy
from notifications.service.replanning import replanning_requested
from scheduling.labels.sessions import kind_label

HERE = "/tin-nhan/{ward_id:str}/gio-nhac"


@get(HERE, opt=in_ward(Permission.SEE_MESSAGES))
async def times(request: Request, ward_id: str, db: AsyncSession, now: datetime) -> Response[Any]:
    """The times in force, and the cost of the month; whoever plans here may change the times."""
    held = await policies(db, ward_id)
    return await _page(request, db, ward_id, held, now, typed=_as_typed(held))


@post(HERE, opt=in_ward(Permission.PLAN))
async def save(
    request: Request,
    form: Form[PolicyForm],
    ward_id: str,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
) -> Response[Any]:
    """Set the ward's own times, or the city's again (`whose` = city); `whose` = everyone sets the city's."""
    whose = form.typed["whose"] or "ward"
    if whose == "city":
        followed = await drop_policy(db, ward_id, by=actor, now=now)
        return redirect(
            _here(ward_id), flash=_("Phường, xã dùng giờ nhắc chung của thành phố.") + _in_turn(followed)
        )
    if whose == "everyone":
        require_in_ward(actor, Permission.MANAGE_CITY, ward_id)
    held = await policies(db, ward_id)
    within = WIDEST if whose == "everyone" else (held.city.quiet_until, held.city.quiet_from)
    try:
        wanted = read_policy(form, today=local_day(now), within=within)
    except InvalidInput as error:
        usual = _as_typed(held)
        typed = {name: form.typed[name][:20] for name in usual} | _budgets_as_typed(held)
        typed |= {"whose": whose, "differs": form.typed.many("differs")}
        return await _page(request, db, ward_id, held, now, typed=typed, errors=error.fields, status=422)
    followed = await set_policy(db, None if whose == "everyone" else ward_id, wanted, by=actor, now=now)
    return redirect(_here(ward_id), flash=_("Đã lưu giờ nhắc.") + _in_turn(followed))


@post(HERE + "/han-muc", opt=in_ward(Permission.MANAGE_CITY))
async def save_budgets(
    request: Request,
    form: Form[BudgetForm],
    ward_id: str,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
) -> Response[Any]:
    """Set the budget of this ward and that of every ward; for the city alone."""
    try:
        budget = form.value()
    except InvalidInput as error:
        held = await policies(db, ward_id)
        typed = _as_typed(held)
        typed |= {name: form.typed[name][:20] for name in _budgets_as_typed(held)}
        return await _page(request, db, ward_id, held, now, typed=typed, errors=error.fields, status=422)
    own, citys = _amount(budget.ward_budget), _amount(budget.monthly_budget)
    await set_budget(db, ward_id, own=own, citys=citys, warning=budget.budget_warning, by=actor, now=now)
    return redirect(_here(ward_id), flash=_("Đã lưu hạn mức."))


def _amount(typed: int | None) -> Decimal | None:
    return None if typed is None else Decimal(typed)


def _in_turn(followed: bool) -> str:
    return "" if followed else " " + _("Tin nhắc đã lên lịch sẽ theo giờ mới trong ít phút.")


def _here(ward_id: str) -> str:
    return f"/tin-nhan/{ward_id}/gio-nhac"


def _as_typed(held: Policies) -> dict[str, Any]:
    policy = held.ward
    typed: dict[str, Any] = {
        "quiet_until": formatting.hour(policy.quiet_until),
        "quiet_from": formatting.hour(policy.quiet_from),
        "daily_cap": policy.daily_cap,
        "useless_minutes": policy.useless_minutes or "",
        **_budgets_as_typed(held),
        "differs": list(policy.kinds),
        **_times_as_typed("", Times(policy.day_before_at, policy.hours_before)),
    }
    for kind in KINDS:
        usual = Times(policy.day_before_at, policy.hours_before)
        typed |= _times_as_typed(f"{kind}_", policy.kinds.get(kind, usual))
    return typed


def _budgets_as_typed(held: Policies) -> dict[str, Any]:
    return {
        "ward_budget": _grouped(held.own_budget),
        "monthly_budget": _grouped(held.city.monthly_budget),
        "budget_warning": held.city.budget_warning,
    }


def _times_as_typed(prefix: str, times: Times) -> dict[str, Any]:
    return {
        f"{prefix}day_before_at": formatting.hour(times.day_before_at) if times.day_before_at else "",
        f"{prefix}hours_before": times.hours_before or "",
    }


def _grouped(amount: Decimal | None) -> str:
    return "" if amount is None else formatting.number(int(amount))


async def _page(
    request: Request,
    db: AsyncSession,
    ward_id: str,
    held: Policies,
    now: datetime,
    *,
    typed: Mapping[str, Any],
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response[Any]:
    shown: Policy = held.ward
    month = local_day(now).replace(day=1)
    return page(
        "notifications/policy.html",
        ward_id=ward_id,
        status=status,
        here=f"/tin-nhan/{ward_id}",
        own=held.differs,
        own_budget=held.own_budget is not None,
        shown=shown,
        kinds={kind: kind_label(kind) for kind in KINDS},
        typed=typed,
        errors=errors or {},
        month=month,
        spending=await spent_in_month(
            db, ward_id, month, shown, segment_price=request.app.state.settings.sms_segment_price
        ),
        replanning=await replanning_requested(db, ward_id),
    )


HANDLERS = [times, save, save_budgets]
