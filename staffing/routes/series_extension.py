"""Further meetings of a series: form, preview of every date, confirmation."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import formatting
from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import InvalidInput, NotFound, Refused
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from lopso.web.forms import Form
from lopso.web.guards import in_ward
from lopso.web.pages import page, redirect
from scheduling.labels.refusals import refusal_text
from scheduling.labels.sessions import room_taken_label, slots_label
from scheduling.queries.places import place_of
from staffing.forms.series_extension import ExtensionForm, read_extension
from staffing.labels.further_dates import further_date_row
from staffing.queries.further_dates import further_dates
from staffing.queries.series_model import SeriesModel, series_model
from staffing.service.further_meetings import FurtherMeetings, extend_series, extension_plan

HERE = "/lich/{ward_id:str}/chuoi/{series_id:int}/them-buoi"
PLANNED = in_ward(Permission.PLAN)


@get(HERE, opt=PLANNED)
async def extension_form(
    form: Form[ExtensionForm], db: AsyncSession, ward_id: str, series_id: int
) -> Response[Any]:
    """How far the series goes, and how it is to go on; six statements and the log-in."""
    model = await model_of(db, ward_id, series_id)
    if not form.typed.pairs(without=[]):
        proposed = ExtensionForm(
            meetings=4, learners=True, helpers=True, publish=model.last.published_at is not None
        )
        form = Form.of(proposed)
    return _form(model, form.unchecked())


@get(HERE + "/xem-truoc", opt=PLANNED)
async def preview_extension(
    form: Form[ExtensionForm], db: AsyncSession, now: datetime, ward_id: str, series_id: int
) -> Response[Any]:
    """Every date with what is in the way; eleven statements and the log-in."""
    return await _preview(db, await model_of(db, ward_id, series_id), form, now=now)


@post(HERE, opt=PLANNED)
async def extend(
    form: Form[ExtensionForm], db: AsyncSession, actor: Actor, now: datetime, ward_id: str, series_id: int
) -> Response[Any]:
    """Add the dates that were picked."""
    picked = form.sensible().picked
    try:
        wanted = read_extension(form)
        done = await extend_series(db, ward_id, series_id, wanted, picked=picked, by=actor, now=now)
    except (InvalidInput, Refused) as refusal:
        await db.rollback()
        model = await model_of(db, ward_id, series_id)
        return await _preview(db, model, form, now=now, picked=picked, refusal=refusal)
    return redirect(
        f"/lich/{ward_id}/chuoi/{series_id}",
        flash=further_meetings_text(done),
        kind="warn" if done.left_out or done.refusals or done.waiting else "ok",
    )


def further_meetings_text(done: FurtherMeetings) -> str:
    """What was done, and what was not."""
    said = [ngettext("Đã thêm %(n)s buổi.", "Đã thêm %(n)s buổi.", len(done.session_ids))]
    if done.waiting:
        said.append(ngettext("%(n)s người học phải chờ chỗ.", "%(n)s người học phải chờ chỗ.", done.waiting))
    said += [room_taken_label(slot, ()) for slot in done.left_out]
    return " ".join((*said, *done.refusals))


async def model_of(db: AsyncSession, ward_id: str, series_id: int) -> SeriesModel:
    """The series of the address as the model of further meetings.

    Raises:
        NotFound: there is none, or it has no meeting that was not cancelled.
    """
    model = await series_model(db, ward_id, series_id)
    if model is None:
        raise NotFound(_("Không tìm thấy chuỗi buổi học này."))
    return model


def _form(model: SeriesModel, form: Form[ExtensionForm]) -> Response[Any]:
    ward_id, series_id = model.series.ward_id, model.series.id
    return page(
        "staffing/series_extension.html",
        ward_id=ward_id,
        form=form,
        here=f"/lich/{ward_id}/chuoi/{series_id}/them-buoi",
        series=f"/lich/{ward_id}/chuoi/{series_id}",
        model=model,
        rule=slots_label(model.slots),
        last=formatting.weekday_and_date(model.last.starts_at),
        later=f"/lich/{ward_id}/chuoi/{model.later.id}" if model.later else None,
    )


async def _preview(
    db: AsyncSession,
    model: SeriesModel,
    form: Form[ExtensionForm],
    *,
    now: datetime,
    picked: Collection[datetime] | None = None,
    refusal: InvalidInput | Refused | None = None,
) -> Response[Any]:
    ward_id, series_id = model.series.ward_id, model.series.id
    try:
        wanted = read_extension(form)
        plan = extension_plan(model, wanted, now=now)
    except InvalidInput as error:
        return _form(model, form.refused(error))
    seen = await further_dates(
        db,
        ward_id,
        plan,
        learners=model.learners if wanted.learners else (),
        helpers=model.helpers if wanted.helpers else (),
        starts=model.starts,
        now=now,
    )
    if not seen.lines:
        none = InvalidInput({"ends_on": _("Từ buổi cuối đến ngày này không có ngày học nào của chuỗi.")})
        return _form(model, form.refused(none))
    here = f"/lich/{ward_id}/chuoi/{series_id}/them-buoi"
    fields = form.typed.pairs(without=["pick"])
    lines = [further_date_row(each, picked) for each in seen.lines]
    return page(
        "staffing/series_extension_preview.html",
        status=refusal.status if refusal else 200,
        ward_id=ward_id,
        here=here,
        series=f"/lich/{ward_id}/chuoi/{series_id}",
        back=f"{here}?{urlencode(fields)}",
        fields=fields,
        model=model,
        wanted=wanted,
        place=place_of(model.last).name,
        lines=lines,
        chosen=sum(each.checked for each in lines),
        cut_short=seen.cut_short,
        refusal=refusal_text(refusal),
    )


HANDLERS = [extension_form, preview_extension, extend]
