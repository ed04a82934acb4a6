"""A week by helpers, with what each has taken on in four weeks."""

from datetime import datetime
from functools import partial
from typing import Any

from litestar import get
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import formatting
from lopso.kernel.access import Actor, Permission
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from lopso.web.forms import Form
from lopso.web.guards import in_ward
from scheduling.forms.calendar import ResourceQuery
from scheduling.labels.by_resource import ResourceRow, cells_of
from scheduling.queries.helper_weeks import HelperWeeks, helper_weeks, in_week
from scheduling.routes.resource_page import ROWS_SHOWN, ResourceRequest, resource_page


@get("/lich/{ward_id:str}/nguoi", opt=in_ward(Permission.SEE_PEOPLE))
async def helpers_week(
    db: AsyncSession, actor: Actor, now: datetime, ward_id: str, form: Form[ResourceQuery]
) -> Response[Any]:
    """Who is where; four statements with the log-in. A session of a ward that this person does not see has
    its hours only."""
    asked = ResourceRequest.of(db, actor, now, form, ward_id, "helpers")
    number = form.sensible().number
    found = await helper_weeks(
        db, ward_id, asked.place.day, filters=asked.place.filters, now=now, number=number, size=ROWS_SHOWN
    )
    rows = [_row(each, asked) for each in found.items]
    heading, empty = _("Người hướng dẫn"), _("Không có người hướng dẫn nào")
    first_step = (f"/nguoi-day/{ward_id}/nhap", _("Nhập danh sách"))
    return await resource_page(asked, found, rows, heading=heading, empty=empty, first_step=first_step)


def _row(helper: HelperWeeks, asked: ResourceRequest) -> ResourceRow:
    monday = asked.place.day
    may_see = partial(asked.actor.may, Permission.SEE_CALENDAR)
    cells = cells_of(in_week(helper.sessions, monday), monday, asked.now, may_see=may_see)
    href = f"/nguoi-day/{asked.ward_id}/{helper.trainer_id}"
    return ResourceRow(helper.name, _load(helper), href, cells, idle=not helper.sessions)


def _load(helper: HelperWeeks) -> str:
    number = len(helper.sessions)
    if not number:
        return _("Chưa có buổi nào trong 4 tuần")
    return ngettext(
        "%(n)s buổi, %(time)s trong 4 tuần",
        "%(n)s buổi, %(time)s trong 4 tuần",
        number,
        time=formatting.duration(helper.time),
    )


HANDLERS = [helpers_week]
