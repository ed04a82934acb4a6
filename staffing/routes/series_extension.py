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
from lopso.kernel.errors import InvalidInput, Refused
from lopso.kernel.i18n import gettext as _
from lopso.web.forms import Form
from lopso.web.guards import in_ward
from lopso.web.pages import page, redirect
from scheduling.labels.sessions import slots_label
from scheduling.queries.places import place_of
from staffing.forms.series_extension import ExtensionForm, read_extension
from staffing.queries.further_dates import further_dates
from staffing.queries.series_model import SeriesModel, series_model
from staffing.routes.further_meetings import dates_page, further_meetings_text
from staffing.service.further_meetings import extend_series, extension_plan, only_wanted

HERE = "/lich/{ward_id:str}/chuoi/{series_id:int}/them-buoi"
PLANNED = in_ward(Permission.PLAN)


@get(HERE, opt=PLANNED)
async def extension_form(
    form: Form[ExtensionForm], db: AsyncSession, ward_id: str, series_id: int
) -> Response[Any]:
    """How far the series goes, and how it is to go on; six statements and the log-in."""
    model = await series_model(db, ward_id, series_id)
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
    return await _preview(db, await series_model(db, ward_id, series_id), form, now=now)


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
        model = await series_model(db, ward_id, series_id)
        return await _preview(db, model, form, now=now, picked=picked, refusal=refusal)
    return redirect(
        f"/lich/{ward_id}/chuoi/{series_id}",
        flash=further_meetings_text(done),
        kind="warn" if done.left_out or done.refusals or done.waiting else "ok",
    )


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
    people = only_wanted(model, learners=wanted.learners, helpers=wanted.helpers)
    seen = await further_dates(
        db,
        ward_id,
        plan,
        learners=people.learners,
        helpers=people.helpers,
        starts=model.starts,
        now=now,
    )
    if not seen.lines:
        none = InvalidInput({"ends_on": _("Từ buổi cuối đến ngày này không có ngày học nào của chuỗi.")})
        return _form(model, form.refused(none))
    return dates_page(
        "staffing/series_extension_preview.html",
        people,
        form,
        seen,
        here=f"/lich/{ward_id}/chuoi/{series_id}/them-buoi",
        picked=picked,
        refusal=refusal,
        wanted=wanted,
        place=place_of(model.last).name,
        cut_short=seen.cut_short,
        texts=_texts(f"/lich/{ward_id}/chuoi/{series_id}/them-buoi/tin-nhan", form),
    )


def _texts(address: str, form: Form[ExtensionForm]) -> str:
    """Where the texts of the dates picked are shown; the page adds the ticks."""
    return f"{address}?{urlencode(form.typed.pairs(without=['pick', '_once']))}"


HANDLERS = [extension_form, preview_extension, extend]
