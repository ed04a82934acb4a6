"""Pages of the calendar, one file a noun."""

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
    replacements,
    series,
    sessions,
    staffing,
)

HANDLERS: list[Any] = [
    *assignments.HANDLERS,
    *calendar.HANDLERS,
    *changes.HANDLERS,
    *courses.HANDLERS,
    *enrolments.HANDLERS,
    *holidays.HANDLERS,
    *own_assignments.HANDLERS,
    *replacements.HANDLERS,
    *series.HANDLERS,
    *sessions.HANDLERS,
    *staffing.HANDLERS,
    *new_session.HANDLERS,
]
