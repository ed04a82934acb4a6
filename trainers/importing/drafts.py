"""A ward's list of teams and helpers, parsed row by row; nothing here touches the database."""

import json
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import time
from pathlib import Path
from typing import Any

from lopso.kernel.i18n import gettext as _
from lopso.kernel.phone import display, read_phone
from lopso.kernel.text import fold, nfc
from lopso.kernel.workbook.fields import ListField, ListLayout, cell_text
from lopso.kernel.workbook.matching import MatchResult
from lopso.kernel.workbook.reading import Sheet
from lopso.kernel.workbook.results import Doubt, DraftRow, ParsedList, nothing_yet
from lopso.kernel.workbook.rows import RawRow, find_tables
from people import cells, columns
from people.identity import IdentityKeys
from people.phones import stored_phone
from trainers.importing.hours import free_times
from trainers.rules import Hours, TeamPosition, compare_helpers, team_key
from venues.rules import NeighbourhoodName, neighbourhood_name, neighbourhood_within

_KNOWN = json.loads((Path(__file__).parent / "words.json").read_text(encoding="utf-8"))


def _by_fold(names: dict[str, list[str]]) -> dict[str, str]:
    return {fold(written): meaning for meaning, writings in names.items() for written in writings}


_TEAM_KINDS = _by_fold(_KNOWN["teams"])
_ROLES = _by_fold(_KNOWN["roles"])
_EVERYTHING = frozenset(map(fold, _KNOWN["everything"]))
_KIND_OF_MEMBER = {
    "community_tech_team": "team_member",
    "student_volunteers": "student_volunteer",
    "ambassadors": "digital_ambassador",
}


@dataclass(frozen=True, slots=True)
class TeamDraft:
    """A team as a list names it; teams of one `key` and kind are one."""

    kind: str
    name: str
    key: str
    neighbourhood: NeighbourhoodName | None


@dataclass(frozen=True, slots=True)
class Membership:
    """A part played in a team: head, deputy or member."""

    team: TeamDraft
    role: str


@dataclass(frozen=True, slots=True)
class TrainerDraft:
    """A helper as a row describes one.

    Attributes:
        teaches: what the list says, item by item, to be matched with the edition in force.
        free: weekly times, empty when nothing is known.
    """

    full_name: str
    kind: str
    sex: str | None
    position: str
    phone: str | None
    phone_kind: str
    phone_note: str
    email: str | None
    teams: tuple[Membership, ...]
    teaches: tuple[str, ...]
    teaches_all: bool
    free: tuple[Hours, ...]
    note: str

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "TrainerDraft":
        """Return a draft as it was before it was kept as JSON."""
        values: dict[str, Any] = {
            **kept,
            "teams": tuple(Membership(_team(each["team"]), each["role"]) for each in kept["teams"]),
            "teaches": tuple(kept["teaches"]),
            "free": tuple(
                Hours(each["weekday"], time.fromisoformat(each["since"]), time.fromisoformat(each["until"]))
                for each in kept["free"]
            ),
        }
        return cls(**values)

    @property
    def identity(self) -> IdentityKeys:
        """What tells this person from others of the same name."""
        teams = frozenset(each.team.key for each in self.teams)
        return IdentityKeys(self.phone, self.phone_kind, group=TeamPosition(teams, fold(self.position)))


def _team(kept: dict[str, Any]) -> TeamDraft:
    place = kept["neighbourhood"]
    return TeamDraft(kept["kind"], kept["name"], kept["key"], NeighbourhoodName(**place) if place else None)


def labels() -> dict[str, str]:
    """Return what each field is called on screen."""
    return {
        **columns.labels(),
        "position": _("Đơn vị, chức vụ"),
        "team": _("Tổ, đội"),
        "neighbourhood": _("Tổ dân phố, thôn"),
        "role": _("Vai trò"),
        "teaches": _("Nội dung hướng dẫn"),
        "free": _("Thời gian rảnh"),
    }


LAYOUT = ListLayout(
    fields=(*columns.PERSON, *(ListField(name, tuple(names)) for name, names in _KNOWN["headers"].items())),
    required=columns.NAMES,
    identity=columns.NAMES | {"phone"},
    section=lambda text: len(text) < 80 and _kind_of_team(text) is not None,
)


def understand(sheets: Sequence[Sheet], *, rural: bool) -> ParsedList[TrainerDraft]:
    """Understand a workbook of teams.

    Args:
        rural: what a bare neighbourhood number means.

    Raises:
        NoTableFound: no sheet has a column of names.
    """
    missing = _("Không tìm thấy cột họ tên trong tệp. Hãy kiểm tra dòng tiêu đề rồi thử lại.")
    lists = find_tables(sheets, LAYOUT, missing=missing)
    parsed = ParsedList[TrainerDraft](**nothing_yet(lists))
    of_name: defaultdict[str, list[int]] = defaultdict(list)
    for table in lists:
        for row in table.rows:
            draft, notes, doubts = _draft(row, rural=rural)
            if doubts:
                parsed.doubt(row, *doubts)
            else:
                good = DraftRow(row.sheet, row.row, draft, row.cells, tuple(notes))
                _take_in(parsed, good, of_name[fold(draft.full_name)])
    return parsed


