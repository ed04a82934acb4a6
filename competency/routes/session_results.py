"""Who came to a session: a part of its page, and a page of its own."""

from datetime import datetime
from typing import Any

from litestar import get
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from attendance.labels import mark_labels
from competency.queries.session_results import session_results
from lopso.kernel.access import Actor, Permission
from lopso.web.guards import of_row, require_in_ward
from lopso.web.pages import is_htmx, page
from lopso.web.request import Request
from scheduling.queries.access import visible_session

NAMED = 60
"""People of one mark who are named; more are counted."""


@get("/buoi/{session_id:int}/ket-qua", opt=of_row(Permission.SEE_PEOPLE))
async def results_of_session(
    request: Request, session_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Who was present, late, excused, absent or not marked; who can get a certificate, or what is missing."""
    session = await visible_session(db, session_id, by=actor)
    require_in_ward(actor, Permission.SEE_PEOPLE, session.ward_id)
    results = await session_results(db, session_id)
    labels = mark_labels()
    marks = ("present", "late", "left_early", "excused", "absent")
    groups = [(mark, labels[mark], results.marked(mark)) for mark in marks]
    groups.append(("unmarked", labels["cleared"], results.marked(None)))
    return page(
        f"competency/{'_session_results' if is_htmx(request) else 'session_results'}.html",
        ward_id=session.ward_id,
        session=session,
        results=results,
        present=sum(each.present for each in results.rows),
        groups=[each for each in groups if each[2]],
        named=NAMED,
        over=session.ends_at <= now,
        may_call=actor.may(Permission.PLAN, session.ward_id) and session.cancelled_at is None,
        may_issue=actor.may(Permission.ISSUE_CERTIFICATES, session.ward_id),
        may_sign=actor.may(Permission.SIGN_OFF, session.ward_id),
    )


HANDLERS = [results_of_session]
