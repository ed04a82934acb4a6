"""Messages of one session: a panel, a page, actions on many, the call list."""

from collections import Counter
from datetime import datetime
from typing import Any
from urllib.parse import quote

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from invitations import labels as mail_labels
from invitations.queries.mails import session_mail_counts
from lopso.kernel import audit
from lopso.kernel.access import Actor, Permission
from lopso.web.forms import Form
from lopso.web.guards import of_row, require_in_ward
from lopso.web.local_address import local_path
from lopso.web.pages import is_htmx, page, redirect
from lopso.web.request import Request
from notifications import labels, timeline
from notifications.forms import ActionForm, ActionParams, PageParams
from notifications.models import Message
from notifications.queries import message_rows
from notifications.queries.actions import affected_texts, ambiguous_among
from notifications.queries.batches import session_batches
from notifications.queries.call_list import LISTED, count_unreached, helpers_to_call, learners_to_call
from notifications.routes import actions
from notifications.service import message_actions
from notifications.service.message_selection import MessageSelection, applicable
from scheduling.models import ClassSession
from scheduling.queries.access import visible_session
from scheduling.queries.places import place_of

HERE = "/buoi/{session_id:int}"


@get(HERE + "/tin-nhan", opt=of_row(Permission.SEE_MESSAGES, seen_by_helpers=True))
async def session_texts(
    request: Request, session_id: int, db: AsyncSession, actor: Actor, now: datetime, params: PageParams
) -> Response[Any]:
    """The panel for htmx, else the page with each message."""
    session = await _session(db, session_id, actor)
    batches = await session_batches(db, session_id)
    shared: dict[str, Any] = {
        "session": session,
        "batches": batches,
        "by_state": sum((Counter(each.by_state) for each in batches), Counter[str]()),
        "to_call": (await count_unreached(db, [session_id], now=now)).get(session_id, 0),
        "mails": await session_mail_counts(db, session_id),
        "mail_labels": mail_labels,
        "segment_price": request.app.state.settings.sms_segment_price,
        "labels": labels,
    }
    if is_htmx(request):
        return page("notifications/_session.html", ward_id=session.ward_id, **shared)
    return page(
        "notifications/session.html",
        ward_id=session.ward_id,
        found=await message_rows.session_page(db, session_id, number=params.number),
        summary=timeline.summary,
        **shared,
    )


@get(HERE + "/tin-nhan/{action_slug:str}", opt=of_row(Permission.PLAN, seen_by_helpers=True))
async def preview_action(
    request: Request,
    session_id: int,
    action_slug: str,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
    params: ActionParams,
) -> Response[Any]:
    """Preview of an action on many messages of a session; a fixed number of statements."""
    session = await _session(db, session_id, actor)
    require_in_ward(actor, Permission.PLAN, session.ward_id)
    action = actions.action_of(action_slug)
    selection = MessageSelection(session.ward_id, session_id=session_id, purpose=params.purpose)
    where = applicable(action, selection, now)
    unknown = await ambiguous_among(db, where) if action == "send_again" else 0
    if action in ("send_again", "put_back"):
        where = [
            Message.id.in_(await message_actions.preview_resend(db, action, selection, by=actor, now=now))
        ]
    return page(
        "notifications/action.html",
        ward_id=session.ward_id,
        session=session,
        action=action_slug,
        purpose=params.purpose,
        affected=await affected_texts(db, where),
        unknown=unknown,
        back=local_path(params.back, f"/buoi/{session_id}/tin-nhan"),
        labels=labels,
        segment_price=request.app.state.settings.sms_segment_price,
    )


@post(HERE + "/tin-nhan/{action_slug:str}", opt=of_row(Permission.PLAN, seen_by_helpers=True))
async def apply_action(
    form: Form[ActionForm],
    session_id: int,
    action_slug: str,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
    params: ActionParams,
) -> Response[Any]:
    """Carry out an action on messages of a session: all, one purpose, or those of one instant."""
    session = await _session(db, session_id, actor)
    require_in_ward(actor, Permission.PLAN, session.ward_id)
    typed = form.value()
    purpose = typed.purpose or params.purpose
    selection = MessageSelection(
        session.ward_id, session_id=session_id, purpose=purpose, at=actions.decode_instant(params.at)
    )
    done = await actions.perform(db, action_slug, selection, typed, by=actor, now=now)
    here = f"/buoi/{session_id}/tin-nhan"
    back = local_path(typed.back or params.back, here)
    undo = f"{here}/{done.undo}?luc={actions.encode_instant(now)}&ve={quote(back)}" if done.undo else None
    return redirect(back, flash=done.sentence, undo_url=undo)


@get(HERE + "/goi-dien", opt=of_row(Permission.SEE_MESSAGES, seen_by_helpers=True))
async def call_list(session_id: int, db: AsyncSession, actor: Actor, now: datetime) -> Response[Any]:
    """The call list with full numbers, for screen and paper; each view is in the audit trail."""
    session = await _session(db, session_id, actor)
    calls = await learners_to_call(db, session, now=now)
    helpers = await helpers_to_call(db, session, now=now)
    audit.note(db, session, "call_list.opened", by=actor, now=now, people=len(calls) + len(helpers))
    return page(
        "notifications/call_list.html",
        ward_id=session.ward_id,
        session=session,
        place=place_of(session),
        calls=calls,
        helpers=helpers,
        most=LISTED,
        may_note=actor.may(Permission.PLAN, session.ward_id),
        reason_labels=labels.call_reason_labels(),
        labels=labels,
    )


async def _session(db: AsyncSession, session_id: int, actor: Actor) -> ClassSession:
    session = await visible_session(db, session_id, by=actor)
    require_in_ward(actor, Permission.SEE_MESSAGES, session.ward_id)
    return session


HANDLERS = [session_texts, preview_action, apply_action, call_list]
