"""The texts that further meetings of a series would send, before they are added."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from litestar import get
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _
from lopso.web.guards import PARTIAL, in_ward, require_in_ward
from lopso.web.request import Request
from notifications.forms import ExtensionParams
from notifications.routes.change_preview import change_preview_page
from notifications.service.change_preview import preview_extension
from notifications.service.preview_messages import ChangePreview
from staffing.queries.further_dates import further_dates
from staffing.queries.series_model import series_model
from staffing.service.further_meetings import Extension, extension_plan


@get(
    "/lich/{ward_id:str}/chuoi/{series_id:int}/them-buoi/tin-nhan",
    opt={**in_ward(Permission.PLAN), **PARTIAL},
)
async def preview_of_extension(
    request: Request,
    ward_id: str,
    series_id: int,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
    params: ExtensionParams,
) -> Response[Any]:
    """Preview of seats and offers in the dates picked; a part of the page that asks for confirmation."""
    require_in_ward(actor, Permission.SEE_MESSAGES, ward_id)
    wanted = Extension(params.ends_on, params.meetings, params.learners, params.helpers, params.publish)
    back = f"/lich/{ward_id}/chuoi/{series_id}/them-buoi/xem-truoc?{request.url.query}"
    try:
        if (params.ends_on is None) == (params.meetings is None):
            raise InvalidInput({"meetings": _("Ghi số buổi, hoặc ngày kết thúc: một trong hai.")})
        free = () if params.with_ticks else await _free_dates(db, ward_id, series_id, wanted, now)
    except InvalidInput as error:
        await series_model(db, ward_id, series_id)  # a series of another ward is not found, whatever is typed
        preview = ChangePreview(refusal=" ".join(error.fields.values()))
    else:
        preview = await preview_extension(
            db, ward_id, series_id, wanted, picked=params.picked or free, by=actor, now=now
        )
    return change_preview_page(request, ward_id, back, preview, now)


async def _free_dates(
    db: AsyncSession, ward_id: str, series_id: int, wanted: Extension, now: datetime
) -> Collection[datetime]:
    model = await series_model(db, ward_id, series_id)
    plan = extension_plan(model, wanted, now=now)
    seen = await further_dates(db, ward_id, plan, learners=(), helpers=(), starts=model.starts, now=now)
    return [each.date.meeting.slot.starts_at for each in seen.lines if each.possible]


HANDLERS = [preview_of_extension]
