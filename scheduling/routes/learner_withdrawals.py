"""Taking a learner off a class from the learner's page, and undoing it; all coming dates of one series."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from learners.queries.learners import learner_in
from lopso.kernel import formatting
from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import NotFound, Refused
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from lopso.web.forms import Form, ListQuery
from lopso.web.guards import in_ward
from lopso.web.pages import TemplatePage, page, redirect
from scheduling.forms.learner_classes import LeaveForm, LeftAtQuery
from scheduling.labels.learner_classes import rhythm_label
from scheduling.labels.links import learner_page_of
from scheduling.queries import enrolments as queries
from scheduling.queries.places import place_of
from scheduling.queries.series import coming_in_series
from scheduling.queries.upcoming_classes import upcoming_of_series
from scheduling.routes.access import planned_session
from scheduling.routes.enrolment_results import names_text
from scheduling.service.enrolments import CancelledEnrolment, cancel_enrolments, full_name
from scheduling.service.restored_enrolments import (
    RestoredEnrolment,
    cancelled_together,
    restore_enrolments,
)

HERE = "/nguoi-hoc/{ward_id:str}/{learner_id:int}"


@get(HERE + "/lop/{series_id:int}", opt=in_ward(Permission.SEE_PEOPLE))
async def series_of_learner(
    ward_id: str, learner_id: int, series_id: int, db: AsyncSession, now: datetime, params: ListQuery
) -> TemplatePage:
    """Every coming date of one series for a learner, a page at a time."""
    learner = await learner_in(db, ward_id, learner_id)
    found = await upcoming_of_series(db, learner_id, series_id, now=now, number=params.number)
    if not found.items:
        raise NotFound
    return page(
        "scheduling/learner_series.html",
        ward_id=ward_id,
        learner=learner,
        here=learner_page_of(learner),
        series_id=series_id,
        found=found,
        rhythm=rhythm_label(found.items),
        place_of=place_of,
    )


@post(HERE + "/buoi/{session_id:int}/nghi", opt=in_ward(Permission.PLAN))
async def leave(
    form: Form[LeaveForm],
    ward_id: str,
    learner_id: int,
    session_id: int,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
) -> Response[Any]:
    """Take the learner off one session, or off it and the later ones of its series; can be undone."""
    learner = await learner_in(db, ward_id, learner_id)
    session = await planned_session(db, session_id, actor)
    here = learner_page_of(learner)
    sessions = await coming_in_series(db, session, now=now) if form.sensible().whole_series else [session]
    try:
        left = await cancel_enrolments(db, [each.id for each in sessions], learner_id, by=actor, now=now)
    except Refused as refusal:
        await db.rollback()
        return redirect(here, flash=refusal.sentence, kind="warn")
    if not left:
        return redirect(here, flash=_("Người này không còn trong buổi đó."), kind="warn")
    name = full_name(learner)
    if len(left) > 1:
        flash = _("Đã ghi %(name)s nghỉ %(n)s buổi: %(title)s.", name=name, n=len(left), title=session.title)
    else:
        when = formatting.day_and_hours(session.starts_at, session.ends_at)
        flash = _("Đã ghi %(name)s nghỉ %(title)s, %(when)s.", name=name, title=session.title, when=when)
    flash += await promoted_sentence(db, left)
    return redirect(here, flash=flash, undo_url=f"{here}/ghi-lai?luc={quote(now.isoformat())}")


@post(HERE + "/ghi-lai", opt=in_ward(Permission.PLAN))
async def undo_leaving(
    ward_id: str, learner_id: int, db: AsyncSession, actor: Actor, now: datetime, params: LeftAtQuery
) -> Response[Any]:
    """Put the learner back where `leave` took them off: the old seat, or the old place in the queue."""
    learner = await learner_in(db, ward_id, learner_id)
    here = learner_page_of(learner)
    ids = await cancelled_together(db, learner_id, params.at) if params.at is not None else ()
    for session_id in ids[:1]:  # left by one act, so of one ward
        await planned_session(db, session_id, actor)
    if params.at is None or not ids:
        return redirect(here, flash=_("Việc này đã được hoàn tác rồi."), kind="warn")
    try:
        restored = await restore_enrolments(db, learner_id, cancelled_at=params.at, by=actor, now=now)
    except Refused as refusal:
        await db.rollback()
        return redirect(here, flash=refusal.sentence, kind="warn")
    waiting = any(each.position for each in restored)
    return redirect(
        here, flash=restored_sentence(full_name(learner), restored), kind="warn" if waiting else "ok"
    )


def restored_sentence(name: str, restored: Sequence[RestoredEnrolment]) -> str:
    """Where the learner is again, and where only in the queue."""
    seats = sum(each.position is None for each in restored)
    waiting = [each.position for each in restored if each.position is not None]
    parts: list[str] = []
    if seats:
        parts.append(
            ngettext(
                "Đã ghi lại %(n)s buổi, %(name)s vẫn học như cũ.",
                "Đã ghi lại %(n)s buổi, %(name)s vẫn học như cũ.",
                seats,
                name=name,
            )
        )
    if len(waiting) == 1:
        parts.append(_("Chỗ đã có người khác nhận; nay chờ thứ %(position)s.", position=waiting[0]))
    elif waiting:
        parts.append(_("Ở %(n)s buổi chỗ đã có người khác nhận; nay trong danh sách chờ.", n=len(waiting)))
    return " ".join(parts)


async def promoted_sentence(db: AsyncSession, left: Sequence[CancelledEnrolment]) -> str:
    """Who moved up, beginning with a space; "" for nobody."""
    ids = list(dict.fromkeys(each for one in left for each in one.promoted))
    if not ids:
        return ""
    learners = await queries.learners_by_id(db, ids)
    names = names_text([full_name(learners[each]) for each in ids])
    return " " + _("%(names)s được nhận vào chỗ trống.", names=names)


HANDLERS = [series_of_learner, leave, undo_leaving]
