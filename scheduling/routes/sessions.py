"""One session: its page, publishing, cancelling, deleting a draft."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import formatting
from lopso.kernel.access import Actor, Permission
from lopso.kernel.clock import local_day, monday_of
from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from lopso.kernel.message_safety import unsuitable
from lopso.web.forms import Form
from lopso.web.guards import of_row, own_or
from lopso.web.pages import page, redirect
from scheduling.errors import NotPossibleNow
from scheduling.forms.fields import ChangeScope
from scheduling.forms.sessions import CancelForm, PublishForm, ScopeQuery
from scheduling.labels.sessions import kind_label
from scheduling.models import ClassSession
from scheduling.queries import courses as course_queries
from scheduling.queries import sessions as queries
from scheduling.queries.access import visible_session
from scheduling.queries.places import place_of
from scheduling.rules.reasons import GENERAL_REASONS
from scheduling.service import sessions as service
from scheduling.service.series_changes import cancel_series, in_scope

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


@get(ONE + "/huy", opt=of_row(Permission.PLAN))
async def ask_to_cancel(
    db: AsyncSession, actor: Actor, now: datetime, session_id: int, params: ScopeQuery
) -> Response[Any]:
    """Who is affected by cancelling one session, or several of its series."""
    session = await queries.session_to_plan(db, actor, session_id)
    scope = scope_within(session, params.scope)
    return await _cancel_page(db, session, scope, now)


@post(ONE + "/huy", opt=of_row(Permission.PLAN))
async def cancel(
    form: Form[CancelForm], db: AsyncSession, actor: Actor, now: datetime, session_id: int
) -> Response[Any]:
    """Cancel sessions; a reason that texts may not quote has to be confirmed once."""
    session = await queries.session_to_plan(db, actor, session_id)
    typed = form.sensible()
    reason, scope, picked = typed.reason, scope_within(session, typed.scope), typed.picked
    back = back_of(session, whole=True)
    if session.published_at and not session.cancelled_at and typed.seen != reason:
        why = unsuitable(reason)
        if why is not None:
            return await _cancel_page(db, session, scope, now, reason=reason, picked=picked, unquotable=why)
    try:
        if scope == "one":
            await service.cancel_session(db, session_id, reason=reason, by=actor, now=now)
            return redirect(f"/buoi/{session_id}", flash=_("Đã hủy buổi này."))
        done = await cancel_series(
            db, session_id, reason=reason, scope=scope, picked=picked, by=actor, now=now
        )
    except (InvalidInput, NotPossibleNow) as error:
        if isinstance(error, NotPossibleNow) and scope == "one":
            raise
        errors = error.fields if isinstance(error, InvalidInput) else {"": error.sentence}
        session = await queries.session_to_plan(db, actor, session_id)
        return await _cancel_page(db, session, scope, now, reason=reason, picked=picked, errors=errors)
    return redirect(back, flash=ngettext("Đã hủy %(n)s buổi.", "Đã hủy %(n)s buổi.", len(done)))


@post(ONE + "/xoa", opt=of_row(Permission.PLAN))
async def delete(db: AsyncSession, actor: Actor, now: datetime, session_id: int) -> Response[Any]:
    """Delete a draft without people."""
    session = await queries.session_to_plan(db, actor, session_id)
    when, back = formatting.day_and_hours(session.starts_at, session.ends_at), week_of(session)
    await service.delete_draft(db, session_id, by=actor, now=now)
    return redirect(back, flash=_("Đã xóa bản nháp %(when)s.", when=when))


async def _cancel_page(
    db: AsyncSession,
    session: ClassSession,
    scope: ChangeScope,
    now: datetime,
    *,
    reason: str = "",
    picked: Collection[int] | None = None,
    errors: dict[str, str] | None = None,
    unquotable: str | None = None,
) -> Response[Any]:
    sessions = [session] if scope == "one" else await in_scope(db, session, scope, now)
    return page(
        "scheduling/cancel.html",
        status=422 if errors or unquotable else 200,
        ward_id=session.ward_id,
        session=session,
        here=f"/buoi/{session.id}",
        week=week_of(session),
        place=place_of(session),
        scope=scope,
        dates=[
            (
                each,
                formatting.day_and_hours(each.starts_at, each.ends_at),
                picked is None or each.id in picked,
            )
            for each in sessions
        ],
        public=any(each.published_at is not None for each in sessions),
        affected=await queries.affected_people(
            db, [each.id for each in sessions if each.published_at is not None or scope == "one"]
        ),
        reason=reason,
        reasons=_usual_reasons(),
        errors=errors or {},
        unquotable=unquotable,
        said_instead=GENERAL_REASONS,
    )


def scope_within(session: ClassSession, wanted: ChangeScope) -> ChangeScope:
    """Which sessions an act is meant for; a session without a series stands alone."""
    return "one" if session.series_id is None else wanted


def _usual_reasons() -> Sequence[str]:
    return (
        _("Mưa lớn, đường ngập"),
        _("Mất điện tại phòng học"),
        _("Phòng học có việc đột xuất của phường, xã"),
        _("Người dạy bận đột xuất"),
    )


def week_of(session: ClassSession) -> str:
    """Address of the week in which a session lies."""
    return f"/lich/{session.ward_id}?tuan={monday_of(local_day(session.starts_at))}"


def back_of(session: ClassSession, *, whole: bool) -> str:
    """Where one goes after a change: to the series when it was about that, else to the session."""
    if whole and session.series_id is not None:
        return f"/lich/{session.ward_id}/chuoi/{session.series_id}"
    return f"/buoi/{session.id}"


HANDLERS = [session_page, ask_to_publish, publish, ask_to_cancel, cancel, delete]
