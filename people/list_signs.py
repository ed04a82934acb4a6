"""Which kind of list a workbook seems to hold, by columns that only one kind has."""

import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from lopso.kernel.i18n import gettext as _
from lopso.kernel.workbook.fields import ListField, cell_text, header_similarity
from lopso.kernel.workbook.headers import HEADER_WITHIN
from lopso.kernel.workbook.reading import Cell, Sheet

_NAMED = 0.75  # how well a header must name a sign
_ENOUGH = 2  # signs

_SIGNS: dict[str, list[ListField]] = {
    kind: [ListField(names[0], tuple(names)) for names in groups]
    for kind, groups in json.loads(
        (Path(__file__).parent / "list_signs.json").read_text(encoding="utf-8")
    ).items()
}
"""Kind of list to its signs; a sign is one column under the names it goes by."""


def kind_labels() -> dict[str, str]:
    """Return the kinds of lists a ward keeps, by code."""
    return {
        "learners": _("danh sách người học"),
        "teams": _("danh sách tổ, đội"),
        "traders": _("danh sách tiểu thương"),
        "plan": _("kế hoạch mở lớp"),
    }


def recogniser_for(own: str) -> Callable[[Sequence[Sheet]], str]:
    """Return the function that says in words which other kind of list than `own` sheets hold, "" for none."""
    return partial(_other_kind, own=own)


def _other_kind(sheets: Sequence[Sheet], *, own: str) -> str:
    signs = _signs_of(sheets)
    other = max((kind for kind in signs if kind != own), key=lambda kind: signs[kind])
    found = signs[other] >= _ENOUGH and signs[other] > signs.get(own, 0)
    return kind_labels()[other] if found else ""


def _signs_of(sheets: Sequence[Sheet]) -> dict[str, int]:
    """Return how many signs of each kind the row has that has most of them."""
    rows = [row for sheet in sheets if sheet.visible for row in sheet.rows[:HEADER_WITHIN]]
    return {kind: max((_signs_in(row, signs) for row in rows), default=0) for kind, signs in _SIGNS.items()}


def _signs_in(row: Sequence[Cell], signs: Sequence[ListField]) -> int:
    texts = [cell_text(cell) for cell in row if isinstance(cell, str)]
    return sum(any(header_similarity(text, sign) >= _NAMED for text in texts) for sign in signs)
