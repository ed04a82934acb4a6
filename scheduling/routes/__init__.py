"""Doors of the calendar, one file a noun."""

from typing import Any

from scheduling.routes import calendar

HANDLERS: list[Any] = [
    *calendar.HANDLERS,
]
