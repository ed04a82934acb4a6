"""Doors of the calendar, one file a noun."""

from typing import Any

from scheduling.routes import calendar, courses, holidays

HANDLERS: list[Any] = [
    *calendar.HANDLERS,
    *courses.HANDLERS,
    *holidays.HANDLERS,
]
