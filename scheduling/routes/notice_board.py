"""The week of a ward on paper, for its notice board."""

from datetime import datetime, timedelta
from typing import Any

from litestar import get
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import formatting
from lopso.kernel.access import Permission
from lopso.kernel.clock import local_day
from lopso.web.guards import in_ward
from lopso.web.pages import page
from scheduling.forms.calendar import CalendarQuery
from scheduling.labels.notice_board import notice_days
from scheduling.queries.calendar import sessions_in_week, teachers_of
from scheduling.rules.weeks import monday_shown
from venues.models import Ward


@get("/lich/{ward_id:str}/bang-tin", opt=in_ward(Permission.SEE_CALENDAR))
async def week_notice(db: AsyncSession, now: datetime, ward: Ward, params: CalendarQuery) -> Response[Any]:
    """What will be held that week, by day, with those who teach; four statements with the log-in."""
    monday = monday_shown(params.day_wanted, now)
    sessions = await sessions_in_week(db, wards=[ward.id], monday=monday)
    held = [each for each in sessions if each.published and not each.cancelled]
    teachers = await teachers_of(db, [each.id for each in held])
    return page(
        "scheduling/week_notice.html",
        ward_id=ward.id,
        ward_row=ward,
        week=f"/lich/{ward.id}?tuan={monday}",
        title=formatting.week(monday, monday + timedelta(days=6), today=local_day(now)),
        days=notice_days(held, teachers),
    )


HANDLERS = [week_notice]
