"""Learners of a session: who has a seat, who waits, whom to enrol."""

from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from learners.queries.consents import refusing_texts
from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import NotFound, Refused
from lopso.kernel.i18n import gettext as _
from lopso.web.forms import Form
from lopso.web.guards import of_row, own_or, require_in_ward
from lopso.web.pages import TemplatePage, is_htmx, page, redirect
from lopso.web.request import Request
from scheduling.forms.enrolments import (
    MOST_AT_ONCE,
    NOBODY,
    CancelEnrolmentForm,
    EnrolForm,
    EnrolmentsQuery,
)
from scheduling.models import ClassSession, Enrolment
from scheduling.queries import enrolments as queries
from scheduling.queries.access import visible_session
from scheduling.queries.places import place_of
from scheduling.queries.series import coming_in_series
from scheduling.routes import enrolments_page as view
from scheduling.routes.access import planned_session
from scheduling.routes.enrolment_results import (
    NAMED,
    names_of,
    names_text,
    outcome_text,
    told_of,
    tone_of,
)
from scheduling.routes.enrolments_made import result_address, undo_address
from scheduling.routes.learner_picker import picker_of
from scheduling.service import enrolments as service
from scheduling.service.waitlist import admit_from_waitlist


@get("/buoi/{session_id:int}/ghi-danh", opt=of_row(Permission.SEE_PEOPLE))
async def enrolments(
    session_id: int, db: AsyncSession, actor: Actor, now: datetime, params: EnrolmentsQuery
) -> TemplatePage:
    """Who is enrolled and whom to enrol, some of them perhaps ticked already."""
    session = await visible_session(db, session_id, by=actor)
    require_in_ward(actor, Permission.SEE_PEOPLE, session.ward_id)
    return await view.enrolments_page(
        db, session, by=actor, now=now, number=params.roster_number, form=params.form
    )


@get("/buoi/{session_id:int}/ghi-danh/tom-tat", opt=own_or(Permission.SEE_CALENDAR))
async def enrolments_panel(session_id: int, db: AsyncSession, actor: Actor) -> TemplatePage:
    """Seats of a session as a part of its page; it names people only to those who see people."""
    session = await visible_session(db, session_id, by=actor)
    return await view.enrolments_panel(db, session, by=actor)


