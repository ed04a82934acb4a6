"""Names of a plan sheet that a person has to give a meaning, each once however many rows have it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from lopso.kernel.text import fold
from plan_sheets.rules.decided_rows import DecidedRow

NameField = Literal["course", "place"]
NAME_FIELDS: tuple[NameField, ...] = ("course", "place")


@dataclass(frozen=True, slots=True)
class UnclearName:
    """A course or a place that is not known by its name.

    Attributes:
        key: stands for it in a form. column: of the sheet. near: ids that it may mean, best first.
        rows: references of its rows.
    """

    key: str
    column: NameField
    text: str
    near: Sequence[int]
    rows: list[str] = field(default_factory=list[str])


def unclear_names(rows: Sequence[DecidedRow]) -> list[UnclearName]:
    """The names that keep rows from being planned, courses first, in the order of the file."""
    found: dict[str, UnclearName] = {}
    for name_field in NAME_FIELDS:
        for each in rows:
            text = each.found.row.text(name_field)
            if each.state != "open" or not text or not _is_unclear(each, name_field):
                continue
            key = name_key(name_field, text)
            near = each.found.near_courses if name_field == "course" else each.found.near_rooms
            found.setdefault(key, UnclearName(key, name_field, text, near)).rows.append(
                each.found.file.reference
            )
    return list(found.values())


def name_key(name_field: NameField, text: str) -> str:
    """The same for names that differ only in accents and case."""
    return hashlib.sha256(f"{name_field} {fold(text)}".encode()).hexdigest()[:16]


def _is_unclear(row: DecidedRow, name_field: NameField) -> bool:
    known = row.found.course if name_field == "course" else row.found.place
    return known is None
