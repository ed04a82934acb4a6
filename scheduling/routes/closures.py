"""Cancelling the sessions of several wards on some days: form, preview, start, progress."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor, Permission
from lopso.kernel.clock import local_day
from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _
from lopso.kernel.message_safety import unsuitable
from lopso.web.forms import Form
from lopso.web.guards import of_row, somewhere
from lopso.web.pages import is_htmx, page, redirect
from lopso.web.request import Request
from scheduling.forms.closures import ClosureForm, read_closure
from scheduling.labels.closures import closure_days_label, kinds_label
from scheduling.labels.sessions import kind_label
from scheduling.models import SESSION_KINDS
from scheduling.queries import closures as queries
from scheduling.queries.places import place_of
from scheduling.rules.reasons import GENERAL_REASONS
from scheduling.service.closures import becomes_days_off, nothing_to_close, start_closure
from venues.models import Ward

HERE = "/lich/nghi-dong-loat"
PLANNERS = somewhere(Permission.PLAN)


@get(HERE, opt=PLANNERS)
async def closure_form(form: Form[ClosureForm], db: AsyncSession, actor: Actor) -> Response[Any]:
    """Which wards, days and kinds; the latest closures. Two statements and the log-in."""
    wards = await queries.plannable_wards(db, by=actor)
    if not form.typed.pairs(without=["phuong"]):
        form = Form.of(ClosureForm(wards=form.sensible().wards, kinds=SESSION_KINDS))
    return await _form(db, actor, wards, form.unchecked())


@get(HERE + "/xem-truoc", opt=PLANNERS)
async def preview_closure(
    form: Form[ClosureForm], db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Every session that would be cancelled, by ward. Four statements and the log-in."""
    return await _preview(form, db, actor, now)


@post(HERE, opt=PLANNERS)
async def close(form: Form[ClosureForm], db: AsyncSession, actor: Actor, now: datetime) -> Response[Any]:
    """Start it: a worker cancels ward by ward."""
    wards = await queries.plannable_wards(db, by=actor)
    try:
        plan, reason = read_closure(form, [each.id for each in wards], local_day(now))
        closure = await start_closure(db, plan, reason=reason, by=actor, now=now)
    except InvalidInput as error:
        return await _form(db, actor, wards, form.refused(error))
    return redirect(f"{HERE}/{closure.id}")


@get(HERE + "/{closure_id:int}", opt=of_row(Permission.PLAN))
async def closure_page(request: Request, db: AsyncSession, actor: Actor, closure_id: int) -> Response[Any]:
    """How far it is, ward by ward; a part of the page while a worker is at it."""
    found = await queries.closure_progress(db, closure_id, by=actor)
    closure = found.closure
    return page(
        "scheduling/_closure_progress.html" if is_htmx(request) else "scheduling/closure.html",
        here=f"{HERE}/{closure_id}",
        found=found,
        days=closure_days_label(closure.first_day, closure.last_day),
        kinds=kinds_label(closure.kinds),
    )


async def _form(
    db: AsyncSession, actor: Actor, wards: Sequence[Ward], form: Form[ClosureForm]
) -> Response[Any]:
    recent = await queries.recent_closures(db, by=actor)
    return page(
        "scheduling/closure_form.html",
        ward_id=wards[0].id if len(wards) == 1 else None,
        form=form,
        here=HERE,
        ward_options=[(each.id, each.full_name) for each in wards],
        kind_options=[(each, kind_label(each)) for each in SESSION_KINDS],
        recent=[(each, closure_days_label(each.first_day, each.last_day)) for each in recent],
        reasons=usual_reasons(),
    )


async def _preview(form: Form[ClosureForm], db: AsyncSession, actor: Actor, now: datetime) -> Response[Any]:
    wards = await queries.plannable_wards(db, by=actor)
    try:
        plan, reason = read_closure(form, [each.id for each in wards], local_day(now))
        found = await queries.sessions_to_close(db, plan, now=now)
        if not found:
            raise nothing_to_close()
    except InvalidInput as error:
        return await _form(db, actor, wards, form.refused(error))
    public = [each.id for _ward, some in found for each in some if each.published_at is not None]
    fields = form.typed.pairs(without=["_once"])
    return page(
        "scheduling/closure_preview.html",
        ward_id=wards[0].id if len(wards) == 1 else None,
        here=HERE,
        back=f"{HERE}?{urlencode(fields)}",
        texts=f"{HERE}/tin-nhan?{urlencode(fields)}" if public else None,
        fields=fields,
        days=closure_days_label(plan.first_day, plan.last_day),
        kinds=kinds_label(plan.kinds),
        found=found,
        total=sum(len(some) for _ward, some in found),
        begun=sum(each.starts_at <= now for _ward, some in found for each in some),
        audience=await queries.closure_audience(db, public),
        reason=reason,
        unquotable=unsuitable(reason) if public else None,
        said_instead=GENERAL_REASONS,
        may_see_texts=all(actor.may(Permission.SEE_MESSAGES, each) for each in plan.ward_ids),
        place_of=place_of,
        becomes_day_off=becomes_days_off(plan),
    )


def usual_reasons() -> Sequence[str]:
    """What such a closure is for most often."""
    return (_("Mưa bão"), _("Ngập lụt"), _("Nắng nóng gay gắt"), _("Dịch bệnh"))


HANDLERS = [closure_form, preview_closure, close, closure_page]
