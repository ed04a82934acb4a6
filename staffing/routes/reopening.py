"""Opening a cancelled session again: what stands against it, who is told, one press."""

from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import formatting
from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import Refused
from lopso.kernel.i18n import ngettext
from lopso.kernel.text import capitalized
from lopso.web.forms import Form
from lopso.web.guards import of_row
from lopso.web.pages import TemplatePage, page, redirect
from scheduling.labels.links import back_of, week_of
from scheduling.models import ClassSession
from scheduling.queries import sessions as queries
from scheduling.queries.cancelled_sessions import cancelled_together
from scheduling.queries.places import place_of
from staffing.forms.reopening import ReopenForm
from staffing.service.reopening import Reopening, reopen_sessions, try_reopening

HERE = "/buoi/{session_id:int}/mo-lai"


@get(HERE, opt=of_row(Permission.PLAN))
async def ask_to_reopen(
    db: AsyncSession, actor: Actor, now: datetime, session_id: int, params: ReopenForm
) -> TemplatePage:
    """What opening it again would bring, or what stands against it."""
    session = await queries.session_to_plan(db, actor, session_id)
    return await _page(db, session, actor, now, whole=params.whole)


@post(HERE, opt=of_row(Permission.PLAN))
async def reopen(
    form: Form[ReopenForm], db: AsyncSession, actor: Actor, now: datetime, session_id: int
) -> Response[Any]:
    """Open it again, or all that were cancelled with it."""
    session = await queries.session_to_plan(db, actor, session_id)
    whole = form.sensible().whole
    back = back_of(session, whole=whole)
    ids = [each.id for each in await cancelled_together(db, session, now=now)] if whole else [session_id]
    try:
        done = await reopen_sessions(db, ids, by=actor, now=now)
    except Refused as refusal:
        await db.rollback()
        session = await queries.session_to_plan(db, actor, session_id)
        return await _page(db, session, actor, now, whole=whole, refused=refusal.sentence, status=409)
    return redirect(back, flash=reopened_sentence(done), kind="warn" if done.left_out else "ok")


def reopened_sentence(done: Reopening) -> str:
    """That sessions take place again, and which helpers are not in them."""
    flash = ngettext("Đã mở lại %(n)s buổi.", "Đã mở lại %(n)s buổi.", len(done.session_ids))
    return " ".join((flash, *done.left_out))[:450]


async def _page(
    db: AsyncSession,
    session: ClassSession,
    actor: Actor,
    now: datetime,
    *,
    whole: bool,
    refused: str = "",
    status: int = 200,
) -> TemplatePage:
    session_id = session.id
    together = await cancelled_together(db, session, now=now)
    whole = whole and len(together) > 1
    ids = [each.id for each in together] if whole else [session_id]
    tried = refused or await try_reopening(db, ids, by=actor, now=now)
    session = await queries.session_to_plan(db, actor, session_id)  # the trial was rolled back
    together = await cancelled_together(db, session, now=now)
    return page(
        "staffing/reopen.html",
        ward_id=session.ward_id,
        status=status,
        session=session,
        here=f"/buoi/{session_id}",
        week=week_of(session),
        place=place_of(session),
        whole=whole,
        together=len(together),
        dates=[
            capitalized(formatting.day_and_hours(each.starts_at, each.ends_at))
            for each in (together if whole else [session])
        ],
        refused=tried if isinstance(tried, str) else "",
        left_out=() if isinstance(tried, str) else tried.left_out,
        public=session.published_at is not None,
        begun=session.starts_at <= now,
    )


HANDLERS = [ask_to_reopen, reopen]
