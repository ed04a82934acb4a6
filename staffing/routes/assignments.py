"""One helper in a session: their answer, role, absence, and taking them off."""

from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import InvalidInput, Refused
from lopso.kernel.i18n import gettext as _
from lopso.web.forms import Form
from lopso.web.guards import of_row
from lopso.web.pages import TemplatePage, redirect
from scheduling.queries.access import visible_session
from staffing.forms.assignments import AnswerForm, PresenceForm, RoleForm, WithdrawForm
from staffing.labels.helpers import role_label
from staffing.routes import staffing_page as view
from staffing.routes.access import planned_assignment
from staffing.service import answers, assignments

HERE = "/buoi/{session_id:int}/phan-cong/{assignment_id:int}"
PLANNED = of_row(Permission.PLAN, seen_by_helpers=True)


@get(HERE, opt=PLANNED)
async def member(
    session_id: int, assignment_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> TemplatePage:
    """One person in a session, and everything that can be done about it."""
    row = await planned_assignment(db, session_id, assignment_id, actor)
    session = await visible_session(db, session_id, by=actor)
    return await view.member_page(db, session, row, by=actor, now=now)


@post(HERE + "/tra-loi", status_code=200, opt=PLANNED)
async def record_answer(
    form: Form[AnswerForm],
    session_id: int,
    assignment_id: int,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
) -> Response[Any]:
    """A coordinator notes what a helper said on the phone."""
    row = await planned_assignment(db, session_id, assignment_id, actor)
    said = form.sensible()
    try:
        await answers.answer(db, row.id, accept=said.accept, reason=said.reason, by=actor, now=now)
    except (Refused, InvalidInput) as refusal:
        return await _refused(db, session_id, assignment_id, refusal, actor, now)
    flash = _("Đã ghi: %(name)s nhận lời.") if said.accept else _("Đã ghi: %(name)s báo bận.")
    return redirect(
        _here(session_id),
        flash=flash % {"name": row.trainer.full_name},
        undo_url=f"{_here(session_id)}/{assignment_id}/hoan-tac",
    )


@post(HERE + "/hoan-tac", status_code=200, opt=PLANNED)
async def undo_answer(
    session_id: int, assignment_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Undo an answer noted by mistake."""
    row = await planned_assignment(db, session_id, assignment_id, actor)
    try:
        await answers.undo_answer(db, row.id, by=actor, now=now)
    except Refused as refusal:
        return await _refused(db, session_id, assignment_id, refusal, actor, now)
    return redirect(_here(session_id), flash=_("%(name)s lại ở mục chờ trả lời.", name=row.trainer.full_name))


@post(HERE + "/rut", status_code=200, opt=PLANNED)
async def withdraw(
    form: Form[WithdrawForm],
    session_id: int,
    assignment_id: int,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
) -> Response[Any]:
    """Take somebody off a session, or off it and the later ones of its series."""
    row = await planned_assignment(db, session_id, assignment_id, actor)
    typed = form.sensible()
    name, number = row.trainer.full_name, 1
    try:
        if typed.whole_series:
            number = await assignments.withdraw_from_series(
                db, row.id, reason=typed.reason, by=actor, now=now
            )
        else:
            await assignments.withdraw(db, row.id, reason=typed.reason, by=actor, now=now)
    except (Refused, InvalidInput) as refusal:
        return await _refused(db, session_id, assignment_id, refusal, actor, now)
    if number > 1:
        flash = _("Đã rút phân công của %(name)s khỏi %(n)s buổi.", name=name, n=number)
        return redirect(_here(session_id), flash=flash)
    return redirect(_here(session_id), flash=_("Đã rút phân công của %(name)s.", name=name))


@post(HERE + "/vai-tro", status_code=200, opt=PLANNED)
async def change_role(
    form: Form[RoleForm],
    params: RoleForm,
    session_id: int,
    assignment_id: int,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
) -> Response[Any]:
    """Have somebody teach instead of help, or the other way round; undoing sends the role in the address."""
    row = await planned_assignment(db, session_id, assignment_id, actor)
    role = form.sensible().role or params.role or "helper"
    before, name = row.role, row.trainer.full_name
    try:
        await assignments.change_role(db, row.id, role, by=actor, now=now)
    except Refused as refusal:
        return await _refused(db, session_id, assignment_id, refusal, actor, now)
    undo = f"{_here(session_id)}/{assignment_id}/vai-tro?vai={before}" if before != role else None
    flash = _("%(name)s nay là %(role)s.", name=name, role=role_label(role))
    return redirect(_here(session_id), flash=flash, undo_url=undo)


@post(HERE + "/vang-mat", status_code=200, opt=PLANNED)
async def record_absence(
    form: Form[PresenceForm],
    session_id: int,
    assignment_id: int,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
) -> Response[Any]:
    """Note that somebody did not come, or did after all."""
    row = await planned_assignment(db, session_id, assignment_id, actor)
    came = form.sensible().came
    try:
        await assignments.record_absence(db, row.id, came=came, by=actor, now=now)
    except Refused as refusal:
        return await _refused(db, session_id, assignment_id, refusal, actor, now)
    flash = _("Đã ghi: %(name)s có mặt.") if came else _("Đã ghi: %(name)s không đến.")
    return redirect(_here(session_id), flash=flash % {"name": row.trainer.full_name})


async def _refused(
    db: AsyncSession,
    session_id: int,
    assignment_id: int,
    refusal: Refused | InvalidInput,
    actor: Actor,
    now: datetime,
) -> TemplatePage:
    """The person's page as it is now, with the sentence on it."""
    await db.rollback()
    row = await planned_assignment(db, session_id, assignment_id, actor)
    session = await visible_session(db, session_id, by=actor)
    errors = refusal.fields if isinstance(refusal, InvalidInput) else {"": refusal.sentence}
    return await view.member_page(db, session, row, by=actor, now=now, errors=errors, status=refusal.status)


def _here(session_id: int) -> str:
    return f"/buoi/{session_id}/phan-cong"


HANDLERS = [member, record_answer, undo_answer, withdraw, change_role, record_absence]
