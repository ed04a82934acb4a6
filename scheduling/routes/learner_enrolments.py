"""Enrolling one learner in further classes from the learner's page."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from learners.models import Learner
from learners.queries.consents import refusing_texts
from learners.queries.learners import learner_in
from lopso.kernel.access import Actor, Permission
from lopso.kernel.clock import local_day
from lopso.kernel.errors import InvalidInput, NotFound, Refused
from lopso.kernel.i18n import gettext as _
from lopso.web.forms import Form, read_leniently
from lopso.web.guards import in_ward
from lopso.web.pages import TemplatePage, page, redirect
from scheduling.forms.enrolments import EnrolledAtQuery
from scheduling.forms.learner_classes import ClassPick, ClassSearchQuery, JoinForm
from scheduling.labels.enrolments import joined_text, told_text
from scheduling.labels.links import learner_page_of
from scheduling.queries.enrolments_made import sessions_joined_at
from scheduling.queries.open_classes import open_classes
from scheduling.queries.places import place_of
from scheduling.queries.series import coming_in_series
from scheduling.routes.access import planned_session
from scheduling.routes.enrolment_results import names_of_promoted, undone_text
from scheduling.service.enrolments import EnrolmentResult, enrol, full_name
from scheduling.service.undone_enrolments import undo_enrolments

HERE = "/nguoi-hoc/{ward_id:str}/{learner_id:int}/ghi-danh"
NOTHING_TICKED = Form.blank(JoinForm)


@get(HERE, opt=in_ward(Permission.PLAN))
async def classes_to_join(
    ward_id: str, learner_id: int, db: AsyncSession, now: datetime, params: ClassSearchQuery
) -> TemplatePage:
    """The ward's coming classes in which the learner is not yet, searched by title, course and place."""
    learner = await learner_in(db, ward_id, learner_id)
    return await _page(db, learner, params, now=now)


@post(HERE + "/xem", status_code=200, opt=in_ward(Permission.PLAN))
async def look_for_classes(
    form: Form[JoinForm], ward_id: str, learner_id: int, db: AsyncSession, now: datetime
) -> TemplatePage:
    """Another page, or another search: what is ticked is kept, nobody is enrolled."""
    learner = await learner_in(db, ward_id, learner_id)
    return await _page(db, learner, _search(form, now), now=now, form=form.unchecked())


@post(HERE, opt=in_ward(Permission.PLAN))
async def join_classes(
    form: Form[JoinForm], ward_id: str, learner_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Enrol in what was ticked: single sessions, or a session and the later ones of its series."""
    learner = await learner_in(db, ward_id, learner_id)
    if form.errors:
        return await _page(db, learner, _search(form, now), now=now, form=form, status=422)
    chosen = form.value()
    try:
        ids = await _sessions(db, ward_id, chosen.picks, actor, now)
        done = await enrol(db, ids, [learner_id], by=actor, now=now)
    except Refused as refusal:
        await db.rollback()
        learner = await learner_in(db, ward_id, learner_id)
        refused = form.refused(InvalidInput({"": refusal.sentence}))
        return await _page(db, learner, _search(form, now), now=now, form=refused, status=409)
    smooth = all(each.state == "enrolled" and each.overlap is None for each in done)
    flash = joined_text(full_name(learner), done)
    if any(each.state == "enrolled" and not each.already for each in done):
        flash += " " + told_text([learner], public=True, refusing=await refusing_texts(db, [learner_id]))
    undo = f"{_here(learner)}/hoan-tac?luc={quote(now.isoformat())}" if _to_undo(done, now) else None
    return redirect(learner_page_of(learner), flash=flash, kind="ok" if smooth else "warn", undo_url=undo)


@post(HERE + "/hoan-tac", status_code=200, opt=in_ward(Permission.PLAN))
async def undo_joining(
    ward_id: str, learner_id: int, db: AsyncSession, actor: Actor, now: datetime, params: EnrolledAtQuery
) -> Response[Any]:
    """Take the learner off the classes that this person enrolled them in at that instant."""
    learner = await learner_in(db, ward_id, learner_id)
    ids = await sessions_joined_at(db, ward_id, learner_id, params.at, by=actor) if params.at else ()
    if params.at is None or not ids:
        return redirect(learner_page_of(learner), flash=_("Việc này đã được hoàn tác rồi."), kind="warn")
    undone = await undo_enrolments(db, ids, enrolled_at=params.at, by=actor, now=now, learner_id=learner_id)
    flash = undone_text(undone, await names_of_promoted(db, undone.promoted))
    return redirect(learner_page_of(learner), flash=flash, kind="warn" if undone.begun else "ok")


def _to_undo(done: Sequence[EnrolmentResult], now: datetime) -> bool:
    return any(each.state is not None and not each.already and each.starts_at > now for each in done)


async def _sessions(
    db: AsyncSession, ward_id: str, picks: Sequence[ClassPick], actor: Actor, now: datetime
) -> list[int]:
    """Ids of the sessions picked, each once."""
    ids: dict[int, None] = {}
    for pick in picks:
        session = await planned_session(db, pick.session_id, actor)
        if session.ward_id != ward_id:
            raise NotFound
        sessions = await coming_in_series(db, session, now=now) if pick.whole_series else [session]
        ids |= dict.fromkeys(each.id for each in sessions)
    return list(ids)


def _search(form: Form[JoinForm], now: datetime) -> ClassSearchQuery:
    return read_leniently(ClassSearchQuery, form.sent, today=local_day(now))


async def _page(
    db: AsyncSession,
    learner: Learner,
    search: ClassSearchQuery,
    *,
    now: datetime,
    form: Form[JoinForm] = NOTHING_TICKED,
    status: int = 200,
) -> TemplatePage:
    found = await open_classes(
        db, learner.ward_id, learner.id, typed=search.typed, now=now, number=search.number
    )
    shown = {f"{scope}-{each.session.id}" for each in found.items for scope in ("buoi", "loat")}
    ticked = dict.fromkeys(form.typed.many("chon"))
    return page(
        "scheduling/join_classes.html",
        ward_id=learner.ward_id,
        status=status,
        learner=learner,
        who=full_name(learner),
        up=learner_page_of(learner),
        here=_here(learner),
        searched=search.typed,
        found=found,
        picked=shown.intersection(ticked),
        kept=[] if form.typed["bo_chon"] else [each for each in ticked if each not in shown],
        place_of=place_of,
        errors=form.errors,
    )


def _here(learner: Learner) -> str:
    return f"{learner_page_of(learner)}/ghi-danh"


HANDLERS = [classes_to_join, look_for_classes, join_classes, undo_joining]
