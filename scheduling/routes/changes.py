"""Changing a session, alone or with those to come of its series: preview, confirmation."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import InvalidInput, Refused
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from lopso.web.forms import Form
from lopso.web.guards import of_row
from lopso.web.pages import page, redirect
from scheduling.forms.fields import ChangeScope
from scheduling.forms.plans import more_than_seats
from scheduling.forms.sessions import SessionChangeForm, read_change, scope_within
from scheduling.labels.links import back_of, week_of
from scheduling.labels.refusals import refusal_text
from scheduling.labels.series import meeting_twice_label
from scheduling.models import ClassSession
from scheduling.queries import sessions as queries
from scheduling.queries.availability import HelperAvailability
from scheduling.queries.changes import PlannedChange, WantedChange, planned_changes
from scheduling.queries.choices import choices
from scheduling.queries.series_changes import (
    planned_series_changes,
    twice_a_week,
)
from scheduling.queries.session_values import values_of
from scheduling.routes.change_form import EDIT, change_form
from scheduling.routes.change_rows import preview_row
from scheduling.routes.slot_overview import FormContext
from scheduling.rules.plan import SessionChange, apply_change, encode_change
from scheduling.service.changes import change_session, check_changeable
from scheduling.service.series_changes import change_series


@get(EDIT + "/xem-truoc", opt=of_row(Permission.PLAN))
async def preview_change(
    form: Form[SessionChangeForm],
    db: AsyncSession,
    actor: Actor,
    availability: HelperAvailability,
    now: datetime,
    session_id: int,
) -> Response[Any]:
    """What would change, what prevents it, who would be notified."""
    session = await queries.session_to_plan(db, actor, session_id)
    check_changeable(session, now)
    offered = await choices(db, session.ward_id)
    context = FormContext(db, session.ward_id, offered, availability, actor, now)
    return await _preview(context, session, form)


@post(EDIT, opt=of_row(Permission.PLAN))
async def change(
    form: Form[SessionChangeForm],
    db: AsyncSession,
    actor: Actor,
    availability: HelperAvailability,
    now: datetime,
    session_id: int,
) -> Response[Any]:
    """Change what was picked."""
    session = await queries.session_to_plan(db, actor, session_id)
    typed = form.sensible()
    scope, picked = scope_within(session, typed.scope), typed.picked
    try:
        wanted = await _wanted(db, session, form, scope)
        if scope == "one":
            await change_session(db, session_id, wanted, by=actor, now=now)
            return redirect(f"/buoi/{session_id}", flash=_("Đã lưu thay đổi."))
        origin = back_of(session, whole=True)  # undoing deletes the series that a split makes
        done = await change_series(
            db,
            session_id,
            wanted,
            scope=scope,
            picked=picked,
            apart=typed.apart,
            seen=typed.seen,
            by=actor,
            now=now,
        )
    except (InvalidInput, Refused) as refusal:
        session = await queries.session_to_plan(db, actor, session_id)  # locked meanwhile, its place unloaded
        offered = await choices(db, session.ward_id)
        context = FormContext(db, session.ward_id, offered, availability, actor, now)
        return await _preview(context, session, form, picked=picked, refusal=refusal)
    flash = ngettext("Đã đổi %(n)s buổi.", "Đã đổi %(n)s buổi.", len(done.session_ids))
    left = " ".join([_("Chưa đổi được:"), *done.left_out]) if done.left_out else ""
    await db.refresh(session)
    back = back_of(session, whole=True)
    undo = f"{origin}/lan-doi/hoan-tac?doi={done.change_id}" if done.change_id else None
    return redirect(back, flash=f"{flash} {left}".strip(), kind="warn" if left else "ok", undo_url=undo)


async def _wanted(
    db: AsyncSession, session: ClassSession, form: Form[SessionChangeForm], scope: ChangeScope
) -> SessionChange:
    offered = await choices(db, session.ward_id)
    return read_change(form, session, offered, alone=scope == "one")[1]


async def _preview(
    context: FormContext,
    session: ClassSession,
    form: Form[SessionChangeForm],
    *,
    picked: Collection[int] | None = None,
    refusal: InvalidInput | Refused | None = None,
) -> Response[Any]:
    typed = form.sensible()
    scope = scope_within(session, typed.scope)
    db, offered, now = context.db, context.offered, context.now
    facts = values_of(session)
    try:
        after, wanted = read_change(form, session, offered, alone=scope == "one")
        if after.slot != facts.slot and after.slot.starts_at <= now:
            raise InvalidInput({"since": _("Giờ mới đã qua; hãy chọn giờ sắp tới.")})
        if scope != "one" and (twice := await twice_a_week(db, session, wanted)):
            raise InvalidInput({"thu": meeting_twice_label(twice)})
    except InvalidInput as error:
        return await change_form(context, session, form.refused(error), scope)
    found, state = await _found(db, session, wanted, scope, now)
    if not found:
        return redirect(f"/buoi/{session.id}", flash=_("Không có gì thay đổi."))
    fields = form.typed.pairs(without=["pick", "rieng", "seen", "xem"])
    here = f"/buoi/{session.id}/sua"
    lines = [preview_row(each, offered, context.by, picked, typed.apart) for each in found]
    return page(
        "scheduling/change_preview.html",
        status=refusal.status if refusal else 200,
        ward_id=session.ward_id,
        session=session,
        here=here,
        back=f"{here}?{urlencode(fields)}",
        fields=fields,
        scope=scope,
        week=week_of(session),
        lines=lines,
        possible=sum(each.checked for each in lines),
        apart=sum(each.apart for each in lines),
        apart_choice=typed.apart,
        seen=state,
        affected=await queries.affected_people(db, [each.session.id for each in found if each.notifies]),
        texts=f"{here}/tin-nhan?{urlencode({'pham_vi': scope, 'doi': encode_change(wanted)})}",
        crowded=more_than_seats(after.capacity, after.place, offered),
        refusal=refusal_text(refusal),
    )


async def _found(
    db: AsyncSession, session: ClassSession, change: SessionChange, scope: ChangeScope, now: datetime
) -> tuple[Sequence[PlannedChange], str]:
    """The sessions that the change touches, with what prevents it; and how those of a series stand."""
    if scope != "one":
        return await planned_series_changes(db, session, change, scope=scope, now=now)
    before = values_of(session)
    after = apply_change(before, change)
    wanted = [WantedChange(session, before, after)] if after != before else []
    return await planned_changes(db, wanted, meetings={}, now=now), ""


HANDLERS = [preview_change, change]
