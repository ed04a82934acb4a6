"""A helper's own page: coming and past sessions, accepting and declining."""

from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from lopso.kernel.errors import InvalidInput, NotFound
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from lopso.web.forms import Form, ListQuery, ReasonForm
from lopso.web.guards import SIGNED_IN
from lopso.web.pages import TemplatePage, page, redirect
from staffing.labels.helpers import ready_reasons, role_label
from staffing.labels.own_agenda import agenda
from staffing.queries import own_assignments as queries
from staffing.queries.own_assignments import HelperAssignment, OwnTrainer
from staffing.service import answers

HERE = "/viec-cua-toi"


@get(HERE, opt=SIGNED_IN)
async def mine(db: AsyncSession, actor: Actor, now: datetime, params: ListQuery) -> TemplatePage:
    """What is coming, as `agenda` orders it; six statements with the log-in."""
    me = await queries.own_trainer(db, actor)
    if me is None:
        return page("staffing/no_own_assignments.html")
    jobs = await queries.coming_assignments(db, me.trainer.id, now=now, number=params.number)
    today, waiting = await queries.today_and_unanswered(db, me.trainer.id, now=now)
    coming = agenda([job for job in jobs.items if _is_coming(job)], now)
    return page(
        "staffing/own_assignments.html",
        ward_id=me.trainer.ward_id,
        me=me,
        given_name=me.trainer.full_name.split()[-1],
        summary=_today_label(today),
        waiting=_waiting_label(waiting),
        jobs=jobs,
        coming=coming,
        no_longer=[job for job in jobs.items if not _is_coming(job)],
        role_name=role_label,
        together=_together,
    )


@get(f"{HERE}/da-qua", opt=SIGNED_IN)
async def past(db: AsyncSession, actor: Actor, now: datetime, params: ListQuery) -> TemplatePage:
    """What is over, latest first, in pages."""
    me = await _me(db, actor)
    jobs = await queries.past_assignments(db, me.trainer.id, now=now, number=params.number)
    return page(
        "staffing/own_past_assignments.html",
        ward_id=me.trainer.ward_id,
        me=me,
        jobs=jobs,
        role_name=role_label,
        past_state=_past_state,
    )


@post(f"{HERE}/{{assignment_id:int}}/nhan", status_code=200, opt=SIGNED_IN)
async def accept(assignment_id: int, db: AsyncSession, actor: Actor, now: datetime) -> Response[Any]:
    """Accept."""
    await answers.answer(db, assignment_id, accept=True, by=actor, now=now)
    return redirect(HERE, flash=_("Đã nhận. Cảm ơn bạn."), undo_url=f"{HERE}/{assignment_id}/hoan-tac")


@post(f"{HERE}/{{assignment_id:int}}/nhan-ca-lop", status_code=200, opt=SIGNED_IN)
async def accept_series(assignment_id: int, db: AsyncSession, actor: Actor, now: datetime) -> Response[Any]:
    """Accept every offered session of the series, from this one on."""
    count = await answers.accept_series(db, assignment_id, by=actor, now=now)
    return redirect(HERE, flash=ngettext("Đã nhận %(n)s buổi.", "Đã nhận %(n)s buổi.", count))


@get(f"{HERE}/{{assignment_id:int}}/ban", opt=SIGNED_IN)
async def busy(assignment_id: int, db: AsyncSession, actor: Actor, now: datetime) -> Response[Any]:
    """The form for declining: ready-made reasons, or own words."""
    job = await _job(db, actor, assignment_id)
    if not job.may_answer(now) or not _is_coming(job):
        return redirect(HERE, flash=_("Buổi này không cần trả lời nữa."), kind="warn")
    return _busy_page(job)


@post(f"{HERE}/{{assignment_id:int}}/ban", status_code=200, opt=SIGNED_IN)
async def decline(
    form: Form[ReasonForm], assignment_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Decline, with a reason."""
    reason = form.sensible().reason
    try:
        await answers.answer(db, assignment_id, accept=False, reason=reason, by=actor, now=now)
    except InvalidInput as refusal:
        job = await _job(db, actor, assignment_id)
        return _busy_page(job, errors=refusal.fields)
    return redirect(
        HERE,
        flash=_("Đã báo bận. Phường, xã sẽ tìm người thay."),
        undo_url=f"{HERE}/{assignment_id}/hoan-tac",
    )


@post(f"{HERE}/{{assignment_id:int}}/hoan-tac", status_code=200, opt=SIGNED_IN)
async def take_back(assignment_id: int, db: AsyncSession, actor: Actor, now: datetime) -> Response[Any]:
    """Undo an answer."""
    await answers.undo_answer(db, assignment_id, by=actor, now=now)
    return redirect(HERE, flash=_("Đã lấy lại câu trả lời. Buổi này đang chờ bạn trả lời."))


async def _me(db: AsyncSession, actor: Actor) -> OwnTrainer:
    me = await queries.own_trainer(db, actor)
    if me is None:
        raise NotFound
    return me


async def _job(db: AsyncSession, actor: Actor, assignment_id: int) -> HelperAssignment:
    me = await _me(db, actor)
    job = await queries.own_assignment(db, me.trainer.id, assignment_id)
    if job is None:
        raise NotFound
    return job


def _busy_page(job: HelperAssignment, *, errors: dict[str, str] | None = None) -> TemplatePage:
    return page(
        "staffing/decline.html",
        ward_id=job.session.ward_id,
        status=422 if errors else 200,
        job=job,
        ready_reasons=ready_reasons(),
        errors=errors or {},
    )


def _is_coming(job: HelperAssignment) -> bool:
    """Whether a session belongs among what is coming: asked, accepted, or called off under the helper."""
    return job.called_off or job.assignment.state in ("offered", "accepted")


def _together(job: HelperAssignment) -> str:
    """The others in a session, who teaches named as such."""
    return ", ".join(
        _("%(name)s (dạy chính)", name=each.name) if each.role == "trainer" else each.name
        for each in job.colleagues
    )


def _past_state(state: str) -> str:
    names = {"offered": _("Chưa trả lời"), "declined": _("Bạn đã báo bận"), "no_show": _("Ghi vắng mặt")}
    return names.get(state, _("Không còn phân công"))


def _today_label(sessions: int) -> str:
    if not sessions:
        return _("Hôm nay không có buổi nào.")
    return ngettext("Hôm nay có %(n)s buổi.", "Hôm nay có %(n)s buổi.", sessions)


def _waiting_label(sessions: int) -> str:
    if not sessions:
        return ""
    return ngettext("%(n)s buổi đang chờ bạn trả lời.", "%(n)s buổi đang chờ bạn trả lời.", sessions)


HANDLERS = [mine, past, accept, accept_series, busy, decline, take_back]
