"""The sheets of a file as they wait for another choice: without what must not be stored."""

import json
import zlib
from collections.abc import Mapping
from typing import Any, cast

from lopso.kernel.legacy_text import decode
from lopso.kernel.workbook.cleaning import left_out_numbers
from lopso.kernel.workbook.fields import ListField, ListLayout, header_similarity
from lopso.kernel.workbook.headers import HEADER_WITHIN, SIMILAR_ENOUGH

_MOST = 64 * 2**20  # bytes, unpacked


def kept_sheets(written: bytes, layout: ListLayout, fields: Mapping[str, Mapping[int, str]]) -> bytes:
    """Return what `reading.read_sheets` gave, compressed, without what must not be stored.

    Args:
        fields: what the columns of the lists were taken for, by sheet and index. In a sheet that was not read
            as a list, columns are judged by their names alone.
    """
    answer = json.loads(written)
    for sheet in answer["sheets"]:
        rows = cast(list[list[Any]], sheet["rows"])
        found = fields.get(sheet["name"], {})
        taken = [
            layout.field(found[c]) if c in found else None for c in range(max(map(len, rows), default=0))
        ]
        below = {c: 0 for c, field in enumerate(taken) if _is_unstored(field)} | _named(rows, layout)
        for r, row in enumerate(rows):
            for column, first in below.items():
                if column < len(row) and r >= first and not _names_unstored(row[column], layout):
                    row[column] = None
        left_out_numbers(rows, 0, taken)
    return zlib.compress(json.dumps(answer, separators=(",", ":")).encode("ascii"))


def _is_unstored(field: ListField | None) -> bool:
    return field is not None and not field.stored and not field.added_by_us


def unpacked_sheets(kept: bytes) -> bytes:
    """Return the JSON of what `kept_sheets` returned."""
    return zlib.decompressobj().decompress(kept, _MOST)


def _named(rows: list[list[Any]], layout: ListLayout) -> dict[int, int]:
    """Return the columns with a name that must not be stored, and the index of the row below that name."""
    found: dict[int, int] = {}
    for r, row in enumerate(rows[:HEADER_WITHIN]):
        for column, cell in enumerate(row):
            if isinstance(cell, str) and any(_names_unstored(text, layout) for text in _in_any_font(cell)):
                found.setdefault(column, r + 1)
    return found


def _in_any_font(cell: str) -> list[str]:
    return [cell, *(decode(cell, likely=font).text for font in ("TCVN3", "VNI"))]


def _names_unstored(cell: object, layout: ListLayout) -> bool:
    return isinstance(cell, str) and any(
        header_similarity(cell, field) >= SIMILAR_ENOUGH for field in layout.fields if _is_unstored(field)
    )
