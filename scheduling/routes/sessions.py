"""One session: its page, publishing it, deleting a draft."""

from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import formatting
from lopso.kernel.access import Actor, Permission
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from lopso.web.forms import Form
from lopso.web.guards import of_row, own_or
from lopso.web.pages import page, redirect
from scheduling.forms.sessions import PublishForm
from scheduling.labels.links import back_of, week_of
from scheduling.labels.sessions import kind_label
from scheduling.queries import courses as course_queries
from scheduling.queries import sessions as queries
from scheduling.queries.access import visible_session
from scheduling.queries.places import place_of
from scheduling.service import sessions as service

ONE = "/buoi/{session_id:int}"


@get(ONE, opt=own_or(Permission.SEE_CALENDAR))
async def session_page(db: AsyncSession, actor: Actor, now: datetime, session_id: int) -> Response[Any]:
    """Everything about one session; people, learners and texts come as parts of other pages."""
    session = await visible_session(db, session_id, by=actor)
    ward_id = session.ward_id
    course = (
        await course_queries.course(db, ward_id, session.course_id) if session.course_id is not None else None
    )
    return page(
        "scheduling/session.html",
        ward_id=ward_id,
        session=session,
        here=f"/buoi/{session_id}",
        week=week_of(session) if actor.may(Permission.SEE_CALENDAR, ward_id) else None,
        kind=kind_label(session.kind),
        date=formatting.weekday_and_date(session.starts_at),
        place=place_of(session),
        room=session.room,
        course=course,
        skills=await course_queries.taught_skills(db, course.id) if course else [],
        staffing=await queries.staffing_counts(db, session_id),
        begun=session.starts_at <= now,
        over=session.ends_at <= now,
        may_plan=actor.may(Permission.PLAN, ward_id),
        may_see_people=actor.may(Permission.SEE_PEOPLE, ward_id),
        may_see_messages=actor.may(Permission.SEE_MESSAGES, ward_id),
    )


@get(ONE + "/cong-bo", opt=of_row(Permission.PLAN))
async def ask_to_publish(
    db: AsyncSession, actor: Actor, now: datetime, session_id: int, params: PublishForm
) -> Response[Any]:
    """Which sessions would be published, and who would be notified."""
    session = await queries.session_to_plan(db, actor, session_id)
    drafts = await queries.drafts_of_series(db, session, now=now)
    whole = params.whole_series and len(drafts) > 1
    wanted = drafts if whole else [each for each in drafts if each.id == session_id]
    return page(
        "scheduling/publish.html",
        ward_id=session.ward_id,
        session=session,
        here=f"/buoi/{session_id}",
        week=week_of(session),
        wanted=wanted,
        whole=whole,
        others=len(drafts) - len(wanted),
        affected=await queries.affected_people(db, [each.id for each in wanted]),
        place_of=place_of,
    )


@post(ONE + "/cong-bo", opt=of_row(Permission.PLAN))
async def publish(
    form: Form[PublishForm], db: AsyncSession, actor: Actor, now: datetime, session_id: int
) -> Response[Any]:
    """Publish one draft, or all drafts of its series."""
    session = await queries.session_to_plan(db, actor, session_id)
    ids = [session_id]
    if form.sensible().whole_series:
        ids = [each.id for each in await queries.drafts_of_series(db, session, now=now)]
    published = await service.publish_sessions(db, ids, by=actor, now=now)
    if not published:
        return redirect(f"/buoi/{session_id}", flash=_("Buổi này đã công bố từ trước."))
    flash = ngettext("Đã công bố %(n)s buổi.", "Đã công bố %(n)s buổi.", len(published))
    return redirect(back_of(session, whole=len(published) > 1), flash=flash)


@post(ONE + "/xoa", opt=of_row(Permission.PLAN))
async def delete(db: AsyncSession, actor: Actor, now: datetime, session_id: int) -> Response[Any]:
    """Delete a draft without people."""
    session = await queries.session_to_plan(db, actor, session_id)
    when, back = formatting.day_and_hours(session.starts_at, session.ends_at), week_of(session)
    await service.delete_draft(db, session_id, by=actor, now=now)
    return redirect(back, flash=_("Đã xóa bản nháp %(when)s.", when=when))


HANDLERS = [session_page, ask_to_publish, publish, delete]
