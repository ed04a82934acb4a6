"""Rows of a ward's list of teams as drafts of helpers. No database here."""

import json
from dataclasses import dataclass, replace
from datetime import time
from pathlib import Path
from typing import Any, Self

from lopso.kernel.i18n import gettext as _
from lopso.kernel.person_names import tidy_name
from lopso.kernel.text import fold
from lopso.kernel.workbook.fields import ListField
from lopso.kernel.workbook.kinds import RowReading
from lopso.kernel.workbook.rows import RawRow
from people import cells
from people.drafts import PersonDraft, merge_drafts, read_person
from people.evidence import looks_like_a_person
from people.identity import IdentityKeys
from people.lists import RowContext
from trainers.importing.hours import free_times
from trainers.importing.skill_names import means_everything
from trainers.importing.team_names import MembershipDraft, kind_of_team, read_membership
from trainers.rules import TeamPosition, WeeklyHours

_WORDS = json.loads((Path(__file__).parent / "words.json").read_text(encoding="utf-8"))
_KIND_OF_MEMBER = {
    "community_tech_team": "team_member",
    "student_volunteers": "student_volunteer",
    "ambassadors": "digital_ambassador",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainerDraft(PersonDraft):
    """A helper as a row describes one.

    Attributes:
        teaches: what the list says, item by item, to be matched with the edition in force.
        free: weekly times, empty when nothing is known.
    """

    kind: str
    position: str = ""
    teams: tuple[MembershipDraft, ...] = ()
    teaches: tuple[str, ...] = ()
    teaches_all: bool = False
    free: tuple[WeeklyHours, ...] = ()

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Self:
        """Return the draft that `dataclasses.asdict` and JSON made `kept` of."""
        values: dict[str, Any] = {
            **kept,
            "teams": tuple(map(MembershipDraft.from_json, kept["teams"])),
            "teaches": tuple(kept["teaches"]),
            "free": tuple(
                WeeklyHours(
                    each["weekday"], time.fromisoformat(each["since"]), time.fromisoformat(each["until"])
                )
                for each in kept["free"]
            ),
        }
        return cls(**values)

    @property
    def identity(self) -> IdentityKeys:
        """Identity keys; the group is teams and position."""
        teams = frozenset(each.team.key for each in self.teams)
        return IdentityKeys(*self.phone_keys, group=TeamPosition(teams, fold(self.position)))


# --- The columns ---

FIELDS = tuple(ListField(name, tuple(names)) for name, names in _WORDS["headers"].items())


def labels() -> dict[str, str]:
    """Return the names of `FIELDS` on screen."""
    return {
        "position": _("Đơn vị, chức vụ"),
        "team": _("Tổ, đội"),
        "neighbourhood": _("Tổ dân phố, thôn"),
        "role": _("Vai trò"),
        "teaches": _("Hướng dẫn được"),
        "free": _("Thường rảnh"),
    }


def is_section(text: str) -> bool:
    """Whether a lone text is the heading of a team's rows."""
    return len(text) < 80 and kind_of_team(text) is not None and not looks_like_a_person(tidy_name(text))


CORRECTED = ("position",)
"""What a list may fill or correct besides what all persons have."""


def facts(draft: TrainerDraft) -> dict[str, str]:
    """Return what tells helpers of one name apart, by the name of the column."""
    return {"position": draft.position, "team": ", ".join(each.team.name for each in draft.teams)}


# --- A row ---


def read_trainer_row(row: RawRow, *, context: RowContext) -> RowReading[TrainerDraft]:
    """Read one row of a list of teams."""
    person = read_person(row, remarks=_remarks(row))
    membership = read_membership(row, rural=context.rural)
    kind = membership.team.kind if membership else kind_of_team(f"{row.text('role')} {row.text('position')}")
    items = cells.split_list(row.text("teaches"))
    draft = TrainerDraft(
        **person.values,
        kind=_KIND_OF_MEMBER[kind or "community_tech_team"],
        position=row.text("position"),
        teams=(membership,) if membership else (),
        teaches=tuple(item for item in items if not means_everything(item)),
        teaches_all=any(map(means_everything, items)),
        free=free_times(row.text("free")) or (),
    )
    notes = list(person.notes)
    if row.text("free") and not draft.free:
        notes.append(_("Chưa hiểu thời gian rảnh “%(text)s”, đã giữ trong ghi chú", text=row.text("free")))
    return RowReading(draft, notes, person.doubts)


def merge_trainers(first: TrainerDraft, again: TrainerDraft) -> TrainerDraft:
    """Fill gaps of the first row from the second; somebody may be in two teams."""
    teams = {(each.team.kind, each.team.key): each for each in [*again.teams, *first.teams]}
    return replace(
        merge_drafts(first, again),
        teams=tuple(teams.values()),
        teaches=tuple(dict.fromkeys([*first.teaches, *again.teaches])),
    )


def _remarks(row: RawRow) -> list[str]:
    """The text of the free hours, when no time could be read from it."""
    written = row.text("free")
    return [f"{labels()['free']}: {written}"] if written and free_times(written) is None else []
