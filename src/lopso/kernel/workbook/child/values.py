"""Cells as JSON values."""

from datetime import date, datetime, time, timedelta
from typing import Any

from lopso.kernel.workbook.child.limits import MAX_CELL_TEXT


def row_values(cells: list[Any]) -> list[Any]:
    """Return the row as JSON values, without the empty cells at its end."""
    row = [_value(value) for value in cells]
    while row and row[-1] is None:
        row.pop()
    return row


def _value(value: object) -> object:
    match value:
        case "" | None:
            return None
        case str():
            return value[:MAX_CELL_TEXT]
        case bool() | int() | float():
            return value if value == value and value not in (float("inf"), float("-inf")) else None
        case datetime():
            return {"datetime": value.isoformat()}
        case date():
            return {"date": value.isoformat()}
        case time():
            return {"time": value.isoformat()}
        case timedelta():
            return {"seconds": value.total_seconds()}
        case _:
            return str(value)[:MAX_CELL_TEXT]
