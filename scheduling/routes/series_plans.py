"""Planning a weekly series: the form, the preview of every date, the plan."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from litestar import get, post
from litestar.response import Response
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import formatting
from lopso.kernel.access import Actor, Permission
from lopso.kernel.clock import local_day
from lopso.kernel.errors import InvalidInput, Refused
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from lopso.web.forms import Form
from lopso.web.guards import PARTIAL, in_ward
from lopso.web.pages import page, redirect
from scheduling.forms.plans import WITH_COURSE, more_than_seats, options, place_of_plan
from scheduling.forms.series import (
    MOST_LEFT_OUT,
    MOST_ROWS,
    SeriesForm,
    proposed,
    read_series,
    rows_of,
)
from scheduling.labels.refusals import refusal_text
from scheduling.labels.series_dates import date_row
from scheduling.labels.sessions import kind_label, slots_label
from scheduling.queries.choices import choices
from scheduling.queries.series import series_preview
from scheduling.routes.series_dates import series_overview
from scheduling.service.series import plan_series

NEW = "/lich/{ward_id:str}/lop-moi"


@get(NEW, opt=in_ward(Permission.PLAN))
async def new_series(form: Form[SeriesForm], db: AsyncSession, now: datetime, ward_id: str) -> Response[Any]:
    """The form, empty or with what the address brings back."""
    kind = form.sensible().switch_to or form.sensible().kind
    if not form.typed.pairs(without=["kind", "rows", "xem"]):
        form = Form.of(replace(proposed(local_day(now)), kind=kind))
    return await _form(db, ward_id, form, now=now, kind=kind, checked=False)


@get(NEW + "/cac-ngay", opt={**in_ward(Permission.PLAN), **PARTIAL})
async def dates_so_far(
    form: Form[SeriesForm], db: AsyncSession, now: datetime, ward_id: str
) -> Response[Any]:
    """The dates that follow from what was typed so far: the part of the form that follows the typing."""
    found = await series_overview(db, ward_id, form, await choices(db, ward_id), now=now)
    return page("scheduling/_series_overview_part.html", ward_id=ward_id, overview=found)


@get(NEW + "/xem-truoc", opt=in_ward(Permission.PLAN))
async def preview_series(
    form: Form[SeriesForm], db: AsyncSession, now: datetime, ward_id: str
) -> Response[Any]:
    """Every date with the bookings that prevent it. Reads only: the address can be opened again."""
    return await _preview(db, ward_id, form, now=now)


@post(NEW, opt=in_ward(Permission.PLAN))
async def add_series(
    form: Form[SeriesForm], db: AsyncSession, actor: Actor, now: datetime, ward_id: str
) -> Response[Any]:
    """Plan the dates that were picked."""
    picked = form.sensible().picked
    try:
        plan = read_series(form, await choices(db, ward_id))
        made = await plan_series(db, ward_id, plan, picked=picked, by=actor, now=now)
    except (InvalidInput, Refused) as refusal:
        return await _preview(db, ward_id, form, now=now, picked=picked, refusal=refusal)
    flash = ngettext(
        "Đã lập %(n)s buổi, còn là bản nháp.", "Đã lập %(n)s buổi, còn là bản nháp.", len(made.session_ids)
    )
    left_out = [formatting.instant(slot.starts_at) for slot in made.left_out][:MOST_LEFT_OUT]
    query = f"?{urlencode([('con_lai', each) for each in left_out])}" if left_out else ""
    return redirect(
        f"/lich/{ward_id}/chuoi/{made.series.id}{query}",
        flash=flash,
        kind="warn" if left_out else "ok",
    )


async def _form(
    db: AsyncSession,
    ward_id: str,
    form: Form[SeriesForm],
    *,
    now: datetime,
    kind: str = "",
    checked: bool = True,
) -> Response[Any]:
    offered = await choices(db, ward_id)
    kind = kind or form.sensible().kind
    return page(
        "scheduling/series_form.html",
        ward_id=ward_id,
        form=form if checked else form.unchecked(),
        overview=await series_overview(db, ward_id, form, offered, now=now),
        overview_opened=form.sensible().look,
        calendar=f"/lich/{ward_id}",
        here=f"/lich/{ward_id}/lop-moi",
        kind=kind,
        kinds=[(each, kind_label(each)) for each in WITH_COURSE],
        rows=rows_of(form),
        most_rows=MOST_ROWS,
        weekdays=list(
            zip(range(7), formatting.short_weekday_names(), formatting.weekday_names(), strict=True)
        ),
        **options(offered, kind),
    )


async def _preview(
    db: AsyncSession,
    ward_id: str,
    form: Form[SeriesForm],
    *,
    now: datetime,
    picked: Collection[datetime] | None = None,
    refusal: InvalidInput | Refused | None = None,
) -> Response[Any]:
    offered = await choices(db, ward_id)
    try:
        plan = read_series(form, offered)
    except InvalidInput as error:
        return await _form(db, ward_id, form.refused(error), now=now)
    seen = await series_preview(db, ward_id, plan, now=now)
    if not seen.lines:
        none = InvalidInput({"starts_on": _("Trong khoảng này không có ngày nào khớp với các thứ đã chọn.")})
        return await _form(db, ward_id, form.refused(none), now=now)
    here = f"/lich/{ward_id}/lop-moi"
    fields = form.typed.pairs(without=["pick", "xem"])
    return page(
        "scheduling/series_preview.html",
        status=refusal.status if refusal else 200,
        ward_id=ward_id,
        here=here,
        back=f"{here}?{urlencode(fields)}",
        fields=fields,
        plan=plan,
        kind=kind_label(plan.details.kind),
        place=place_of_plan(plan.details.place, offered),
        rule=slots_label(plan.rule.slots),
        lines=[date_row(each, picked) for each in seen.lines],
        free=seen.free,
        taken=sum(bool(each.there) for each in seen.lines),
        skipped=sum(each.meeting.skipped for each in seen.lines),
        cut_short=seen.cut_short,
        crowded=more_than_seats(plan.details.capacity, plan.details.place, offered),
        refusal=refusal_text(refusal),
    )


HANDLERS = [new_series, dates_so_far, preview_series, add_series]
