"""The team a row of a list names, and the role of its helper."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lopso.kernel.text import fold, nfc
from lopso.kernel.workbook.rows import RawRow
from trainers.rules import team_key
from venues.rules import NeighbourhoodName, neighbourhood_name, neighbourhood_within

_WORDS = json.loads((Path(__file__).parent / "words.json").read_text(encoding="utf-8"))


def _by_fold(names: dict[str, list[str]]) -> dict[str, str]:
    return {fold(written): meaning for meaning, writings in names.items() for written in writings}


_TEAM_KINDS = _by_fold(_WORDS["teams"])
_ROLES = _by_fold(_WORDS["roles"])


@dataclass(frozen=True, slots=True)
class TeamDraft:
    """A team as a list names it; teams of one `key` and kind are one."""

    kind: str
    name: str
    key: str
    neighbourhood: NeighbourhoodName | None


@dataclass(frozen=True, slots=True)
class MembershipDraft:
    """A team, and the role in it: head, deputy or member."""

    team: TeamDraft
    role: str

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "MembershipDraft":
        """Return the draft that `dataclasses.asdict` and JSON made `kept` of."""
        team = kept["team"]
        place = team["neighbourhood"]
        values: dict[str, Any] = {**team, "neighbourhood": NeighbourhoodName(**place) if place else None}
        return cls(TeamDraft(**values), kept["role"])


def read_membership(row: RawRow, *, rural: bool) -> MembershipDraft | None:
    """Return the team of a row and the role in it; None when it names none."""
    written = row.text("team") or row.section
    place = _place(row, written, rural=rural)
    if not written and place is None:
        return None
    kind = kind_of_team(written) or kind_of_team(row.text("role")) or "community_tech_team"
    team = _team_named(kind, nfc(written), place)
    return MembershipDraft(team, _role(f"{row.text('role')}", row.text("position")))


def _place(row: RawRow, team: str, *, rural: bool) -> NeighbourhoodName | None:
    named = row.text("neighbourhood")
    if named:
        return neighbourhood_name(named, rural=rural)
    return neighbourhood_within(team, rural=rural)


def _team_named(kind: str, written: str, place: NeighbourhoodName | None) -> TeamDraft:
    """One community team per neighbourhood, whatever it is called; other teams go by their name."""
    name = (written.capitalize() if written.isupper() else written) or "Tổ CNSCĐ"
    if kind == "community_tech_team" and place and place.key not in fold(written):
        name = f"Tổ CNSCĐ {place.name}"
    return TeamDraft(kind, name, team_key(kind, name, place.key if place else None), place)


def kind_of_team(text: str) -> str | None:
    """Return the kind of team a text speaks of, or None."""
    folded = fold(text)
    return next((kind for name, kind in _TEAM_KINDS.items() if re.search(rf"\b{name}\b", folded)), None)


def _role(role: str, position: str) -> str:
    """Head or deputy of the team by the column of roles; without one by the position."""
    folded = fold(role or position)
    return next((meaning for name, meaning in _ROLES.items() if re.search(rf"\b{name}\b", folded)), "member")
