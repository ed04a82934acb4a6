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
from attendance.labels import mark_labels
from attendance.queries import RollSession
from attendance.service.marks import Mark, SaveResult, mark_the_rest, record_marks, rest_id, undo
from competency.forms.roll import (
    INCOMPLETE,
    RestMark,
    RollView,
    TapForm,
    UndoParams,
)
from competency.labels import level_labels
from competency.queries.roll import RollPage, roll_page
from competency.service.demonstrations import ObservedSkill, record_demonstrations
from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import InvalidInput, Refused
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from lopso.web.forms import Form
from lopso.web.guards import own_or
from lopso.web.pages import is_htmx, page, redirect
from lopso.web.request import Request

HERE = "/buoi/{session_id:int}/diem-danh"
ROLL_CALLED = own_or(Permission.PLAN)


def address_of(session_id: int) -> str:
    return f"/buoi/{session_id}/diem-danh"


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


def draw(
    name: str, shown: RollPage, *, status: int = 200, opened: int | None = None, **more: Any
) -> Response[Any]:
    return page(
        name,
        ward_id=shown.session.ward_id,
        status=status,
        session=shown.session,
        roll=shown,
        opened=opened,
        here=address_of(shown.session.id),
        mark_labels=mark_labels(),
        level_labels=level_labels(),
        **{"saved_text": None, "undo_url": None, "refused": None, **more},
    )


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
    skill = shown.skill(params.ky_nang)
    if skill is not None:
        return draw("competency/roll_skill.html", shown, skill=skill)
    return draw("competency/roll.html", shown, opened=params.nguoi)


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
    """One press: a mark, a level of a skill, or one mark for everybody who has none.

    `params.ky_nang` says that it was pressed where one skill of everybody is shown.
    """
    session = await attendance.session_for(db, session_id, actor=actor)
    pressed, skill_view = form.value().tap(), params.ky_nang
    if isinstance(pressed, RestMark):
        saved = await mark_the_rest(db, session, pressed.mark, form_id=pressed.form_id, by=actor, now=now)
        undo_url = f"{address_of(session_id)}/hoan-tac?nhom={pressed.form_id}"
        return await _all(
            request, db, session, _rest_sentence(pressed, saved), undo_url if saved.saved else None
        )
    if isinstance(pressed, Mark):
        saved = await record_marks(db, session, [pressed], by=actor, now=now)
        undo_url = f"{address_of(session_id)}/hoan-tac?dau={pressed.client_id}"
    else:
        before = (await roll_page(db, session)).level(pressed.learner_id, pressed.skill_id)
        saved = await record_demonstrations(db, session, [pressed], by=actor, now=now)
        undo_url = (
            f"{address_of(session_id)}/hoan-tac?nguoi={pressed.learner_id}"
            f"&ky_nang={pressed.skill_id}&muc={before or ''}" + (f"&xem={skill_view}" if skill_view else "")
        )
    return await _one(request, db, session, pressed, saved, undo_url, skill_view)


async def _one(
    request: Request,
    db: AsyncSession,
    session: RollSession,
    pressed: Mark | ObservedSkill,
    saved: SaveResult,
    undo_url: str | None,
    skill_view: int | None,
) -> Response[Any]:
    """The row again, with the count and a sentence; without a script the page again."""
    for sentence in saved.refused.values():
        raise Refused(sentence)
    shown = await roll_page(db, session)
    person = shown.person(pressed.learner_id)
    stands = _stands(shown, pressed)
    sentence = (
        _("Đã bỏ tên khỏi danh sách.") if person is None else _sentence(person.name, pressed, stands=stands)
    )
    undo_url = undo_url if stands else None
    if is_htmx(request):
        answer = draw(
            "competency/_mark_response.html",
            shown,
            person=person,
            learner_id=pressed.learner_id,
            skill=shown.skill(skill_view),
            opened=pressed.learner_id if isinstance(pressed, ObservedSkill) else None,
            saved_text=sentence,
            undo_url=undo_url,
        )
        if person is None:  # an undone walk-in has no row any more
            answer.headers |= {"HX-Retarget": f"#hv-{pressed.learner_id}", "HX-Reswap": "delete"}
        return answer
    view = f"?ky_nang={skill_view}" if skill_view else ""
    if not view and isinstance(pressed, ObservedSkill):
        view = f"?nguoi={pressed.learner_id}"
    back = f"{address_of(session.id)}{view}#hv-{pressed.learner_id}"
    return redirect(back, flash=sentence, undo_url=undo_url)


