"""One session's texts: a panel on its page, a page of its own, and the list of people to call."""

from datetime import datetime
from typing import Any

from litestar import Request, get
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor, Permission
from lopso.web.guards import in_ward
from lopso.web.pages import is_htmx, page
from notifications import words
from notifications.queries import texts
from notifications.queries.calls import calls_for
from scheduling.models import ClassSession
from scheduling.queries.access import visible_session
from scheduling.queries.place_words import place_of

HERE = "/buoi/{session_id:int}"


@get(HERE + "/tin-nhan")
async def session_texts(
    request: Request[Any, Any, Any], session_id: int, db: AsyncSession, actor: Actor, trang: int = 1
) -> Response[Any]:
    """The panel for htmx; the whole page, with each text, for everybody else."""
    session = await _session(db, session_id, actor)
    shared: dict[str, Any] = {
        "session": session,
        "waves": await texts.waves(db, session_id),
        "calls": await calls_for(db, session),
        "segment_price": request.app.state.settings.sms_segment_price,
        "state_words": words.state_words(),
        "purpose_words": words.purpose_words(),
    }
    if is_htmx(request):
        return page("notifications/_session.html", ward_id=session.ward_id, **shared)
    return page(
        "notifications/session.html",
        ward_id=session.ward_id,
        found=await texts.session_page(db, session_id, number=max(1, trang)),
        reason_word=words.reason_word,
        **shared,
    )


@get(HERE + "/goi-dien")
async def call_list(session_id: int, db: AsyncSession, actor: Actor, now: datetime) -> Response[Any]:
    """Whom to call, numbers in full, on the screen or on paper; noted in the audit trail."""
    session = await _session(db, session_id, actor)
    calls = await calls_for(db, session)
    audit.record(
        db,
        by=actor,
        now=now,
        action="call_list.opened",
        ward_id=session.ward_id,
        subject="class_session",
        subject_id=session.id,
        facts={"people": len(calls)},
    )
    return page(
        "notifications/calls.html",
        ward_id=session.ward_id,
        session=session,
        place=place_of(session),
        calls=calls,
        why_words=words.call_words(),
        reason_word=words.reason_word,
    )


async def _session(db: AsyncSession, session_id: int, actor: Actor) -> ClassSession:
    session = await visible_session(db, session_id, by=actor)
    in_ward(actor, Permission.SEE_MESSAGES, session.ward_id)
    return session


HANDLERS = [session_texts, call_list]
