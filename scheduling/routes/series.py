"""The series of a ward, and the page of one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from litestar import get
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import clock, formatting
from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import NotFound
from lopso.kernel.i18n import gettext as _
from lopso.kernel.text import capitalized
from lopso.web.guards import in_ward
from lopso.web.pages import page
from scheduling.forms.series import LeftOutQuery, SeriesListQuery
from scheduling.labels.calendar_views import calendar_tabs
from scheduling.labels.series import meeting_mark, series_state_labels
from scheduling.labels.sessions import room_taken_label, slots_label
from scheduling.models import ClassSession, SeriesSlot
from scheduling.queries import sessions as session_queries
from scheduling.queries.places import place_of
from scheduling.queries.series import bookings_at, split_off
from scheduling.queries.series_history import was_changed
from scheduling.queries.series_list import series_of_ward
from scheduling.rules.recurrence import Slot, WeeklySlot

HERE = "/lich/{ward_id:str}/chuoi"
SEEN = in_ward(Permission.SEE_CALENDAR)


@get(HERE, opt=SEEN)
async def series_list(
    db: AsyncSession, actor: Actor, now: datetime, ward_id: str, params: SeriesListQuery
) -> Response[Any]:
    """The series of a ward by state; four statements with the log-in."""
    found = await series_of_ward(
        db, ward_id, state=params.state, typed=params.typed, now=now, number=params.number
    )
    return page(
        "scheduling/series_list.html",
        ward_id=ward_id,
        here=f"/lich/{ward_id}/chuoi",
        found=found.page,
        state=found.state,
        states=[(each, label, found.counts[each]) for each, label in series_state_labels().items()],
        typed=params.typed,
        rule_of=rule_label,
        place_of=place_of,
        may_plan=actor.may(Permission.PLAN, ward_id),
        calendar_tabs=calendar_tabs(ward_id, "series", actor=actor),
    )


@get(HERE + "/{series_id:int}", opt=SEEN)
async def series_page(
    db: AsyncSession, actor: Actor, now: datetime, ward_id: str, series_id: int, params: LeftOutQuery
) -> Response[Any]:
    """How far a series is, and its sessions; six statements with the log-in, one more for dates left out."""
    found = await session_queries.series_with_slots(db, ward_id, series_id)
    if found is None:
        raise NotFound(_("Không tìm thấy chuỗi buổi học này."))
    series, slots = found
    sessions = await session_queries.sessions_of_series(db, ward_id, series_id)
    later = await split_off(db, ward_id, series_id)
    standing = [each for each in sessions if each.cancelled_at is None]
    upcoming = next((each for each in standing if each.starts_at > now), None)
    return page(
        "scheduling/series.html",
        ward_id=ward_id,
        here=f"/lich/{ward_id}/chuoi/{series_id}",
        calendar=f"/lich/{ward_id}",
        series=series,
        sessions=sessions,
        title=sessions[0].title if sessions else _("Chuỗi buổi học"),
        rule=rule_label(slots),
        drafts=[each.id for each in standing if each.published_at is None],
        meetings=[meeting_mark(each, now) for each in sessions],
        standing=len(standing),
        seats_taken=sum(each.seats_taken for each in standing),
        capacity=sum(each.capacity for each in standing),
        held=sum(each.ends_at <= now and each.published_at is not None for each in standing),
        upcoming=upcoming,
        week_of_next=clock.local_day(upcoming.starts_at).isoformat() if upcoming else None,
        split=bool(series.split_from_id or later),
        later=later,
        left_out=await _left_out(db, sessions, params.left_out),
        place_of=place_of,
        may_plan=actor.may(Permission.PLAN, ward_id),
        changed=upcoming is not None and await was_changed(db, ward_id, series_id),
    )


def rule_label(slots: Sequence[SeriesSlot]) -> str:
    """The weekly times of a series in words."""
    return slots_label([WeeklySlot(each.weekday, each.starts_at, each.duration_minutes) for each in slots])


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
        else _(
            "%(when)s: phòng vừa trống lại.",
            when=capitalized(formatting.day_and_hours(slot.starts_at, slot.ends_at)),
        )
        for slot in slots
    ]


HANDLERS = [series_list, series_page]
