"""One message: its text, its timeline, its actions."""

from datetime import datetime
from typing import Any
from urllib.parse import quote

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor, Permission
from lopso.web.forms import Form
from lopso.web.guards import in_ward
from lopso.web.local_address import local_path
from lopso.web.pages import page, redirect
from lopso.web.request import Request
from notifications import labels, timeline
from notifications.forms import ActionForm, ActionParams
from notifications.queries.message_rows import MessageRow, replacement_of
from notifications.queries.timeline import check_message, message_row, staff_names
from notifications.routes import actions
from notifications.rules.delivery_problems import NEXT_STEP
from notifications.service.message_selection import MessageSelection

HERE = "/tin-nhan/{ward_id:str}/tin/{message_id:int}"


@get(HERE, opt=in_ward(Permission.SEE_MESSAGES))
async def text(
    request: Request,
    ward_id: str,
    message_id: int,
    db: AsyncSession,
) -> Response[Any]:
    """The message and its timeline; at most six statements with the log-in."""
    return await _page(request, db, ward_id, await message_row(db, ward_id, message_id))


async def _page(
    request: Request, db: AsyncSession, ward_id: str, row: MessageRow, *, calling: bool = False
) -> Response[Any]:
    names = await staff_names(db, [row])
    return page(
        "notifications/text.html",
        ward_id=ward_id,
        status=200,
        row=row,
        calling=calling,
        instead=await replacement_of(db, row.message) if row.message.resolution == "sent_again" else None,
        timeline=timeline.entries_of(row.message, row.events, names),
        labels=labels,
        next_step=NEXT_STEP,
        segment_price=request.app.state.settings.sms_segment_price,
        here=f"/tin-nhan/{ward_id}",
    )


@post(HERE + "/goi-dien", status_code=200, opt=in_ward(Permission.PLAN))
async def call(
    request: Request,
    ward_id: str,
    message_id: int,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
) -> Response[Any]:
    """The message with the full numbers of its recipients; each view is in the audit trail."""
    row = await message_row(db, ward_id, message_id)
    for person in row.people:
        if person.phone:
            who, its_id = (
                ("learner", person.learner_id) if person.learner_id else ("trainer", person.trainer_id)
            )
            subject = audit.Subject(who, its_id, ward_id)
            audit.note(db, subject, f"{who}.phone_shown", by=actor, now=now)
    return await _page(request, db, ward_id, row, calling=True)


@post(HERE + "/{action_slug:str}", opt=in_ward(Permission.PLAN))
async def apply_action(
    form: Form[ActionForm],
    ward_id: str,
    message_id: int,
    action_slug: str,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
    params: ActionParams,
) -> Response[Any]:
    """Carry out an action on one message, and return to the page it was started from."""
    typed = form.value()
    await check_message(db, ward_id, message_id)
    done = await actions.perform(
        db, action_slug, MessageSelection(ward_id, message_id=message_id), typed, by=actor, now=now
    )
    here = f"/tin-nhan/{ward_id}/tin/{message_id}"
    back = local_path(typed.back or params.back, here)
    undo = f"{here}/{done.undo}?ve={quote(back)}" if done.undo else None
    return redirect(back, flash=done.sentence, undo_url=undo)


HANDLERS = [text, call, apply_action]
