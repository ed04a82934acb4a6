"""Undoing a cancellation before anybody reads of it; the texts that opening a session again would send."""

from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import formatting
from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import Refused
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from lopso.web.guards import PARTIAL, of_row, require_in_ward
from lopso.web.pages import TemplatePage, page, redirect
from lopso.web.request import Request
from notifications.forms import ReopeningParams
from notifications.queries.cancellation_texts import cancellation_texts, told_of_cancellation
from notifications.routes.change_preview import change_preview_page
from notifications.service.change_preview import preview_reopening
from scheduling.queries.cancelled_sessions import cancelled_together
from scheduling.queries.sessions import session_to_plan
from staffing.service.reopening import reopen_sessions

HERE = "/buoi/{session_id:int}"
PLANNED = of_row(Permission.PLAN)


@get(HERE + "/mo-lai/tinh-hinh", opt={**PLANNED, **PARTIAL})
async def undo_panel(session_id: int, db: AsyncSession, actor: Actor, now: datetime) -> TemplatePage:
    """A part of a cancelled session's page: undo until the first text goes, afterwards opening it again."""
    session = await session_to_plan(db, actor, session_id)
    together = await cancelled_together(db, session, now=now)
    return page(
        "notifications/_reopening.html",
        ward_id=session.ward_id,
        session=session,
        together=len(together),
        texts=await cancellation_texts(db, [each.id for each in together]),
    )


@get(HERE + "/mo-lai/tin-nhan", opt={**PLANNED, **PARTIAL})
async def preview_of_reopening(
    request: Request, session_id: int, db: AsyncSession, actor: Actor, now: datetime, params: ReopeningParams
) -> TemplatePage:
    """Preview of the texts of a reopening, of this session or of all cancelled with it."""
    session = await session_to_plan(db, actor, session_id)
    ward_id = session.ward_id
    require_in_ward(actor, Permission.SEE_MESSAGES, ward_id)
    together = await cancelled_together(db, session, now=now)
    ids = [each.id for each in together] if params.scope == "all" else [session_id]
    preview = await preview_reopening(db, ids, by=actor, now=now)
    back = f"/buoi/{session_id}/mo-lai?{request.url.query}"
    return change_preview_page(request, ward_id, back, preview, now)


@post(HERE + "/huy/hoan-tac", opt=PLANNED)
async def undo_cancellation(session_id: int, db: AsyncSession, actor: Actor, now: datetime) -> Response[Any]:
    """Open again all that one act cancelled, while nobody has read of it; afterwards show the preview.

    Who knows of it is asked once the open texts are locked: until then a worker may take one.
    """
    session = await session_to_plan(db, actor, session_id)
    back = f"/buoi/{session_id}"
    ids = [each.id for each in await cancelled_together(db, session, now=now)]
    if not ids:
        return redirect(back, flash=_("Buổi này đã được mở lại hoặc đã qua."), kind="warn")
    try:
        done = await reopen_sessions(db, ids, by=actor, now=now)
    except Refused as refusal:
        await db.rollback()
        return redirect(back, flash=refusal.sentence, kind="warn")
    if await told_of_cancellation(db, ids):
        await db.rollback()
        gone_at = (await cancellation_texts(db, ids)).first_gone_at or now
        when = formatting.when(gone_at)
        sentence = _("Tin báo nghỉ đầu tiên đã đi lúc %(when)s. Xin xem lại rồi mở lại.", when=when)
        return redirect(f"{back}/mo-lai?pham_vi=all", flash=sentence, kind="warn")
    flash = ngettext(
        "Đã hoàn tác việc hủy %(n)s buổi. Không ai nhận tin báo nghỉ.",
        "Đã hoàn tác việc hủy %(n)s buổi. Không ai nhận tin báo nghỉ.",
        len(done.session_ids),
    )
    flash = " ".join((flash, *done.left_out))[:450]
    return redirect(back, flash=flash, kind="warn" if done.left_out else "ok")


HANDLERS = [undo_panel, preview_of_reopening, undo_cancellation]
