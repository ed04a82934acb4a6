"""What the pages of extending and of copying a series share."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from litestar.response import Response

from lopso.kernel.errors import InvalidInput, Refused
from lopso.kernel.i18n import ngettext
from lopso.web.forms import Form
from lopso.web.pages import page
from scheduling.labels.refusals import refusal_text
from scheduling.labels.sessions import room_taken_label
from staffing.labels.further_dates import further_date_row
from staffing.queries.further_dates import FurtherDates
from staffing.queries.series_model import SeriesModel
from staffing.service.further_meetings import FurtherMeetings


def dates_page(
    template: str,
    model: SeriesModel,
    form: Form[Any],
    seen: FurtherDates,
    *,
    here: str,
    picked: Collection[datetime] | None,
    refusal: InvalidInput | Refused | None,
    **more: Any,
) -> Response[Any]:
    """The preview of every date.

    Args:
        here: where its form is posted to.
        more: what only this template needs.
    """
    ward_id, series_id = model.series.ward_id, model.series.id
    fields = form.typed.pairs(without=["pick"])
    lines = [further_date_row(each, picked) for each in seen.lines]
    return page(
        template,
        status=refusal.status if refusal else 200,
        ward_id=ward_id,
        here=here,
        series=f"/lich/{ward_id}/chuoi/{series_id}",
        back=f"{here}?{urlencode(fields)}",
        fields=fields,
        model=model,
        lines=lines,
        chosen=sum(each.checked for each in lines),
        refusal=refusal_text(refusal),
        **more,
    )


def further_meetings_text(done: FurtherMeetings) -> str:
    """What was done, and what was not."""
    said = [ngettext("Đã thêm %(n)s buổi.", "Đã thêm %(n)s buổi.", len(done.session_ids))]
    if done.waiting:
        said.append(ngettext("%(n)s người học phải chờ chỗ.", "%(n)s người học phải chờ chỗ.", done.waiting))
    said += [room_taken_label(slot, ()) for slot in done.left_out]
    return " ".join((*said, *done.refusals))
