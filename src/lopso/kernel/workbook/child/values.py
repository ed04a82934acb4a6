"""Cells as JSON values."""

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from lopso.kernel.workbook.child.limits import MAX_CELL_TEXT, MAX_COLUMNS

# Control characters and halves of characters: no text, and no database stores them.
_NOT_STORED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def row_values(cells: Sequence[Any]) -> list[Any]:
    """Return the row as JSON values, without the empty cells at its end and those beyond `MAX_COLUMNS`."""
    row = [_value(value) for value in cells[:MAX_COLUMNS]]
    while row and row[-1] is None:
        row.pop()
    return row


def _value(value: object) -> object:
    match value:
        case "" | None:
            return None
        case str():
            return _NOT_STORED.sub("", value[:MAX_CELL_TEXT]) or None
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
            return _NOT_STORED.sub("", str(value)[:MAX_CELL_TEXT])
