"""The form in which a session is changed, alone or with those to come of its series."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from litestar import get
from litestar.response import Response
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import formatting
from lopso.kernel.access import Actor, Permission
from lopso.web.forms import Form
from lopso.web.guards import PARTIAL, of_row
from lopso.web.pages import page, redirect
from scheduling.forms.fields import ChangeScope
from scheduling.forms.plans import options
from scheduling.forms.sessions import SessionChangeForm, day_of_series, minutes_of, scope_within
from scheduling.labels.links import week_of
from scheduling.labels.series import weekday_options
from scheduling.labels.slot_overview import SlotOverview
from scheduling.models import ClassSession
from scheduling.queries import sessions as queries
from scheduling.queries.availability import HelperAvailability
from scheduling.queries.choices import choices
from scheduling.queries.series_changes import WeekdayChoice, weekday_choices
from scheduling.queries.series_scope import in_scope
from scheduling.routes.slot_overview import FormContext, OverviewFacts, overview_of, slot_overview
from scheduling.service.changes import check_changeable

EDIT = "/buoi/{session_id:int}/sua"


@get(EDIT, opt=of_row(Permission.PLAN))
async def edit_form(
    form: Form[SessionChangeForm],
    db: AsyncSession,
    actor: Actor,
    availability: HelperAvailability,
    now: datetime,
    session_id: int,
) -> Response[Any]:
    """A session as it is, or with what the address brings back."""
    session = await queries.session_to_plan(db, actor, session_id)
    check_changeable(session, now)
    typed = form.sensible()
    scope = scope_within(session, typed.switch_to or typed.scope)
    if typed.like_id not in (None, session_id):
        kept = _without_time_of(session, form)
        return redirect(f"/buoi/{typed.like_id}/sua?{urlencode(kept)}")
    if not form.typed.pairs(without=["pham_vi", "nhu_buoi", "xem"]):
        form = Form.of(SessionChangeForm.of(session))
    offered = await choices(db, session.ward_id)
    context = FormContext(db, session.ward_id, offered, availability, actor, now)
    return await change_form(context, session, form, scope, checked=False)


@get(EDIT + "/phong-va-nguoi", opt={**of_row(Permission.PLAN), **PARTIAL})
async def overview_of_change(
    form: Form[SessionChangeForm],
    db: AsyncSession,
    actor: Actor,
    availability: HelperAvailability,
    now: datetime,
    session_id: int,
) -> Response[Any]:
    """The part of the form that follows the typing: the room then, and who could come."""
    session = await queries.session_to_plan(db, actor, session_id)
    offered = await choices(db, session.ward_id)
    context = FormContext(db, session.ward_id, offered, availability, actor, now)
    found = await _overview(context, session, form, scope_within(session, form.sensible().scope))
    return page("scheduling/_slot_overview_part.html", ward_id=session.ward_id, overview=found)


async def change_form(
    context: FormContext,
    session: ClassSession,
    form: Form[SessionChangeForm],
    scope: ChangeScope,
    *,
    checked: bool = True,
) -> Response[Any]:
    """The page; `checked`: with the mistakes of what was typed."""
    overview = await _overview(context, session, form, scope)
    days: list[WeekdayChoice] = []
    if scope != "one":
        days = weekday_choices(session, await in_scope(context.db, session, scope, context.now))
    here = f"/buoi/{session.id}/sua"
    return page(
        "scheduling/session_form.html",
        ward_id=session.ward_id,
        form=form if checked else form.unchecked(),
        session=session,
        here=here,
        back=f"/buoi/{session.id}",
        week=week_of(session),
        kind=session.kind,
        scope=scope,
        when=formatting.day_and_hours(session.starts_at, session.ends_at),
        days=days,
        weekday_options=weekday_options(session),
        **options(context.offered, session.kind),
        **overview_of(overview, here, opened=form.sensible().look),
    )


def _without_time_of(session: ClassSession, form: Form[SessionChangeForm]) -> list[tuple[str, str]]:
    """What was typed, without the day and the hours where they are still those of this session."""
    shown = Form.of(SessionChangeForm.of(session)).typed
    same = [name for name in ("day", "since", "until") if form.typed[name] == shown[name]]
    return form.typed.pairs(without=["day", "nhu_buoi", "xem", *same])


async def _overview(
    context: FormContext, session: ClassSession, form: Form[SessionChangeForm], scope: ChangeScope
) -> SlotOverview:
    typed, errors = form.sensible(), dict(form.errors)
    if scope != "one":
        typed = replace(typed, day=day_of_series(typed, session, errors))
    typed = replace(typed, kind=session.kind)
    facts = OverviewFacts(typed, errors, minutes_of(session), session.course_id, session)
    return await slot_overview(context, facts)


HANDLERS = [edit_form, overview_of_change]
