"""Rows of a ward's list of registrations as drafts of learners. No database here."""

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from learners.labels import audience_labels
from lopso.kernel.i18n import gettext as _
from lopso.kernel.phone import display
from lopso.kernel.text import fold
from lopso.kernel.workbook.fields import ListField, cell_text
from lopso.kernel.workbook.kinds import RowReading
from lopso.kernel.workbook.reading import Cell
from lopso.kernel.workbook.rows import RawRow
from people import cells
from people.drafts import PersonDraft, merge_drafts, read_person
from people.identity import IdentityKeys
from people.lists import RowContext
from venues.rules import NeighbourhoodName, neighbourhood_name, neighbourhood_within

_WORDS = json.loads((Path(__file__).parent / "columns.json").read_text(encoding="utf-8"))
_AUDIENCE_OF: dict[str, str] = {
    fold(written): audience for audience, names in _WORDS["audiences"].items() for written in names
}
_NO_DEVICE = {"khong", "khong co", "ko", "chua co", "x", "-"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnerDraft(PersonDraft):
    """A learner as a row describes one."""

    title: str = ""
    birth_year: int | None = None
    neighbourhood: NeighbourhoodName | None = None
    audiences: tuple[str, ...] = ()
    device: str = ""

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Self:
        """Return the draft that `dataclasses.asdict` and JSON made `kept` of."""
        place = kept["neighbourhood"]
        values: dict[str, Any] = {
            **kept,
            "neighbourhood": NeighbourhoodName(**place) if place else None,
            "audiences": tuple(kept["audiences"]),
        }
        return cls(**values)

    @property
    def identity(self) -> IdentityKeys:
        """Identity keys; the group is the key of the neighbourhood."""
        place = self.neighbourhood.key if self.neighbourhood else None
        return IdentityKeys(*self.phone_keys, self.birth_year, place)


# --- The columns ---

# Scored low, not zero: a thôn or an occupation may have any name.
_UNUSUAL = 0.3


def _looks_like_neighbourhood(cell: Cell) -> float:
    return 1.0 if neighbourhood_within(cell_text(cell), rural=False) else _UNUSUAL


def _looks_like_audience(cell: Cell) -> float:
    known = any(fold(item) in _AUDIENCE_OF for item in cells.split_list(cell_text(cell)))
    return 1.0 if known else _UNUSUAL


_HEADERS = {name: tuple(headers) for name, headers in _WORDS["headers"].items()}
FIELDS = (
    ListField("neighbourhood", _HEADERS["neighbourhood"], _looks_like_neighbourhood, by_content=True),
    ListField("address", _HEADERS["address"], minor=True),
    ListField("audience", _HEADERS["audience"], _looks_like_audience, by_content=True),
    ListField("device", _HEADERS["device"], minor=True),
)


def labels() -> dict[str, str]:
    """Return the names of `FIELDS` on screen."""
    return {
        "neighbourhood": _("Tổ dân phố, thôn"),
        "address": _("Địa chỉ"),
        "audience": _("Đối tượng"),
        "device": _("Máy đang dùng"),
    }


def is_section(text: str) -> bool:
    """Whether a lone text is the heading of a neighbourhood's rows."""
    return len(text) < 60 and neighbourhood_within(text, rural=False) is not None


CORRECTED = ("title", "birth_year", "neighbourhood", "audiences", "device")
"""What a list may fill or correct besides what all persons have."""


def facts(draft: LearnerDraft) -> dict[str, str]:
    """Return what tells learners of one name apart, by the name of the column."""
    return {
        "birth": str(draft.birth_year or ""),
        "neighbourhood": draft.neighbourhood.name if draft.neighbourhood else "",
        "audience": ", ".join(audience_labels()[each] for each in draft.audiences),
        "device": draft.device,
    }


# --- A row ---


def read_learner_row(row: RawRow, *, context: RowContext) -> RowReading[LearnerDraft]:
    """Read one row of registrations."""
    audiences, unknown = _audiences(row.text("audience"))
    person = read_person(row, today=context.today, remarks=_remarks(row, unknown))
    draft = LearnerDraft(
        **person.values,
        title=person.title,
        birth_year=person.birth_year,
        neighbourhood=_neighbourhood(row, rural=context.rural),
        audiences=audiences,
        device="" if fold(row.text("device")) in _NO_DEVICE else row.text("device"),
    )
    notes = list(person.notes)
    if draft.sex is None and row.text("sex"):
        notes.append(_("Giới tính “%(text)s” chưa rõ nên để trống", text=row.text("sex")))
    return RowReading(draft, notes, person.doubts)


def merge_learners(first: LearnerDraft, again: LearnerDraft) -> LearnerDraft:
    """Fill gaps of the first row from the second; a mobile replaces a landline, which goes into the note."""
    better, other = (again, first) if again.phone_kind == "mobile" != first.phone_kind else (first, again)
    spare = [better.phone_note, other.phone_note]
    if other.phone and other.phone != better.phone:
        spare.insert(0, display(other.phone))
    return replace(
        merge_drafts(first, again),
        phone=better.phone,
        phone_kind=better.phone_kind,
        phone_note=", ".join(dict.fromkeys(note for note in spare if note)),
        audiences=tuple(dict.fromkeys([*first.audiences, *again.audiences])),
    )


def _neighbourhood(row: RawRow, *, rural: bool) -> NeighbourhoodName | None:
    written = row.text("neighbourhood")
    if written:
        return neighbourhood_name(written, rural=rural)
    return neighbourhood_within(row.text("address"), rural=rural) or neighbourhood_within(
        row.section, rural=rural
    )


def _audiences(text: str) -> tuple[tuple[str, ...], list[str]]:
    """Return the audiences named in one cell, and the words that name none we know."""
    found: dict[str, None] = {}
    unknown: list[str] = []
    for item in cells.split_list(text):
        folded = fold(item)
        audience = _AUDIENCE_OF.get(folded) or next(
            (
                each
                for name, each in _AUDIENCE_OF.items()
                if len(name) > 3 and re.search(rf"\b{name}\b", folded)
            ),
            None,
        )
        if audience:
            found[audience] = None
        else:
            found["other"] = None
            unknown.append(item)
    return tuple(found), unknown


def _remarks(row: RawRow, unknown_audiences: list[str]) -> list[str]:
    """Texts without a field of their own, after the name of their column."""
    said = labels()
    remarks = [f"{said['audience']}: {', '.join(unknown_audiences)}"] if unknown_audiences else []
    address = row.text("address")
    return [*remarks, f"{said['address']}: {address}"] if address else remarks
