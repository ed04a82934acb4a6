"""What a session or a series brought: parts of their pages, and pages of their own."""

from datetime import datetime
from typing import Any

from litestar import get
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from attendance.labels import mark_labels
from competency.labels import skill_parts
from competency.queries.class_skills import class_skills
from competency.queries.session_results import session_results
from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import NotFound
from lopso.kernel.i18n import gettext as _
from lopso.web.guards import in_ward, of_row, require_in_ward
from lopso.web.pages import is_htmx, page
from lopso.web.request import Request
from scheduling.queries.access import visible_session
from scheduling.queries.sessions import sessions_of_series

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
        skills=await class_skills(db, [session_id]),
        skill_parts=skill_parts,
        present=sum(each.present for each in results.rows),
        groups=[each for each in groups if each[2]],
        named=NAMED,
        over=session.ends_at <= now,
        may_call=actor.may(Permission.PLAN, session.ward_id) and session.cancelled_at is None,
        may_issue=actor.may(Permission.ISSUE_CERTIFICATES, session.ward_id),
        may_sign=actor.may(Permission.SIGN_OFF, session.ward_id),
    )


@get("/lich/{ward_id:str}/chuoi/{series_id:int}/ky-nang", opt=in_ward(Permission.SEE_PEOPLE))
async def skills_of_series(request: Request, ward_id: str, series_id: int, db: AsyncSession) -> Response[Any]:
    """How far a series is with its skills; five statements with the log-in."""
    sessions = await sessions_of_series(db, ward_id, series_id)
    if not sessions:
        raise NotFound(_("Không tìm thấy chuỗi buổi học này."))
    return page(
        f"competency/{'_class_skills' if is_htmx(request) else 'series_skills'}.html",
        ward_id=ward_id,
        title=sessions[0].title,
        series=f"/lich/{ward_id}/chuoi/{series_id}",
        skills=await class_skills(db, [each.id for each in sessions]),
        skill_parts=skill_parts,
    )


HANDLERS = [results_of_session, skills_of_series]
