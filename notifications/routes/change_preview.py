"""Preview of the messages that a change of the calendar or of a seat would send, before it is confirmed."""

from datetime import datetime
from typing import Any

from litestar import get
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from learners.queries.learners import learner_in
from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import NotFound
from lopso.kernel.i18n import gettext as _
from lopso.web.guards import PARTIAL, in_ward, of_row, require_in_ward
from lopso.web.pages import TemplatePage, is_htmx, page
from lopso.web.request import Request
from notifications import labels
from notifications.forms import ChangeParams, MoveParams
from notifications.service.change_preview import (
    ChangePreview,
    PreviewTarget,
    preview_cancellation,
    preview_change,
    preview_move,
)
from scheduling.queries.access import visible_session
from scheduling.queries.enrolments import active_enrolment
from scheduling.queries.learner_moves import move_plan
from scheduling.rules.plan import SessionChange, decode_change

HERE = "/buoi/{session_id:int}"


@get(HERE + "/sua/tin-nhan", opt={**of_row(Permission.PLAN, seen_by_helpers=True), **PARTIAL})
async def preview_of_change(
    request: Request,
    session_id: int,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
    params: ChangeParams,
) -> Response[Any]:
    """Preview of a change: a part of the page that asks for confirmation."""
    target, ward_id = await _target(db, session_id, actor, params)
    try:
        change = decode_change(params.change) if params.change else SessionChange()
    except ValueError:
        raise NotFound from None
    preview = await preview_change(db, target, change, by=actor, now=now)
    return change_preview_page(request, ward_id, f"/buoi/{session_id}", preview, now, moving=True)


@get(HERE + "/huy/tin-nhan", opt={**of_row(Permission.PLAN, seen_by_helpers=True), **PARTIAL})
async def preview_of_cancellation(
    request: Request,
    session_id: int,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
    params: ChangeParams,
) -> Response[Any]:
    """Preview of a cancellation, with the reason typed so far."""
    target, ward_id = await _target(db, session_id, actor, params)
    shown_reason = params.reason[:200] or _("(lý do)")
    preview = await preview_cancellation(db, target, shown_reason, by=actor, now=now)
    back = f"/buoi/{session_id}/huy?{request.url.query}"
    return change_preview_page(request, ward_id, back, preview, now)


@get(
    "/nguoi-hoc/{ward_id:str}/{learner_id:int}/buoi/{session_id:int}/doi/tin-nhan",
    opt={**in_ward(Permission.PLAN), **PARTIAL},
)
async def preview_of_move(
    request: Request,
    ward_id: str,
    learner_id: int,
    session_id: int,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
    params: MoveParams,
) -> Response[Any]:
    """Preview of moving a learner to another class."""
    await learner_in(db, ward_id, learner_id)
    session = await visible_session(db, session_id, by=actor)
    target = await visible_session(db, params.target_id or session_id, by=actor)
    for each in (session, target):
        require_in_ward(actor, Permission.PLAN, each.ward_id)
        require_in_ward(actor, Permission.SEE_MESSAGES, each.ward_id)
    if await active_enrolment(db, session_id, learner_id) is None:
        raise NotFound
    plan = await move_plan(db, session, target, learner_id, whole=params.scope == "loat", now=now)
    leave, join = [each.id for each in plan.leave], [each.id for each in plan.join]
    preview = await preview_move(db, learner_id, leave=leave, join=join, by=actor, now=now)
    back = f"/nguoi-hoc/{ward_id}/{learner_id}/buoi/{session_id}/doi?{request.url.query}"
    return change_preview_page(request, ward_id, back, preview, now)


async def _target(
    db: AsyncSession, session_id: int, actor: Actor, params: ChangeParams
) -> tuple[PreviewTarget, str]:
    """The session or series of the address, and the code of its ward."""
    session = await visible_session(db, session_id, by=actor)
    require_in_ward(actor, Permission.PLAN, session.ward_id)
    require_in_ward(actor, Permission.SEE_MESSAGES, session.ward_id)
    scope = params.scope if session.series_id is not None else None
    picked = params.picked if params.picked or params.with_ticks else None  # None: all of them
    return PreviewTarget(session_id, scope, picked, params.apart), session.ward_id


def change_preview_page(
    request: Request,
    ward_id: str | None,
    back: str,
    preview: ChangePreview,
    now: datetime,
    *,
    moving: bool = False,
) -> TemplatePage:
    """The preview, for htmx a part of the page that asks.

    Args:
        back: the page that asks.
        moving: whether it is of moved sessions, whose reminders say the new time.
    """
    return page(
        "notifications/_change_preview.html" if is_htmx(request) else "notifications/change_preview.html",
        ward_id=ward_id,
        back=back,
        preview=preview,
        moving=moving,
        segment_price=request.app.state.settings.sms_segment_price,
        labels=labels,
        now=now,
    )


HANDLERS = [preview_of_change, preview_of_cancellation, preview_of_move]
