"""Series and sessions of a ward as rows of a plan sheet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.clock import local_day
from scheduling.queries.calendar import sessions_in_week, teachers_of
from scheduling.queries.places import place_of
from scheduling.queries.series_list import series_of_ward
from scheduling.rules.places import place_name
from scheduling.rules.recurrence import WeeklySlot, weekly_slot

MOST_SERIES = 500


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row of a plan sheet to hand out; `code` is that of a series, 0 for a single meeting."""

    course: str
    place: str
    times: Sequence[WeeklySlot]
    starts_on: date
    ends_on: date | None
    meetings: int | None
    seats: int
    helpers: str
    code: int


async def rows_of_series(
    db: AsyncSession, ward_id: str, *, state: str, typed: str, now: datetime
) -> list[SheetRow]:
    """The series of a list: at most `MOST_SERIES`; four statements for each page of the list."""
    rows: list[SheetRow] = []
    number = 1
    while len(rows) < MOST_SERIES:
        found = await series_of_ward(db, ward_id, state=state, typed=typed, now=now, number=number)
        for each in found.page.items:
            series, meeting = each.series, each.meeting
            rows.append(
                SheetRow(
                    course=meeting.title,
                    place=place_of(meeting).name,
                    times=[WeeklySlot(s.weekday, s.starts_at, s.duration_minutes) for s in each.slots],
                    starts_on=series.starts_on,
                    ends_on=series.ends_on,
                    meetings=series.meetings,
                    seats=meeting.capacity,
                    helpers="",
                    code=series.id,
                )
            )
        number += 1
        if number > found.page.pages:
            break
    return rows


async def rows_of_week(db: AsyncSession, ward_id: str, monday: date) -> list[SheetRow]:
    """The classes of a week that stand, each meeting a row; two statements."""
    sessions = [
        each for each in await sessions_in_week(db, wards={ward_id}, monday=monday) if not each.cancelled
    ]
    teachers = await teachers_of(db, [each.id for each in sessions])
    return [
        SheetRow(
            course=each.title,
            place=place_name(words=each.place, room=each.room, venue=each.venue, market=each.market),
            times=[weekly_slot(each.starts_at, each.ends_at)],
            starts_on=local_day(each.starts_at),
            ends_on=None,
            meetings=1,
            seats=each.capacity,
            helpers=", ".join(teachers.get(each.id, ())),
            code=0,
        )
        for each in sessions
    ]
