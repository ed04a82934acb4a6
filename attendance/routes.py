"""The page for somebody who comes without a seat."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from litestar import Request, get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from attendance import queries
from attendance.forms import WalkIn, checked, form_id_of, read_walk_in
from attendance.queries import RollSession, WalkInCandidate
from attendance.rules import mark_labels
from attendance.service.marks import check_open
from attendance.service.walk_ins import mark_known, mark_new, walk_in_id
from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _
from lopso.kernel.phone import read_phone
from lopso.kernel.text import tidy_name
from lopso.web.guards import own_or
from lopso.web.pages import page, redirect

HERE = "/buoi/{session_id:int}/diem-danh/nguoi-moi"
NOTHING_TYPED = WalkIn(None, "", "", no_phone=False, learner_id=None, another=False)


async def _session(db: AsyncSession, session_id: int, actor: Actor, now: datetime) -> RollSession:
    session = await queries.session_for(db, session_id, actor=actor)
    check_open(session, now=now, happened_at=now, offline=False)
    return session


async def _candidates(db: AsyncSession, session: RollSession, typed: WalkIn) -> list[WalkInCandidate]:
    name, phone = tidy_name(typed.name).name, read_phone(typed.phone).e164
    return list(await queries.candidates(db, session, name=name, phone=phone))


def _draw(
    name: str, session: RollSession, typed: WalkIn, found: list[WalkInCandidate], **more: Any
) -> Response[Any]:
    return page(
        name,
        ward_id=session.ward_id,
        session=session,
        typed=typed,
        form_id=typed.form_id or uuid4(),
        found=found,
        mark_labels=mark_labels(),
        **more,
    )


@get(HERE, opt=own_or(Permission.PLAN))
async def walk_in_page(session_id: int, db: AsyncSession, actor: Actor, now: datetime) -> Response[Any]:
    """Two fields."""
    session = await _session(db, session_id, actor, now)
    return _draw("attendance/walk_in.html", session, NOTHING_TYPED, [], asked=False)


@post(HERE + "/goi-y", status_code=200, opt=own_or(Permission.PLAN))
async def suggest(
    request: Request[Any, Any, Any], session_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Who it may be, while somebody types. A POST, so that no name stands in an address."""
    session = await _session(db, session_id, actor, now)
    typed = read_walk_in(await request.form())
    found = await _candidates(db, session, typed)
    return _draw("attendance/_candidates.html", session, typed, found, asked=False)


@post(HERE, status_code=200, opt=own_or(Permission.PLAN))
async def add(
    request: Request[Any, Any, Any], session_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Mark somebody picked, or write down somebody new after asking whether it is one of those known."""
    session = await _session(db, session_id, actor, now)
    typed = read_walk_in(await request.form())
    try:
        form_id = form_id_of(typed)
        if typed.learner_id is not None:
            learner_id = await mark_known(db, session, typed.learner_id, form_id=form_id, by=actor, now=now)
        else:
            details = checked(typed)
            found = [] if typed.another else await _candidates(db, session, typed)
            if found:
                return _draw("attendance/walk_in.html", session, typed, found, asked=True)
            learner_id = await mark_new(db, session, details, form_id=form_id, by=actor, now=now)
    except InvalidInput as error:
        found = await _candidates(db, session, typed)
        return _draw(
            "attendance/walk_in.html", session, typed, found, asked=False, status=422, errors=error.fields
        )
    roll = f"/buoi/{session_id}/diem-danh"
    return redirect(
        f"{roll}#hv-{learner_id}",
        flash=_("Đã ghi người mới đến, có mặt."),
        undo_url=f"{roll}/hoan-tac?dau={walk_in_id(form_id)}",
    )


HANDLERS = [walk_in_page, suggest, add]
