"""Roll call on a phone: marks and demonstrations."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from attendance import queries as attendance
from attendance import rules
from attendance.errors import OfferNotAnswered, RollClosedToHelpers
from attendance.queries import RollSession
from attendance.service.marks import Mark, mark_the_rest, record_marks, rest_id, undo
from competency.forms.roll import INCOMPLETE, RestLevel, RestMark, RollView, TapForm, UndoParams
from competency.queries.roll import roll_page
from competency.routes.roll_answers import address_of, answer_all, answer_one, draw
from competency.routes.roll_sentences import rest_marked, rest_recorded, rest_undone
from competency.service.class_levels import record_the_rest, undo_the_rest
from competency.service.demonstrations import ObservedSkill, record_demonstrations
from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import InvalidInput, Refused
from lopso.kernel.i18n import gettext as _
from lopso.web.forms import Form
from lopso.web.guards import own_or
from lopso.web.pages import is_htmx, page
from lopso.web.request import Request

HERE = "/buoi/{session_id:int}/diem-danh"
ROLL_CALLED = own_or(Permission.PLAN)


def is_closed(session: RollSession, now: datetime) -> bool:
    """Whether the roll is not open: the page has a sentence only.

    Raises:
        OfferNotAnswered, RollClosedToHelpers: this person may not see the names.
    """
    if session.part == "asked":
        raise OfferNotAnswered
    if session.part == "helper" and now > rules.closes_for_helpers_at(session.ends_at):
        raise RollClosedToHelpers
    return session.cancelled_at is not None or now < rules.opens_at(session.starts_at)


@get(HERE, opt=ROLL_CALLED)
async def roll_call(
    request: Request,
    session_id: int,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
    params: RollView,
) -> Response[Any]:
    """The roll, with the skills of one person open, or one skill of everybody."""
    session = await attendance.session_for(db, session_id, actor=actor)
    if is_closed(session, now):
        return page(
            "competency/roll_closed.html",
            ward_id=session.ward_id,
            session=session,
            opens_at=rules.opens_at(session.starts_at),
        )
    shown = await roll_page(db, session)
    person = shown.person(params.nguoi) if params.nguoi is not None else None
    if is_htmx(request) and person is not None:
        opened = None if params.gap else params.nguoi
        return draw("competency/_roll_row.html", shown, opened=opened, person=person)
    return draw("competency/roll.html", shown, opened=params.nguoi, skill=shown.skill(params.ky_nang))


@post(HERE, status_code=200, opt=ROLL_CALLED)
async def tap(
    request: Request,
    form: Form[TapForm],
    session_id: int,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
    params: RollView,
) -> Response[Any]:
    """One press: a mark, a level of a skill, or one of them for everybody who has none.

    `params.ky_nang` says that it was pressed where one skill of everybody is shown.
    """
    session = await attendance.session_for(db, session_id, actor=actor)
    pressed, skill_view = form.value().tap(), params.ky_nang
    undoing = f"{address_of(session_id)}/hoan-tac"
    if isinstance(pressed, RestMark):
        saved = await mark_the_rest(db, session, pressed.mark, form_id=pressed.form_id, by=actor, now=now)
        undo_url = f"{undoing}?nhom={pressed.form_id}" if saved.saved else None
        shown = await roll_page(db, session)
        return answer_all(request, shown, rest_marked(pressed.mark, saved), undo_url)
    if isinstance(pressed, RestLevel):
        return await _rest_level(request, db, session, pressed, by=actor, now=now)
    if isinstance(pressed, Mark):
        saved = await record_marks(db, session, [pressed], by=actor, now=now)
        undo_url = f"{undoing}?dau={pressed.client_id}"
    else:
        before = (await roll_page(db, session)).level(pressed.learner_id, pressed.skill_id)
        saved = await record_demonstrations(db, session, [pressed], by=actor, now=now)
        view = f"&xem={skill_view}" if skill_view else ""
        undo_url = f"{undoing}?nguoi={pressed.learner_id}&ky_nang={pressed.skill_id}&muc={before or ''}{view}"
    return await answer_one(request, db, session, pressed, saved, undo_url, skill_view)


async def _rest_level(
    request: Request, db: AsyncSession, session: RollSession, pressed: RestLevel, *, by: Actor, now: datetime
) -> Response[Any]:
    skill_id, form_id = pressed.skill_id, pressed.form_id
    done = await record_the_rest(db, session, skill_id, pressed.level, form_id=form_id, by=by, now=now)
    shown = await roll_page(db, session)
    sentence = rest_recorded(shown, pressed.level, done)
    if done.refused and not done.changed:
        raise Refused(sentence)
    undo_url = f"{address_of(session.id)}/hoan-tac?nhom={form_id}&ky_nang={skill_id}&xem={skill_id}"
    return answer_all(request, shown, sentence, undo_url if done.changed else None, skill_id)


@post(HERE + "/hoan-tac", status_code=200, opt=ROLL_CALLED)
async def undo_tap(
    request: Request,
    session_id: int,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
    params: UndoParams,
) -> Response[Any]:
    """Undo one mark, what was given to the rest, or the level of one skill."""
    session = await attendance.session_for(db, session_id, actor=actor)
    if params.nhom is not None and params.ky_nang is not None:
        levels = await undo_the_rest(db, session, params.ky_nang, form_id=params.nhom, by=actor, now=now)
        shown = await roll_page(db, session)
        return answer_all(request, shown, rest_undone(shown, levels), None, params.xem)
    sentence = await _undo(db, session, params, by=actor, now=now)
    return answer_all(request, await roll_page(db, session), sentence, None, params.xem)


async def _undo(
    db: AsyncSession, session: RollSession, params: UndoParams, *, by: Actor, now: datetime
) -> str:
    if params.dau is not None:
        done = await undo(db, session, [params.dau], by=by, now=now)
    elif params.nhom is not None:
        rows = await attendance.roll(db, session.id)
        ids = [rest_id(params.nhom, row.learner_id) for row in rows]
        done = await undo(db, session, ids, by=by, now=now)
    elif params.nguoi is not None and params.ky_nang is not None:
        former = ObservedSkill(params.nguoi, params.ky_nang, params.muc, uuid4())
        done = await record_demonstrations(db, session, [former], by=by, now=now)
        for sentence in done.refused.values():
            raise Refused(sentence)
    else:
        raise InvalidInput({"": _(INCOMPLETE)})
    undone = done.saved or done.known
    return _("Đã hoàn tác.") if undone else _("Không hoàn tác: sau đó đã có lần ghi khác.")


HANDLERS = [roll_call, tap, undo_tap]
