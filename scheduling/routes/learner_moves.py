"""Moving a learner to another class from the learner's page: choose, preview, one press."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from learners.models import Learner
from learners.queries.learners import learner_in
from lopso.kernel import formatting
from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import NotFound, Refused
from lopso.kernel.i18n import gettext as _
from lopso.web.forms import Form
from lopso.web.guards import in_ward
from lopso.web.pages import TemplatePage, page, redirect
from scheduling.forms.learner_classes import MoveForm
from scheduling.labels.links import learner_page_of
from scheduling.models import ClassSession
from scheduling.queries import enrolments as queries
from scheduling.queries.access import visible_session
from scheduling.queries.learner_moves import MovePlan, count_later, move_plan
from scheduling.queries.open_classes import move_targets
from scheduling.queries.places import place_of
from scheduling.routes.access import planned_session
from scheduling.routes.learner_move_undone import undo_address
from scheduling.routes.learner_withdrawals import promoted_sentence
from scheduling.service.enrolment_moves import move_enrolments
from scheduling.service.enrolments import full_name

HERE = "/nguoi-hoc/{ward_id:str}/{learner_id:int}/buoi/{session_id:int}/doi"
NOTHING_CHOSEN = MoveForm()


@dataclass(frozen=True, slots=True)
class _Asked:
    """The learner and the session of the address."""

    learner: Learner
    session: ClassSession


async def _asked(db: AsyncSession, ward_id: str, learner_id: int, session_id: int, actor: Actor) -> _Asked:
    """Raises NotFound where the learner is not in that session."""
    learner = await learner_in(db, ward_id, learner_id)
    session = await planned_session(db, session_id, actor)
    if await queries.active_enrolment(db, session_id, learner_id) is None:
        raise NotFound
    return _Asked(learner, session)


@get(HERE, opt=in_ward(Permission.PLAN))
async def move_page(
    ward_id: str,
    learner_id: int,
    session_id: int,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
    params: MoveForm,
) -> TemplatePage:
    """Where to; with a session chosen, what would change and who would be told."""
    asked = await _asked(db, ward_id, learner_id, session_id, actor)
    if params.target_id is None:
        return await _choices(db, asked, now=now)
    target = await visible_session(db, params.target_id, by=actor)
    plan = await move_plan(db, asked.session, target, learner_id, whole=params.whole_series, now=now)
    return _preview(asked, target, plan, params)


@post(HERE, opt=in_ward(Permission.PLAN))
async def move(
    form: Form[MoveForm],
    ward_id: str,
    learner_id: int,
    session_id: int,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
) -> Response[Any]:
    """Move; where the other class is full by now, nothing changes and the page says so."""
    asked = await _asked(db, ward_id, learner_id, session_id, actor)
    typed = form.sensible()
    if typed.target_id is None:
        errors = {"sang": _("Xin chọn một buổi để đổi sang.")}
        return await _choices(db, asked, now=now, typed=typed, errors=errors, status=422)
    target = await planned_session(db, typed.target_id, actor)
    plan = await move_plan(db, asked.session, target, learner_id, whole=typed.whole_series, now=now)
    try:
        done = await move_enrolments(
            db,
            learner_id,
            leave=[each.id for each in plan.leave],
            join=[each.id for each in plan.join],
            by=actor,
            now=now,
        )
    except Refused as refusal:
        await db.rollback()
        asked = await _asked(db, ward_id, learner_id, session_id, actor)
        errors = {"": refusal.sentence}
        return await _choices(db, asked, now=now, typed=typed, errors=errors, status=409)
    flash = _moved_sentence(full_name(asked.learner), target, len(done.joined))
    flash += await promoted_sentence(db, done.left)
    return redirect(learner_page_of(asked.learner), flash=flash, undo_url=undo_address(asked.learner, now))


def _moved_sentence(name: str, target: ClassSession, joined: int) -> str:
    when = formatting.day_and_hours(target.starts_at, target.ends_at)
    if joined == 1:
        return _("Đã đổi cho %(name)s: học %(title)s, %(when)s.", name=name, title=target.title, when=when)
    return _(
        "Đã đổi cho %(name)s: học %(n)s buổi %(title)s, bắt đầu %(when)s.",
        name=name,
        n=joined,
        title=target.title,
        when=when,
    )


async def _choices(
    db: AsyncSession,
    asked: _Asked,
    *,
    now: datetime,
    typed: MoveForm = NOTHING_CHOSEN,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> TemplatePage:
    return page(
        "scheduling/move_learner.html",
        ward_id=asked.learner.ward_id,
        status=status,
        learner=asked.learner,
        who=full_name(asked.learner),
        session=asked.session,
        up=learner_page_of(asked.learner),
        here=_address(asked),
        later=await count_later(db, asked.session, asked.learner.id, now=now),
        targets=await move_targets(db, asked.session, asked.learner.id, now=now),
        typed=typed,
        place_of=place_of,
        errors=errors or {},
    )


def _preview(asked: _Asked, target: ClassSession, plan: MovePlan, typed: MoveForm) -> TemplatePage:
    scope = "loat" if typed.whole_series else "buoi"
    return page(
        "scheduling/move_learner_preview.html",
        ward_id=asked.learner.ward_id,
        learner=asked.learner,
        who=full_name(asked.learner),
        session=asked.session,
        target=target,
        up=learner_page_of(asked.learner),
        here=_address(asked),
        plan=plan,
        whole=typed.whole_series,
        texts=f"{_address(asked)}/tin-nhan?sang={target.id}&pham_vi={scope}",
        place_of=place_of,
    )


def _address(asked: _Asked) -> str:
    return f"{learner_page_of(asked.learner)}/buoi/{asked.session.id}/doi"


HANDLERS: Sequence[Any] = [move_page, move]
