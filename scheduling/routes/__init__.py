"""Doors of the calendar, one file a noun."""

from typing import Any

from scheduling.routes import assignments, calendar, courses, enrolments, feeds, holidays, mine

HANDLERS: list[Any] = [
    *assignments.HANDLERS,
    *calendar.HANDLERS,
    *courses.HANDLERS,
    *enrolments.HANDLERS,
    *feeds.HANDLERS,
    *holidays.HANDLERS,
    *mine.HANDLERS,
]
