"""The page of a weekly series."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from litestar import get
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import formatting
from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import NotFound
from lopso.kernel.i18n import gettext as _
from lopso.web.guards import in_ward
from lopso.web.pages import page
from scheduling.forms.series import (
    LeftOutQuery,
)
from scheduling.labels.sessions import (
    room_taken_label,
    slots_label,
)
from scheduling.models import ClassSession
from scheduling.queries import sessions as session_queries
from scheduling.queries.places import place_of
from scheduling.queries.series import bookings_at
from scheduling.rules.recurrence import Slot, WeeklySlot


@get("/lich/{ward_id:str}/chuoi/{series_id:int}", opt=in_ward(Permission.SEE_CALENDAR))
async def series_page(
    db: AsyncSession, actor: Actor, ward_id: str, series_id: int, params: LeftOutQuery
) -> Response[Any]:
    """The sessions of a series; four statements with the log-in, one more for dates left out."""
    found = await session_queries.series_with_slots(db, ward_id, series_id)
    if found is None:
        raise NotFound(_("Không tìm thấy chuỗi buổi học này."))
    series, slots = found
    sessions = await session_queries.sessions_of_series(db, ward_id, series_id)
    return page(
        "scheduling/series.html",
        ward_id=ward_id,
        here=f"/lich/{ward_id}/chuoi/{series_id}",
        calendar=f"/lich/{ward_id}",
        series=series,
        sessions=sessions,
        title=sessions[0].title if sessions else _("Chuỗi buổi học"),
        rule=slots_label([WeeklySlot(each.weekday, each.starts_at, each.duration_minutes) for each in slots]),
        drafts=[each.id for each in sessions if each.published_at is None and each.cancelled_at is None],
        left_out=await _left_out(db, sessions, params.left_out),
        place_of=place_of,
        may_plan=actor.may(Permission.PLAN, ward_id),
    )


async def _left_out(
    db: AsyncSession, sessions: Sequence[ClassSession], starts: Sequence[datetime]
) -> list[str]:
    """Why dates of a series have no session: what is in the room now, where there is something."""
    if not sessions or not starts:
        return []
    length = sessions[0].ends_at - sessions[0].starts_at
    slots = [Slot(start, start + length) for start in sorted(set(starts))]
    there = await bookings_at(db, sessions[0].room_id, slots)
    return [
        room_taken_label(slot, there[slot])
        if slot in there
        else _("%(when)s: phòng vừa trống lại.", when=formatting.day_and_hours(slot.starts_at, slot.ends_at))
        for slot in slots
    ]


HANDLERS = [series_page]
