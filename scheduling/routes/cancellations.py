"""Cancelling sessions: who is affected, the reason, several of a series."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import formatting
from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from lopso.kernel.message_safety import unsuitable
from lopso.kernel.text import capitalized
from lopso.web.forms import Form
from lopso.web.guards import of_row
from lopso.web.pages import page, redirect
from scheduling.errors import NotPossibleNow
from scheduling.forms.fields import ChangeScope
from scheduling.forms.sessions import CancelForm, scope_within
from scheduling.labels.links import back_of, week_of
from scheduling.models import ClassSession
from scheduling.queries import sessions as queries
from scheduling.queries.places import place_of
from scheduling.queries.series_scope import in_scope
from scheduling.rules.reasons import GENERAL_REASONS
from scheduling.service import sessions as service
from scheduling.service.series_changes import cancel_series

HERE = "/buoi/{session_id:int}/huy"


@get(HERE, opt=of_row(Permission.PLAN))
async def ask_to_cancel(
    db: AsyncSession, actor: Actor, now: datetime, session_id: int, params: CancelForm
) -> Response[Any]:
    """Who is affected by cancelling one session or several of its series; shows what the address brings."""
    session = await queries.session_to_plan(db, actor, session_id)
    scope = scope_within(session, params.scope)
    return await _cancel_page(db, session, scope, now, reason=params.reason, picked=params.picked or None)


@post(HERE, opt=of_row(Permission.PLAN))
async def cancel(
    form: Form[CancelForm], db: AsyncSession, actor: Actor, now: datetime, session_id: int
) -> Response[Any]:
    """Cancel sessions; a reason that texts may not quote has to be confirmed once.

    With `switch_to` or `show_texts` nothing is cancelled: the page changes its scope, or the texts are shown.
    """
    session = await queries.session_to_plan(db, actor, session_id)
    typed = form.sensible()
    reason, scope, picked = typed.reason, scope_within(session, typed.scope), typed.picked
    if typed.switch_to is not None:
        return await _cancel_page(db, session, scope_within(session, typed.switch_to), now, reason=reason)
    if typed.show_texts:
        return redirect(f"/buoi/{session_id}/huy/tin-nhan?{_as_query(scope, reason, picked)}")
    back = back_of(session, whole=True)
    if session.published_at and not session.cancelled_at and typed.seen != reason:
        why = unsuitable(reason)
        if why is not None:
            return await _cancel_page(db, session, scope, now, reason=reason, picked=picked, unquotable=why)
    try:
        if scope == "one":
            await service.cancel_session(db, session_id, reason=reason, by=actor, now=now)
            undo = f"/buoi/{session_id}/huy/hoan-tac"
            return redirect(f"/buoi/{session_id}", flash=_("Đã hủy buổi này."), undo_url=undo)
        done = await cancel_series(
            db, session_id, reason=reason, scope=scope, picked=picked, by=actor, now=now
        )
    except (InvalidInput, NotPossibleNow) as error:
        if isinstance(error, NotPossibleNow) and scope == "one":
            raise
        errors = error.fields if isinstance(error, InvalidInput) else {"": error.sentence}
        session = await queries.session_to_plan(db, actor, session_id)
        return await _cancel_page(db, session, scope, now, reason=reason, picked=picked, errors=errors)
    flash = ngettext("Đã hủy %(n)s buổi.", "Đã hủy %(n)s buổi.", len(done))
    return redirect(back, flash=flash, undo_url=f"/buoi/{done[0]}/huy/hoan-tac")


def _as_query(scope: ChangeScope, reason: str, picked: Collection[int]) -> str:
    """The page of cancelling as an address brings it back."""
    ticked = [("pick", each) for each in picked] if scope != "one" else []
    return urlencode([("pham_vi", scope), ("reason", reason), *ticked])


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
                capitalized(formatting.day_and_hours(each.starts_at, each.ends_at)),
                picked is None or each.id in picked,
            )
            for each in sessions
        ],
        public=any(each.published_at is not None for each in sessions),
        begun=session.starts_at <= now,
        affected=await queries.affected_people(
            db, [each.id for each in sessions if each.published_at is not None or scope == "one"]
        ),
        reason=reason,
        reasons=_usual_reasons(),
        errors=errors or {},
        unquotable=unquotable,
        said_instead=GENERAL_REASONS,
    )


def _usual_reasons() -> Sequence[str]:
    return (
        _("Mưa lớn, đường ngập"),
        _("Mất điện tại phòng học"),
        _("Phòng học có việc đột xuất của phường, xã"),
        _("Người hướng dẫn bận đột xuất"),
    )


HANDLERS = [ask_to_cancel, cancel]
