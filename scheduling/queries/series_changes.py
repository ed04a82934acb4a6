"""Preview of a change of a series: which sessions it touches, and which were moved by themselves."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import formatting
from scheduling.models import ClassSession
from scheduling.queries.changes import PlannedChange, WantedChange, planned_changes
from scheduling.queries.series_scope import SeriesScope, in_scope, standing_meetings
from scheduling.queries.series_slots import slots_of_family
from scheduling.queries.session_values import meeting_of, values_of
from scheduling.rules.plan import SessionChange
from scheduling.rules.recurrence import WeeklySlot
from scheduling.rules.series_change import change_meeting, days_moved, meeting_twice


async def planned_series_changes(
    db: AsyncSession, anchor: ClassSession, change: SessionChange, *, scope: SeriesScope, now: datetime
) -> tuple[Sequence[PlannedChange], str]:
    """What `change`, made on `anchor`, does to the sessions in `scope`; only those that it touches.

    With how all of them stand (`state_of`). Two statements, and those of `planned_changes`.
    """
    like = meeting_of(anchor)
    sessions = await in_scope(db, anchor, scope, now)
    wanted: list[WantedChange] = []
    for session in sessions:
        before = meeting_of(session)
        after = change_meeting(before, change, like=like, follow=True)
        if after.values == before.values:
            continue
        apart = before.moved_alone and after.values.slot != before.values.slot and session.id != anchor.id
        wanted.append(WantedChange(session, before.values, after.values, apart))
    if not wanted:
        return (), ""
    meetings = {each.id: values_of(each).slot for each in await standing_meetings(db, anchor, now)}
    return await planned_changes(db, wanted, meetings=meetings, now=now), state_of(sessions)


@dataclass(frozen=True, slots=True)
class WeekdayChoice:
    """A weekday of a series, with its next session: there it is chosen which weekday moves."""

    name: str
    session_id: int
    current: bool


def weekday_choices(anchor: ClassSession, sessions: Sequence[ClassSession]) -> list[WeekdayChoice]:
    """The weekdays of these sessions of a series, each with the first on it; none where there is one only."""
    first = {meeting_of(anchor).weekday: anchor.id}
    for session in sessions:
        first.setdefault(meeting_of(session).weekday, session.id)
    if len(first) == 1:
        return []
    names = formatting.weekday_names()
    return [WeekdayChoice(names[day], first[day], first[day] == anchor.id) for day in sorted(first)]


async def twice_a_week(db: AsyncSession, anchor: ClassSession, change: SessionChange) -> WeeklySlot | None:
    """A weekly time at which `change` would make two meetings of the series fall together."""
    like = meeting_of(anchor)
    if not days_moved(change, like):
        return None
    families = (await slots_of_family(db, anchor)).values()
    return next((twice for slots in families if (twice := meeting_twice(slots, change, like=like))), None)


def state_of(sessions: Sequence[ClassSession]) -> str:
    """A short word for how these sessions stand; another one once any of them moved or was cancelled."""
    text = ",".join(f"{each.id}:{each.version}" for each in sorted(sessions, key=lambda each: each.id))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
