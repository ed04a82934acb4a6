"""On the call list of a session: noting who was told, and taking it back."""

from datetime import datetime
from typing import Any

from litestar import post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor, Permission
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from lopso.web.forms import Form
from lopso.web.guards import of_row, require_in_ward
from lopso.web.pages import redirect
from notifications.forms import CallForm, CallInstant
from notifications.routes.actions import decode_instant, encode_instant
from notifications.service.phone_calls import note_calls, undo_calls
from scheduling.models import ClassSession
from scheduling.queries.access import visible_session

HERE = "/buoi/{session_id:int}/goi-dien"
PLANNED = of_row(Permission.PLAN, seen_by_helpers=True)


@post(HERE, opt=PLANNED)
async def note_told(
    form: Form[CallForm], session_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Note that people know of the session: those who were pressed, or the whole list."""
    session, typed = await _session(db, session_id, actor), form.sensible()
    told = await note_calls(
        db,
        session,
        learner_ids=None if typed.everybody else typed.learner_ids,
        trainer_ids=None if typed.everybody else typed.trainer_ids,
        by=actor,
        now=now,
    )
    here = f"/buoi/{session_id}/goi-dien"
    if not told:
        return redirect(here, flash=_("Không ghi thêm ai: người này không còn trong danh sách."), kind="warn")
    return redirect(
        here,
        flash=ngettext("Đã ghi: %(n)s người đã được báo.", "Đã ghi: %(n)s người đã được báo.", told),
        undo_url=f"{here}/chua-bao?luc={encode_instant(now)}",
    )


@post(HERE + "/chua-bao", opt=PLANNED)
async def note_not_told(
    session_id: int, db: AsyncSession, actor: Actor, now: datetime, params: CallInstant
) -> Response[Any]:
    """Take back what this person noted at one instant."""
    session, at = await _session(db, session_id, actor), decode_instant(params.at)
    undone = await undo_calls(db, session, at, by=actor, now=now) if at is not None else 0
    here = f"/buoi/{session_id}/goi-dien"
    if not undone:
        return redirect(here, flash=_("Không còn gì để hoàn tác."), kind="warn")
    return redirect(
        here, flash=ngettext("Đã hoàn tác cho %(n)s người.", "Đã hoàn tác cho %(n)s người.", undone)
    )


async def _session(db: AsyncSession, session_id: int, actor: Actor) -> ClassSession:
    session = await visible_session(db, session_id, by=actor)
    require_in_ward(actor, Permission.PLAN, session.ward_id)
    return session


HANDLERS = [note_told, note_not_told]
