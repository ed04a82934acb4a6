"""A session of its own, without a series: a market round, home visits, an event, a training, one class."""

from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.response import Response
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _
from lopso.web.forms import Form
from lopso.web.guards import PARTIAL, in_ward
from lopso.web.pages import page, redirect
from scheduling.errors import RoomTaken
from scheduling.forms.plans import WITH_COURSE, more_than_seats, options
from scheduling.forms.sessions import USUAL_MINUTES, NewSessionForm, NewSessionQuery, read_session
from scheduling.labels.sessions import day_off_label, kind_label
from scheduling.labels.slot_overview import SlotOverview
from scheduling.models import SESSION_KINDS
from scheduling.queries.availability import HelperAvailability
from scheduling.queries.choices import Choices, choices
from scheduling.queries.holidays import days_off
from scheduling.routes.slot_overview import FormContext, OverviewFacts, overview_of, slot_overview
from scheduling.rules.plan import SessionTemplate
from scheduling.rules.recurrence import Slot
from scheduling.service.sessions import plan_session

NEW = "/lich/{ward_id:str}/buoi-moi"


@get(NEW, opt=in_ward(Permission.PLAN))
async def new_session(
    db: AsyncSession,
    actor: Actor,
    availability: HelperAvailability,
    now: datetime,
    ward_id: str,
    params: NewSessionQuery,
) -> Response[Any]:
    """An empty form for one kind of session, or one that begins with a day, a time and a room."""
    form = Form.of(
        NewSessionForm(
            kind=params.kind or "market_round", day=params.day, since=params.since, room=params.room
        )
    )
    offered = await choices(db, ward_id)
    return await _form(FormContext(db, ward_id, offered, availability, actor, now), form)


@get(NEW + "/phong-va-nguoi", opt={**in_ward(Permission.PLAN), **PARTIAL})
async def overview_of_new_session(
    form: Form[NewSessionForm],
    db: AsyncSession,
    actor: Actor,
    availability: HelperAvailability,
    now: datetime,
    ward_id: str,
) -> Response[Any]:
    """The part of the form that follows the typing: the room then, and who could come."""
    context = FormContext(db, ward_id, await choices(db, ward_id), availability, actor, now)
    found = await _overview(context, form)
    return page("scheduling/_slot_overview_part.html", ward_id=ward_id, overview=found)


@post(NEW, opt=in_ward(Permission.PLAN))
async def add_session(
    form: Form[NewSessionForm],
    db: AsyncSession,
    actor: Actor,
    availability: HelperAvailability,
    now: datetime,
    ward_id: str,
) -> Response[Any]:
    """Plan it as a draft; what is unusual has to be confirmed once. `switch_to` only changes the form."""
    offered = await choices(db, ward_id)
    context = FormContext(db, ward_id, offered, availability, actor, now)
    typed = form.sensible()
    if typed.switch_to or typed.look:
        return await _form(context, form, kind=typed.switch_to, checked=False)
    try:
        details, slot = read_session(form, offered)
        warnings = await _warnings(db, ward_id, details, slot, offered, now)
        if warnings and form.sensible().seen != _mark(warnings):
            return await _form(context, form, warnings=warnings)
        session = await plan_session(db, ward_id, details, slot, by=actor, now=now)
    except InvalidInput as error:
        return await _form(context, form.refused(error))
    except RoomTaken as refusal:
        return await _form(context, form.refused(InvalidInput({"room": refusal.sentence})))
    return redirect(f"/buoi/{session.id}", flash=_("Đã lập buổi này, còn là bản nháp: chưa ai được báo."))


async def _warnings(
    db: AsyncSession, ward_id: str, details: SessionTemplate, slot: Slot, offered: Choices, now: datetime
) -> list[str]:
    found: list[str] = []
    if slot.starts_at <= now:
        found.append(_("Ngày giờ này đã qua."))
    off = await days_off(db, ward_id=ward_id, since=slot.day, until=slot.day)
    if slot.day in off:
        found.append(_("Hôm đó là ngày nghỉ: %(name)s.", name=day_off_label(off[slot.day])))
    crowded = more_than_seats(details.capacity, details.place, offered)
    return [*found, crowded] if crowded else found


def _mark(warnings: list[str]) -> str:
    """What the second sending carries: these very warnings were read."""
    return " ".join(warnings)


async def _overview(context: FormContext, form: Form[NewSessionForm], kind: str = "") -> SlotOverview:
    typed = form.sensible()
    if kind:
        typed = replace(typed, kind=kind)
    course = context.offered.courses.get(typed.course or 0) if typed.kind in WITH_COURSE else None
    minutes = course.duration_minutes if course else USUAL_MINUTES
    return await slot_overview(
        context, OverviewFacts(typed, form.errors, minutes, course.id if course else None)
    )


async def _form(
    context: FormContext,
    form: Form[NewSessionForm],
    *,
    kind: str = "",
    warnings: list[str] | None = None,
    checked: bool = True,
) -> Response[Any]:
    ward_id, offered = context.ward_id, context.offered
    kind = kind or form.sensible().kind
    here = f"/lich/{ward_id}/buoi-moi"
    overview = await _overview(context, form, kind)
    return page(
        "scheduling/new_session.html",
        ward_id=ward_id,
        status=422 if warnings else 200,
        form=form if checked else form.unchecked(),
        here=here,
        calendar=f"/lich/{ward_id}",
        kind=kind,
        kinds=[(each, kind_label(each)) for each in SESSION_KINDS],
        **options(offered, kind),
        warnings=warnings or [],
        seen=_mark(warnings) if warnings else "",
        **overview_of(overview, here, opened=form.sensible().look),
    )


HANDLERS = [new_session, overview_of_new_session, add_session]