def _stands(shown: RollPage, given: Mark | ObservedSkill) -> bool:
    """Whether this mark or level is what stands of the person now; False when something later does."""
    if isinstance(given, ObservedSkill):
        return shown.level(given.learner_id, given.skill_id) == given.level
    person = shown.person(given.learner_id)
    mark = person.row.mark if person else None
    return (mark or "cleared") == given.mark


def _rest_sentence(pressed: RestMark, saved: SaveResult) -> str:
    if not saved.saved:
        return _("Không ghi thêm ai: mọi người đã có dấu từ trước.")
    return ngettext(
        "Đã ghi %(n)s người: %(mark)s.",
        "Đã ghi %(n)s người: %(mark)s.",
        len(saved.saved),
        mark=mark_labels()[pressed.mark].lower(),
    )


def _sentence(name: str, pressed: Mark | ObservedSkill, *, stands: bool) -> str:
    """What was pressed, or that something later stands: the row shows what."""
    if not stands:
        return _("%(name)s: lần bấm này cũ hơn, đã có người ghi lại sau đó.", name=name)
    if isinstance(pressed, Mark):
        return _("%(name)s: %(mark)s.", name=name, mark=mark_labels()[pressed.mark].lower())
    if pressed.level is None:
        return _("%(name)s: đã bỏ đánh dấu kỹ năng.", name=name)
    return _("%(name)s: %(level)s.", name=name, level=level_labels()[pressed.level].lower())


async def _all(
    request: Request,
    db: AsyncSession,
    session: RollSession,
    sentence: str,
    undo_url: str | None,
    skill_view: int | None = None,
) -> Response[Any]:
    if is_htmx(request):
        shown = await roll_page(db, session)
        skill = shown.skill(skill_view)
        name = "competency/_roll_skill.html" if skill else "competency/_roll.html"
        return draw(name, shown, skill=skill, saved_text=sentence, undo_url=undo_url)
    view = f"?ky_nang={skill_view}" if skill_view else ""
    return redirect(address_of(session.id) + view, flash=sentence, undo_url=undo_url)


@post(HERE + "/hoan-tac", status_code=200, opt=ROLL_CALLED)
async def undo_tap(
    request: Request,
    session_id: int,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
    params: UndoParams,
) -> Response[Any]:
    """Undo one mark, the marks given to the rest, or the level of one skill."""
    session = await attendance.session_for(db, session_id, actor=actor)
    if params.dau is not None:
        done = await undo(db, session, [params.dau], by=actor, now=now)
    elif params.nhom is not None:
        rows = await attendance.roll(db, session_id)
        ids = [rest_id(params.nhom, row.learner_id) for row in rows]
        done = await undo(db, session, ids, by=actor, now=now)
    elif params.nguoi is not None and params.ky_nang is not None:
        former = ObservedSkill(params.nguoi, params.ky_nang, params.muc, uuid4())
        done = await record_demonstrations(db, session, [former], by=actor, now=now)
        for sentence in done.refused.values():
            raise Refused(sentence)
    else:
        raise InvalidInput({"": _(INCOMPLETE)})
    undone = done.saved or done.known
    sentence = _("Đã hoàn tác.") if undone else _("Không hoàn tác: sau đó đã có lần ghi khác.")
    return await _all(request, db, session, sentence, None, params.xem)


HANDLERS = [roll_call, tap, undo_tap]
