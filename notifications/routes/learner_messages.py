"""What was said to one learner: a part of the learner's page, and a page of its own."""

from datetime import datetime
from typing import Any

from litestar import get
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from learners.queries.learners import learner_in
from lopso.kernel.access import Actor, Permission
from lopso.web.guards import in_ward
from lopso.web.pages import is_htmx, page
from lopso.web.request import Request
from notifications import labels, timeline
from notifications.forms import PageParams
from notifications.queries.learner_messages import learner_messages, news_of_sessions

NEWEST = 5
"""Texts on the learner's page."""


@get("/tin-nhan/{ward_id:str}/nguoi-hoc/{learner_id:int}", opt=in_ward(Permission.SEE_MESSAGES))
async def messages_of_learner(
    request: Request,
    ward_id: str,
    learner_id: int,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
    params: PageParams,
) -> Response[Any]:
    """For htmx the newest texts, and for each coming class whether it was said; else the whole list."""
    learner = await learner_in(db, ward_id, learner_id)
    found = await learner_messages(db, learner_id, by=actor, number=params.number)
    shared: dict[str, Any] = {
        "learner": learner,
        "found": found,
        "here": f"/tin-nhan/{ward_id}/nguoi-hoc/{learner_id}",
        "labels": labels,
        "summary": timeline.summary,
    }
    if not is_htmx(request):
        return page("notifications/learner_messages.html", ward_id=ward_id, **shared)
    news = await news_of_sessions(db, learner_id, now=now)
    return page(
        "notifications/_learner_messages.html",
        ward_id=ward_id,
        newest=found.items[:NEWEST],
        news=[(each.session_id, labels.news_label(each, now=now)) for each in news],
        **shared,
    )


HANDLERS = [messages_of_learner]