@post("/buoi/{session_id:int}/ghi-danh/tim", status_code=200, opt=of_row(Permission.PLAN))
async def search(
    request: Request, form: Form[EnrolForm], session_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> TemplatePage:
    """Learners by name, phone and filters, ticks kept; by POST, so that no name stands in an address."""
    session = await planned_session(db, session_id, actor)
    typed = form.sensible()
    if is_htmx(request, target="found"):
        later = await view.later_in_series(db, session, now=now)
        finder = await picker_of(db, session, later, by=actor, form=typed)
        return page(
            "scheduling/_learner_picker.html", ward_id=session.ward_id, session=session, finder=finder
        )
    return await view.enrolments_page(
        db,
        session,
        by=actor,
        now=now,
        number=typed.roster_number,
        form=typed,
        newcomer=form.typed,
    )


@post("/buoi/{session_id:int}/ghi-danh", status_code=200, opt=of_row(Permission.PLAN))
async def enrol(
    form: Form[EnrolForm], session_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Enrol those ticked, into this session or into all coming ones of its series."""
    session = await planned_session(db, session_id, actor)
    typed = form.sensible()
    if not typed.learner_ids:
        sentence = _("Xin chọn ít nhất một người trong danh sách.")
        return await _mistake(db, session, sentence, actor, now, form)
    if len(typed.learner_ids) > MOST_AT_ONCE:
        return await _mistake(db, session, view.too_many(), actor, now, form)
    sessions = await coming_in_series(db, session, now=now) if typed.whole_series else [session]
    try:
        done = await service.enrol(db, [each.id for each in sessions], typed.learner_ids, by=actor, now=now)
    except Refused as refusal:
        return await _refused(db, session_id, refusal.sentence, actor, now, typed)
    refusals = list(dict.fromkeys(each.refusal for each in done if each.refusal))
    if refusals and all(each.refusal for each in done):
        return await _refused(db, session_id, " ".join(refusals), actor, now, typed)
    new = [each for each in done if each.state is not None and not each.already]
    learners = await queries.learners_by_id(db, typed.learner_ids)
    names = names_of(done, learners)
    if new and (len(done) > NAMED or len(sessions) > 1):
        changed = {each.learner_id for each in new}
        rest = [each for each in done if each.learner_id not in changed or each.refusal]
        return redirect(result_address(session_id, now), flash=outcome_text(rest, names) or None, kind="warn")
    told = told_of(session, done, learners, refusing=await refusing_texts(db, learners))
    flash = f"{outcome_text(done, names)} {told}".strip()
    undo = undo_address(session_id, now) if new and session.starts_at > now else None
    return redirect(_here(session_id), flash=flash, kind=tone_of(done), undo_url=undo)


@get("/buoi/{session_id:int}/ghi-danh/{learner_id:int}/nghi", opt=of_row(Permission.PLAN))
async def cancel_enrolment_form(
    session_id: int, learner_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> TemplatePage:
    """Before a learner is taken off: why, from when, and who gets the seat."""
    session = await planned_session(db, session_id, actor)
    enrolment = await _active_enrolment(db, session_id, learner_id)
    series = await coming_in_series(db, session, now=now)
    return page(
        "scheduling/cancel_enrolment.html",
        ward_id=session.ward_id,
        session=session,
        who=service.full_name(enrolment.learner),
        enrolment=enrolment,
        later=len(series) - 1,
        waiting_total=await queries.waiting_total(db, session),
        begun=session.starts_at <= now,
    )


@post("/buoi/{session_id:int}/ghi-danh/{learner_id:int}/nghi", status_code=200, opt=of_row(Permission.PLAN))
async def cancel_enrolment(
    form: Form[CancelEnrolmentForm],
    session_id: int,
    learner_id: int,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
) -> Response[Any]:
    """Take a learner off this session, or off all coming ones of its series."""
    session = await planned_session(db, session_id, actor)
    typed = form.sensible()
    name = service.full_name((await _active_enrolment(db, session_id, learner_id)).learner)
    sessions = await coming_in_series(db, session, now=now) if typed.whole_series else [session]
    try:
        left = await service.cancel_enrolments(
            db, [each.id for each in sessions], learner_id, reason=typed.reason, by=actor, now=now
        )
    except Refused as refusal:
        return await _refused(db, session_id, refusal.sentence, actor, now)
    flash = (
        _("Đã ghi %(name)s nghỉ %(n)s buổi.", name=name, n=len(left))
        if len(left) > 1
        else _("Đã ghi %(name)s nghỉ buổi này.", name=name)
    )
    promoted = [learner_id for each in left if each.session_id == session_id for learner_id in each.promoted]
    if promoted:
        learners = await queries.learners_by_id(db, promoted)
        names = [service.full_name(learners[each]) for each in promoted]
        flash += " " + _("%(names)s được nhận vào chỗ trống.", names=names_text(names))
    return redirect(_here(session_id), flash=flash)


@post("/buoi/{session_id:int}/ghi-danh/{learner_id:int}/nhan", status_code=200, opt=of_row(Permission.PLAN))
async def admit(
    session_id: int, learner_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Give somebody who waits a free seat."""
    await planned_session(db, session_id, actor)
    name = service.full_name((await _active_enrolment(db, session_id, learner_id)).learner)
    try:
        await admit_from_waitlist(db, session_id, learner_id, by=actor, now=now)
    except Refused as refusal:
        return await _refused(db, session_id, refusal.sentence, actor, now)
    return redirect(_here(session_id), flash=_("Đã nhận %(name)s vào lớp.", name=name))


@get("/buoi/{session_id:int}/danh-sach", opt=of_row(Permission.SEE_PEOPLE))
async def printed_roster(session_id: int, db: AsyncSession, actor: Actor) -> TemplatePage:
    """Everybody with a seat on paper, phones masked, with room to sign."""
    session = await visible_session(db, session_id, by=actor)
    require_in_ward(actor, Permission.SEE_PEOPLE, session.ward_id)
    return page(
        "scheduling/roster.html",
        ward_id=session.ward_id,
        session=session,
        place=place_of(session),
        rows=[view.row_of(each) for each in await queries.whole_roster(db, session)],
    )


async def _active_enrolment(db: AsyncSession, session_id: int, learner_id: int) -> Enrolment:
    enrolment = await queries.active_enrolment(db, session_id, learner_id)
    if enrolment is None:
        raise NotFound
    return enrolment


async def _mistake(
    db: AsyncSession,
    session: ClassSession,
    sentence: str,
    actor: Actor,
    now: datetime,
    form: Form[EnrolForm],
) -> TemplatePage:
    """The page as it was, with the sentence at the people to pick."""
    return await view.enrolments_page(
        db,
        session,
        by=actor,
        now=now,
        form=form.sensible(),
        newcomer=form.typed,
        errors={"nguoi": sentence},
        status=422,
    )


async def _refused(
    db: AsyncSession,
    session_id: int,
    sentence: str,
    actor: Actor,
    now: datetime,
    typed: EnrolForm = NOBODY,
) -> TemplatePage:
    """The page as it was, with the sentence on top."""
    await db.rollback()
    session = await visible_session(db, session_id, by=actor)
    return await view.enrolments_page(
        db, session, by=actor, now=now, form=typed, errors={"": sentence}, status=409
    )


def _here(session_id: int) -> str:
    return f"/buoi/{session_id}/ghi-danh"


HANDLERS = [
    enrolments,
    enrolments_panel,
    search,
    enrol,
    cancel_enrolment_form,
    cancel_enrolment,
    admit,
    printed_roster,
]
