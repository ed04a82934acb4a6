"""Doors of the calendar, one file a noun."""

from typing import Any

from scheduling.routes import (
    assignments,
    calendar,
    changes,
    courses,
    enrolments,
    holidays,
    new_session,
    own_assignments,
    series,
    sessions,
)

HANDLERS: list[Any] = [
    *assignments.HANDLERS,
    *calendar.HANDLERS,
    *changes.HANDLERS,
    *courses.HANDLERS,
    *enrolments.HANDLERS,
    *holidays.HANDLERS,
    *own_assignments.HANDLERS,
    *series.HANDLERS,
    *sessions.HANDLERS,
    *new_session.HANDLERS,
]