def _take_in(parsed: ParsedList[TrainerDraft], new: DraftRow[TrainerDraft], namesakes: list[int]) -> None:
    """Keep the row, or merge it into the one it repeats, or doubt it."""
    matches = {at: compare_helpers(parsed.good[at].draft.identity, new.draft.identity) for at in namesakes}
    for at, match in matches.items():
        if match.result is MatchResult.SAME:
            known = parsed.good[at]
            parsed.good[at] = replace(known, draft=_merged(known.draft, new.draft))
            parsed.repeated += 1
            return
    for at, match in matches.items():
        if match.result is MatchResult.UNCLEAR:
            reason = _(
                "Có thể trùng người ở dòng %(row)s (cùng họ tên, cùng tổ, đội), nhưng khác số điện thoại",
                row=parsed.good[at].row,
            )
            parsed.doubt(new, Doubt(labels()["full_name"], new.draft.full_name, reason))
            return
    namesakes.append(len(parsed.good))
    parsed.good.append(new)


def _merged(first: TrainerDraft, again: TrainerDraft) -> TrainerDraft:
    """Add what the second row knows and the first does not; somebody may be in two teams."""
    teams = {(each.team.kind, each.team.key): each for each in [*again.teams, *first.teams]}
    return replace(
        first,
        sex=first.sex or again.sex,
        position=first.position or again.position,
        phone=first.phone or again.phone,
        phone_kind=first.phone_kind if first.phone else again.phone_kind,
        phone_note=first.phone_note or again.phone_note,
        email=first.email or again.email,
        teams=tuple(teams.values()),
        teaches=tuple(dict.fromkeys([*first.teaches, *again.teaches])),
        teaches_all=first.teaches_all or again.teaches_all,
        free=first.free or again.free,
        note=first.note or again.note,
    )


def _draft(row: RawRow, *, rural: bool) -> tuple[TrainerDraft, list[str], list[Doubt]]:
    name = cells.read_name(row)
    phone = read_phone(" / ".join(cell_text(cell) for cell in row.values.get("phone", ())))
    doubts: list[Doubt] = []
    if not any(char.isalpha() for char in name.name):
        doubts.append(Doubt(labels()["full_name"], name.name, _("Thiếu họ tên")))
    elif any(char.isdigit() for char in name.name):
        doubts.append(Doubt(labels()["full_name"], name.name, _("Họ tên có chữ số")))
    stored = stored_phone(phone)
    if phone.doubt and stored.number is None:
        doubts.append(Doubt(labels()["phone"], row.text("phone"), phone.doubt))
    notes = list(phone.repairs)
    if phone.doubt and stored.number:
        notes.append(_("%(doubt)s; lưu số %(phone)s", doubt=phone.doubt, phone=display(stored.number)))

    membership = _membership(row, rural=rural)
    kind = membership.team.kind if membership else _kind_of_team(f"{row.text('role')} {row.text('position')}")
    items = cells.split_list(row.text("teaches"))
    draft = TrainerDraft(
        full_name=name.name,
        kind=_KIND_OF_MEMBER[kind or "community_tech_team"],
        sex=cells.read_sex(row),
        position=row.text("position"),
        phone=stored.number,
        phone_kind=stored.kind,
        phone_note=stored.note,
        email=cells.read_email(row),
        teams=(membership,) if membership else (),
        teaches=tuple(item for item in items if fold(item) not in _EVERYTHING),
        teaches_all=any(fold(item) in _EVERYTHING for item in items),
        free=free_times(row.text("free")) or (),
        note=_note(row),
    )
    if row.text("free") and not draft.free:
        notes.append(_("Chưa hiểu thời gian rảnh “%(text)s”, đã giữ trong ghi chú", text=row.text("free")))
    return draft, notes, doubts


def _note(row: RawRow) -> str:
    parts = [row.text("note").strip(" -–•")]
    if row.text("free") and free_times(row.text("free")) is None:
        parts.append(f"{labels()['free']}: {row.text('free')}")
    parts += [f"{header}: {text}" for header, text in row.extras.items()]
    return "; ".join(part for part in parts if part)[:1000]


# --- Teams ---


def _membership(row: RawRow, *, rural: bool) -> Membership | None:
    written = row.text("team") or row.section
    place = _place(row, written, rural=rural)
    if not written and place is None:
        return None
    kind = _kind_of_team(written) or _kind_of_team(row.text("role")) or "community_tech_team"
    team = _team_named(kind, nfc(written), place)
    return Membership(team, _role(f"{row.text('role')}", row.text("position")))


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


def _kind_of_team(text: str) -> str | None:
    folded = fold(text)
    return next((kind for name, kind in _TEAM_KINDS.items() if re.search(rf"\b{name}\b", folded)), None)


def _role(role: str, position: str) -> str:
    """Head or deputy of the team by the column of roles; without one by the position."""
    folded = fold(role or position)
    return next((meaning for name, meaning in _ROLES.items() if re.search(rf"\b{name}\b", folded)), "member")


# --- Skills ---


def skill_codes(item: str) -> tuple[frozenset[str], frozenset[str]] | None:
    """Return the codes of skills and of skill groups one item means, by the shipped list of synonyms."""
    folded = fold(item)
    entries = [(fold(name), entry) for entry in _KNOWN["skills"] for name in entry["names"]]
    exact = next((entry for name, entry in entries if name == folded), None)
    contained = [(name, entry) for name, entry in entries if re.search(rf"\b{name}\b", folded)]
    entry = exact or max(contained, key=lambda found: len(found[0]), default=("", None))[1]
    if entry is None:
        return None
    return frozenset(entry.get("codes", ())), frozenset(entry.get("groups", ()))
