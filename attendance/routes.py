"""The page for a walk-in: somebody who comes without a seat."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from attendance import queries
from attendance.forms import NewLearnerForm, WalkInForm
from attendance.labels import mark_labels
from attendance.queries import RollSession, WalkInCandidate
from attendance.service.marks import check_open
from attendance.service.walk_ins import mark_known, mark_new, walk_in_id
from lopso.kernel.access import Actor, Permission
from lopso.kernel.clock import local_day
from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _
from lopso.kernel.parsing import read_uuid
from lopso.kernel.person_names import tidy_name
from lopso.kernel.phone import read_phone
from lopso.web.forms import Form, Typed
from lopso.web.guards import PARTIAL, own_or
from lopso.web.pages import page, redirect

HERE = "/buoi/{session_id:int}/diem-danh/nguoi-moi"
ROLL_CALLED = own_or(Permission.PLAN)


async def _session(db: AsyncSession, session_id: int, actor: Actor, now: datetime) -> RollSession:
    session = await queries.session_for(db, session_id, actor=actor)
    check_open(session, now=now, happened_at=now, offline=False)
    return session


async def _candidates(db: AsyncSession, session: RollSession, typed: Typed) -> list[WalkInCandidate]:
    name, phone = tidy_name(typed["name"][:200]).name, read_phone(typed["phone"][:100]).e164
    return list(await queries.candidates(db, session, name=name, phone=phone))


def _render(
    name: str,
    session: RollSession,
    form: Form[WalkInForm],
    candidates: list[WalkInCandidate],
    *,
    asked: bool = False,
) -> Response[Any]:
    """The page or its list of candidates; `asked` offers to register another person all the same."""
    return page(
        name,
        ward_id=session.ward_id,
        form=form,
        session=session,
        form_id=read_uuid(form.typed["form_id"]) or uuid4(),
        candidates=candidates,
        mark_labels=mark_labels(),
        asked=asked,
    )


@get(HERE, opt=ROLL_CALLED)
async def walk_in_page(session_id: int, db: AsyncSession, actor: Actor, now: datetime) -> Response[Any]:
    """An empty form."""
    session = await _session(db, session_id, actor, now)
    return _render("attendance/walk_in.html", session, Form.blank(WalkInForm), [])


@post(HERE + "/goi-y", status_code=200, opt={**ROLL_CALLED, **PARTIAL})
async def suggest(
    form: Form[WalkInForm], session_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Who it may be, while somebody types. A POST, so that no name stands in an address."""
    session = await _session(db, session_id, actor, now)
    candidates = await _candidates(db, session, form.typed)
    unchecked: Form[WalkInForm] = Form(form.typed, {}, None)
    return _render("attendance/_candidates.html", session, unchecked, candidates)


@post(HERE, status_code=200, opt=ROLL_CALLED)
async def add_walk_in(
    form: Form[WalkInForm], session_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Mark a known learner, or register a new one after asking whether it is one of those known."""
    session = await _session(db, session_id, actor, now)
    try:
        pressed = form.value()
        if pressed.learner_id is not None:
            known = pressed.learner_id
            learner_id = await mark_known(db, session, known, form_id=pressed.form_id, by=actor, now=now)
        else:
            details = _new_learner(form.sent, now).details
            candidates = [] if pressed.another else await _candidates(db, session, form.typed)
            if candidates:
                return _render("attendance/walk_in.html", session, form, candidates, asked=True)
            learner_id = await mark_new(db, session, details, form_id=pressed.form_id, by=actor, now=now)
    except InvalidInput as error:
        candidates = await _candidates(db, session, form.typed)
        return _render("attendance/walk_in.html", session, form.refused(error), candidates)
    return _back_to_the_roll(session_id, learner_id, pressed.form_id)


def _new_learner(sent: Typed, now: datetime) -> NewLearnerForm:
    """The rest of the form, which counts only where nobody was picked; who has no phone has no number.

    Raises:
        InvalidInput: as `Form.value`.
    """
    counted = sent.changed(phone="") if sent["no_phone"] else sent
    return Form.read(NewLearnerForm, counted, today=local_day(now)).value()


def _back_to_the_roll(session_id: int, learner_id: int, form_id: UUID) -> Response[Any]:
    roll = f"/buoi/{session_id}/diem-danh"
    return redirect(
        f"{roll}#hv-{learner_id}",
        flash=_("Đã ghi người mới đến, có mặt."),
        undo_url=f"{roll}/hoan-tac?dau={walk_in_id(form_id)}",
    )


HANDLERS = [walk_in_page, suggest, add_walk_in]
