"""Undoing a learner's move to another class: at once, or after asking where the old seat is gone."""

from datetime import datetime
from typing import Any
from urllib.parse import quote

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from learners.models import Learner
from learners.queries.learners import learner_in
from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import NotFound, Refused
from lopso.kernel.i18n import gettext as _
from lopso.web.forms import Form
from lopso.web.guards import in_ward
from lopso.web.pages import page, redirect
from scheduling.forms.learner_classes import LeftAtQuery, UndoMoveForm
from scheduling.labels.links import learner_page_of
from scheduling.queries.learner_moves import sessions_by_id
from scheduling.routes.access import planned_session
from scheduling.routes.learner_withdrawals import promoted_sentence, restored_sentence
from scheduling.service.enrolments import full_name
from scheduling.service.undone_moves import moved_at, try_undoing_move, undo_move

HERE = "/nguoi-hoc/{ward_id:str}/{learner_id:int}/doi/hoan-tac"
PLANNED = in_ward(Permission.PLAN)


def undo_address(learner: Learner, moved: datetime) -> str:
    """Where a move of this instant is undone."""
    return f"{learner_page_of(learner)}/doi/hoan-tac?luc={quote(moved.isoformat())}"


@get(HERE, opt=PLANNED)
async def undo_page(
    ward_id: str, learner_id: int, db: AsyncSession, actor: Actor, now: datetime, params: LeftAtQuery
) -> Response[Any]:
    """What undoing a move would bring: which old seats are free still, where the learner would wait."""
    learner = await learner_in(db, ward_id, learner_id)
    up = learner_page_of(learner)
    try:
        instant = await _instant(db, learner_id, params, actor)
        tried = await try_undoing_move(db, learner_id, instant=instant, by=actor, now=now)
    except (Refused, NotFound) as refusal:
        await db.rollback()
        return redirect(up, flash=_refusal(refusal), kind="warn")
    learner = await learner_in(db, ward_id, learner_id)  # the trial was rolled back
    sessions = await sessions_by_id(db, [each.session_id for each in (*tried.restored, *tried.left)])
    return page(
        "scheduling/undo_move.html",
        ward_id=ward_id,
        learner=learner,
        who=full_name(learner),
        up=up,
        here=undo_address(learner, instant),
        restored=[(sessions[each.session_id], each.position) for each in tried.restored],
        left=[sessions[each.session_id] for each in tried.left],
    )


@post(HERE, status_code=200, opt=PLANNED)
async def undo(
    form: Form[UndoMoveForm],
    ward_id: str,
    learner_id: int,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
    params: LeftAtQuery,
) -> Response[Any]:
    """The old seat is the learner's again; where somebody else has it by now, ask first."""
    learner = await learner_in(db, ward_id, learner_id)
    up, name = learner_page_of(learner), full_name(learner)
    try:
        instant = await _instant(db, learner_id, params, actor)
        done = await undo_move(db, learner_id, instant=instant, by=actor, now=now)
    except (Refused, NotFound) as refusal:
        await db.rollback()
        return redirect(up, flash=_refusal(refusal), kind="warn")
    if done.seat_lost and not form.sensible().anyway:
        address = undo_address(learner, instant)
        await db.rollback()
        return redirect(address)
    flash = _("Đã hoàn tác việc đổi buổi.") + " " + restored_sentence(name, done.restored)
    flash += await promoted_sentence(db, done.left)
    return redirect(up, flash=flash, kind="warn" if done.seat_lost else "ok")


async def _instant(db: AsyncSession, learner_id: int, params: LeftAtQuery, actor: Actor) -> datetime:
    """The instant of the move that the address names.

    Raises:
        NotFound: nothing was moved then, or not within wards that `actor` plans.
    """
    if params.at is None:
        raise NotFound
    moved = await moved_at(db, learner_id, params.at)
    for session_id in (*moved.left[:1], *moved.joined[:1]):  # each side is of one ward
        await planned_session(db, session_id, actor)
    return params.at


def _refusal(refusal: Refused | NotFound) -> str:
    return refusal.sentence if isinstance(refusal, Refused) else _("Việc này đã được hoàn tác rồi.")


HANDLERS = [undo_page, undo]
