"""Answers of the roll call: what now stands, as changed parts of the page or, without a script, the page."""

from collections.abc import Iterable
from typing import Any

from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from attendance.labels import mark_labels
from attendance.queries import RollSession
from attendance.service.marks import Mark, SaveResult
from competency.labels import level_labels
from competency.queries.roll import RollPage, roll_page
from competency.routes.roll_sentences import sentence_of, stands
from competency.service.demonstrations import ObservedSkill
from lopso.kernel.errors import Refused
from lopso.kernel.i18n import gettext as _
from lopso.web.pages import is_htmx, page, redirect
from lopso.web.request import Request

_NOTHING = dict.fromkeys(("skill", "person", "whole", "saved_text", "undo_url", "refused"))
"""What the templates of the roll ask for, where an answer has none."""


def address_of(session_id: int, skill_id: int | None = None) -> str:
    """The roll of a session, or one skill of everybody in it."""
    return f"/buoi/{session_id}/diem-danh" + (f"?ky_nang={skill_id}" if skill_id else "")


def draw(
    name: str, shown: RollPage, *, status: int = 200, opened: int | None = None, **more: Any
) -> Response[Any]:
    """A page of the roll, or a part of one."""
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
        **{**_NOTHING, **more},
    )


async def answer_one(
    request: Request,
    db: AsyncSession,
    session: RollSession,
    pressed: Mark | ObservedSkill,
    saved: SaveResult,
    undo_url: str,
    skill_view: int | None,
) -> Response[Any]:
    """The row again, with the counts and a sentence; without a script the page again."""
    _refuse(saved.refused.values())
    shown = await roll_page(db, session)
    person = shown.person(pressed.learner_id)
    sentence = _("Đã bỏ tên khỏi danh sách.") if person is None else sentence_of(shown, person, pressed)
    undo = undo_url if stands(shown, pressed) else None
    if not is_htmx(request):
        return redirect(_place_of(session.id, pressed, skill_view), flash=sentence, undo_url=undo)
    answer = draw(
        "competency/_roll_response.html",
        shown,
        person=person,
        skill=shown.skill(skill_view),
        opened=pressed.learner_id if isinstance(pressed, ObservedSkill) else None,
        saved_text=sentence,
        undo_url=undo,
    )
    if person is None:  # an undone walk-in has no row any more
        answer.headers |= {"HX-Retarget": f"#hv-{pressed.learner_id}", "HX-Reswap": "delete"}
    return answer


def _refuse(sentences: Iterable[str]) -> None:
    for sentence in sentences:
        raise Refused(sentence)


def _place_of(session_id: int, pressed: Mark | ObservedSkill, skill_view: int | None) -> str:
    if skill_view is None and isinstance(pressed, ObservedSkill):
        return f"{address_of(session_id)}?nguoi={pressed.learner_id}#hv-{pressed.learner_id}"
    return f"{address_of(session_id, skill_view)}#hv-{pressed.learner_id}"


def answer_all(
    request: Request,
    shown: RollPage,
    sentence: str,
    undo_url: str | None,
    skill_view: int | None = None,
) -> Response[Any]:
    """All rows again, with the counts and a sentence; without a script the page again."""
    if not is_htmx(request):
        return redirect(address_of(shown.session.id, skill_view), flash=sentence, undo_url=undo_url)
    return draw(
        "competency/_roll_response.html",
        shown,
        whole=True,
        skill=shown.skill(skill_view),
        saved_text=sentence,
        undo_url=undo_url,
    )
