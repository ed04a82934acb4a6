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
    RosterSheetForm,
    TapForm,
    UndoParams,
    read_sheet,
)
from competency.forms.upload import RosterUpload
from competency.labels import level_labels
from competency.queries.roll import RollPage, roll_page
from competency.service.demonstrations import ObservedSkill, record_demonstrations
from competency.service.rosters import save_roster
from lopso.kernel.access import Actor, Permission
from lopso.kernel.clock import local_day
from lopso.kernel.errors import InvalidInput, Refused
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from lopso.web.forms import Form, read_json
from lopso.web.guards import own_or
from lopso.web.pages import is_htmx, page, redirect
from lopso.web.request import Request

HERE = "/buoi/{session_id:int}/diem-danh"
ROLL_CALLED = own_or(Permission.PLAN)


def _address(session_id: int) -> str:
    return f"/buoi/{session_id}/diem-danh"


def _closed(session: RollSession, now: datetime) -> bool:
    """Whether the roll is not open: the page has a sentence only.

    Raises:
        OfferNotAnswered, RollClosedToHelpers: this person may not see the names.
    """
    if session.part == "asked":
        raise OfferNotAnswered
    if session.part == "helper" and now > rules.closes_for_helpers_at(session.ends_at):
        raise RollClosedToHelpers
    return session.cancelled_at is not None or now < rules.opens_at(session.starts_at)


def _draw(
    name: str, shown: RollPage, *, status: int = 200, opened: int | None = None, **more: Any
) -> Response[Any]:
    return page(
        name,
        ward_id=shown.session.ward_id,
        status=status,
        session=shown.session,
        roll=shown,
        opened=opened,
        here=_address(shown.session.id),
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
    if _closed(session, now):
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
        return _draw("competency/_roll_row.html", shown, opened=opened, person=person)
    skill = shown.skill(params.ky_nang)
    if skill is not None:
        return _draw("competency/roll_skill.html", shown, skill=skill)
    return _draw("competency/roll.html", shown, opened=params.nguoi)


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
        sentence = ngettext(
            "Đã ghi %(n)s người: %(mark)s.",
            "Đã ghi %(n)s người: %(mark)s.",
            len(saved.saved),
            mark=mark_labels()[pressed.mark].lower(),
        )
        undo_url = f"{_address(session_id)}/hoan-tac?nhom={pressed.form_id}"
        return await _all(request, db, session, sentence, undo_url)
    if isinstance(pressed, Mark):
        saved = await record_marks(db, session, [pressed], by=actor, now=now)
        undo_url = f"{_address(session_id)}/hoan-tac?dau={pressed.client_id}"
    else:
        before = (await roll_page(db, session)).level(pressed.learner_id, pressed.skill_id)
        saved = await record_demonstrations(db, session, [pressed], by=actor, now=now)
        undo_url = (
            f"{_address(session_id)}/hoan-tac?nguoi={pressed.learner_id}"
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
    sentence = _("Đã bỏ tên khỏi danh sách.") if person is None else _sentence(person.name, pressed)
    if is_htmx(request):
        answer = _draw(
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
    back = f"{_address(session.id)}{view}#hv-{pressed.learner_id}"
    return redirect(back, flash=sentence, undo_url=undo_url)


def _sentence(name: str, pressed: Mark | ObservedSkill) -> str:
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
        return _draw(name, shown, skill=skill, saved_text=sentence, undo_url=undo_url)
    view = f"?ky_nang={skill_view}" if skill_view else ""
    return redirect(_address(session.id) + view, flash=sentence, undo_url=undo_url)


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
        await undo(db, session, [params.dau], by=actor, now=now)
    elif params.nhom is not None:
        rows = await attendance.roll(db, session_id)
        ids = [rest_id(params.nhom, row.learner_id) for row in rows]
        await undo(db, session, ids, by=actor, now=now)
    elif params.nguoi is not None and params.ky_nang is not None:
        former = ObservedSkill(params.nguoi, params.ky_nang, params.muc, uuid4())
        saved = await record_demonstrations(db, session, [former], by=actor, now=now)
        for sentence in saved.refused.values():
            raise Refused(sentence)
    else:
        raise InvalidInput({"": _(INCOMPLETE)})
    return await _all(request, db, session, _("Đã hoàn tác."), None, params.xem)


@get(HERE + "/ca-lop", opt=ROLL_CALLED)
async def whole_class(session_id: int, db: AsyncSession, actor: Actor, now: datetime) -> Response[Any]:
    """The whole class on one sheet, saved at once: copied from paper, or over a slow line."""
    session = await attendance.session_for(db, session_id, actor=actor)
    if _closed(session, now):
        return redirect(_address(session_id))
    return _draw("competency/roll_sheet.html", await roll_page(db, session))


@post(HERE + "/ca-lop", status_code=200, opt=ROLL_CALLED)
async def save_whole_class(
    form: Form[RosterSheetForm], session_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Save the sheet. What could not be kept is said beside its row; the rest is kept."""
    session = await attendance.session_for(db, session_id, actor=actor)
    roster = read_sheet(form.value().form_id, form.typed)
    saved = await save_roster(db, session, roster.marks, roster.skills, by=actor, now=now)
    if saved.refused:
        owners = {each.client_id: each.learner_id for each in (*roster.marks, *roster.skills)}
        refused = {owners[client_id]: sentence for client_id, sentence in saved.refused.items()}
        return _draw("competency/roll_sheet.html", await roll_page(db, session), refused=refused)
    sentence = ngettext("Đã lưu %(n)s thay đổi.", "Đã lưu %(n)s thay đổi.", len(saved.saved))
    return redirect(_address(session_id), flash=sentence)


@post(HERE + "/danh-sach", status_code=200, opt=ROLL_CALLED)
async def upload(
    request: Request, session_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """A whole roster as JSON (`RosterUpload`, or its list of marks): the same one twice changes nothing.

    Answers ``{"saved": [...], "known": [...], "refused": {client_id: sentence}, "people", "present",
    "unmarked"}``.
    """
    session = await attendance.session_for(db, session_id, actor=actor)
    sent = read_json(RosterUpload, await request.body(), today=local_day(now), bare_list="marks")
    saved = await save_roster(db, session, sent.roster.marks, sent.roster.skills, by=actor, now=now)
    tally = await attendance.counted(db, session_id)
    return Response(
        {
            "saved": [str(each) for each in saved.saved],
            "known": [str(each) for each in saved.known],
            "refused": {str(client_id): sentence for client_id, sentence in saved.refused.items()},
            "people": tally.people,
            "present": tally.present,
            "unmarked": tally.unmarked,
        }
    )


HANDLERS = [roll_call, tap, undo_tap, whole_class, save_whole_class, upload]
