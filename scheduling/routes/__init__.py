"""Doors of the calendar, one file a noun."""

from typing import Any

HANDLERS: list[Any] = []
