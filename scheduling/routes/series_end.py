"""Ending a series early: form, preview of what is cancelled, confirmation."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import formatting
from lopso.kernel.access import Actor, Permission
from lopso.kernel.clock import local_day
from lopso.kernel.errors import InvalidInput, NotFound, Refused
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from lopso.kernel.message_safety import unsuitable
from lopso.web.forms import Form
from lopso.web.guards import in_ward
from lopso.web.pages import page, redirect
from scheduling.forms.series_end import EndForm, read_end
from scheduling.labels.refusals import refusal_text
from scheduling.models import ClassSession
from scheduling.queries import sessions as queries
from scheduling.queries.places import place_of
from scheduling.queries.series_changes import state_of
from scheduling.queries.series_end import meetings_after
from scheduling.rules.reasons import GENERAL_REASONS
from scheduling.service.series_end import end_series

HERE = "/lich/{ward_id:str}/chuoi/{series_id:int}/ket-thuc-som"
PLANNED = in_ward(Permission.PLAN)


@get(HERE, opt=PLANNED)
async def end_form(form: Form[EndForm], db: AsyncSession, ward_id: str, series_id: int) -> Response[Any]:
    """Which day is the last, and why."""
    return await _form(db, ward_id, series_id, form.unchecked())


@get(HERE + "/xem-truoc", opt=PLANNED)
async def preview_end(
    form: Form[EndForm], db: AsyncSession, now: datetime, ward_id: str, series_id: int
) -> Response[Any]:
    """Which meetings are cancelled, and who is told; five statements and the log-in."""
    return await _preview(db, ward_id, series_id, form, now=now)


async def _preview(
    db: AsyncSession,
    ward_id: str,
    series_id: int,
    form: Form[EndForm],
    *,
    now: datetime,
    refusal: Refused | None = None,
) -> Response[Any]:
    title = await _title(db, ward_id, series_id)
    try:
        last_day, reason = read_end(form, local_day(now))
        sessions = await meetings_after(db, ward_id, series_id, last_day, now=now)
        if not sessions:
            raise InvalidInput({"last_day": _("Sau ngày này chuỗi không còn buổi nào sắp tới.")})
    except InvalidInput as error:
        return await _form(db, ward_id, series_id, form.refused(error))
    here, fields = f"/lich/{ward_id}/chuoi/{series_id}/ket-thuc-som", form.typed.pairs(without=["seen"])
    public = [each.id for each in sessions if each.published_at is not None]
    why = unsuitable(reason) if public else None
    return page(
        "scheduling/series_end_preview.html",
        status=refusal.status if refusal else 200,
        ward_id=ward_id,
        title=title,
        here=here,
        series=f"/lich/{ward_id}/chuoi/{series_id}",
        back=f"{here}?{urlencode(fields)}",
        fields=fields,
        sessions=sessions,
        last_day=formatting.weekday_and_date(last_day),
        reason=reason,
        affected=await queries.affected_people(db, public),
        texts=_texts(public, reason),
        unquotable=why,
        said_instead=GENERAL_REASONS,
        place_of=place_of,
        seen=state_of(sessions),
        refusal=refusal_text(refusal),
    )


@post(HERE, opt=PLANNED)
async def end(
    form: Form[EndForm], db: AsyncSession, actor: Actor, now: datetime, ward_id: str, series_id: int
) -> Response[Any]:
    """Cancel what comes after the last day."""
    await _title(db, ward_id, series_id)
    try:
        last_day, reason = read_end(form, local_day(now))
        seen = form.sensible().seen
        done = await end_series(
            db, ward_id, series_id, last_day=last_day, reason=reason, seen=seen, by=actor, now=now
        )
    except InvalidInput as error:
        await db.rollback()
        return await _form(db, ward_id, series_id, form.refused(error))
    except Refused as refusal:
        await db.rollback()
        return await _preview(db, ward_id, series_id, form, now=now, refusal=refusal)
    said = (
        [ngettext("Đã hủy %(n)s buổi.", "Đã hủy %(n)s buổi.", len(done.cancelled))] if done.cancelled else []
    )
    if done.deleted:
        said.append(ngettext("Đã xóa %(n)s bản nháp.", "Đã xóa %(n)s bản nháp.", done.deleted))
    undo = f"/buoi/{done.cancelled[0]}/huy/hoan-tac" if done.cancelled else None
    return redirect(f"/lich/{ward_id}/chuoi/{series_id}", flash=" ".join(said), undo_url=undo)


async def _title(db: AsyncSession, ward_id: str, series_id: int) -> str:
    sessions = await queries.sessions_of_series(db, ward_id, series_id)
    if not sessions:
        raise NotFound(_("Không tìm thấy chuỗi buổi học này."))
    return sessions[0].title


async def _form(db: AsyncSession, ward_id: str, series_id: int, form: Form[EndForm]) -> Response[Any]:
    sessions: list[ClassSession] = list(await queries.sessions_of_series(db, ward_id, series_id))
    if not sessions:
        raise NotFound(_("Không tìm thấy chuỗi buổi học này."))
    return page(
        "scheduling/series_end.html",
        ward_id=ward_id,
        form=form,
        title=sessions[0].title,
        last=formatting.weekday_and_date(sessions[-1].starts_at),
        here=f"/lich/{ward_id}/chuoi/{series_id}/ket-thuc-som",
        series=f"/lich/{ward_id}/chuoi/{series_id}",
    )


def _texts(session_ids: list[int], reason: str) -> str | None:
    """Where the texts of the cancellation are shown; None when nobody is told."""
    if not session_ids:
        return None
    ticked = [("pick", each) for each in session_ids]
    query = urlencode([("pham_vi", "all"), ("reason", reason), ("chon", "1"), *ticked])
    return f"/buoi/{session_ids[0]}/huy/tin-nhan?{query}"


HANDLERS = [end_form, preview_end, end]
