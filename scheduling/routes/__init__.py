"""Doors of the calendar, one file a noun."""

from typing import Any

from scheduling.routes import (
    assignments,
    calendar,
    changes,
    courses,
    enrolments,
    holidays,
    mine,
    series,
    sessions,
    single,
)

HANDLERS: list[Any] = [
    *assignments.HANDLERS,
    *calendar.HANDLERS,
    *changes.HANDLERS,
    *courses.HANDLERS,
    *enrolments.HANDLERS,
    *holidays.HANDLERS,
    *mine.HANDLERS,
    *series.HANDLERS,
    *sessions.HANDLERS,
    *single.HANDLERS,
]
