"""A ward's list of registrations, parsed row by row; nothing here touches the database."""

import json
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from lopso.kernel.i18n import gettext as _
from lopso.kernel.phone import display, read_phone
from lopso.kernel.text import fold
from lopso.kernel.workbook.fields import ListField, ListLayout, cell_text
from lopso.kernel.workbook.matching import MatchResult
from lopso.kernel.workbook.reading import Cell, Sheet
from lopso.kernel.workbook.results import Doubt, DraftRow, ParsedList, nothing_yet
from lopso.kernel.workbook.rows import RawRow, find_tables
from people import cells, columns
from people.birth_years import read_birth
from people.identity import IdentityKeys, compare_people
from people.phones import stored_phone
from venues.rules import NeighbourhoodName, neighbourhood_name, neighbourhood_within

_KNOWN = json.loads((Path(__file__).parent / "columns.json").read_text(encoding="utf-8"))
_AUDIENCE_OF: dict[str, str] = {
    fold(written): audience for audience, names in _KNOWN["audiences"].items() for written in names
}
_NO_DEVICE = {"khong", "khong co", "ko", "chua co", "x", "-"}


@dataclass(frozen=True, slots=True)
class LearnerDraft:
    """A learner as a row describes one; phones are E.164, `phone_kind` as in the table."""

    full_name: str
    title: str
    birth_year: int | None
    sex: str | None
    phone: str | None
    phone_kind: str
    phone_note: str
    email: str | None
    neighbourhood: NeighbourhoodName | None
    audiences: tuple[str, ...]
    device: str
    note: str

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "LearnerDraft":
        """Return a draft as it was before `dataclasses.asdict`."""
        place = kept["neighbourhood"]
        values: dict[str, Any] = {
            **kept,
            "neighbourhood": NeighbourhoodName(**place) if place else None,
            "audiences": tuple(kept["audiences"]),
        }
        return cls(**values)

    @property
    def identity(self) -> IdentityKeys:
        """What tells this person from others of the same name; the group is the key of the neighbourhood."""
        place = self.neighbourhood.key if self.neighbourhood else None
        return IdentityKeys(self.phone, self.phone_kind, self.birth_year, place)


def labels() -> dict[str, str]:
    """Return what each field is called on screen."""
    return {
        **columns.labels(),
        "neighbourhood": _("Tổ dân phố, thôn"),
        "address": _("Địa chỉ"),
        "audience": _("Đối tượng"),
        "device": _("Loại máy"),
    }


# A value that looks otherwise is only unusual: a thôn may have any name, an occupation too.
_UNUSUAL = 0.3


def _looks_like_neighbourhood(cell: Cell) -> float:
    return 1.0 if neighbourhood_within(cell_text(cell), rural=False) else _UNUSUAL


def _looks_like_audience(cell: Cell) -> float:
    known = any(fold(item) in _AUDIENCE_OF for item in cells.split_list(cell_text(cell)))
    return 1.0 if known else _UNUSUAL


def _is_heading(text: str) -> bool:
    return len(text) < 60 and neighbourhood_within(text, rural=False) is not None


_HEADERS = {name: tuple(headers) for name, headers in _KNOWN["headers"].items()}
LAYOUT = ListLayout(
    fields=(
        *columns.PERSON,
        ListField("neighbourhood", _HEADERS["neighbourhood"], _looks_like_neighbourhood, by_content=True),
        ListField("address", _HEADERS["address"]),
        ListField("audience", _HEADERS["audience"], _looks_like_audience, by_content=True),
        ListField("device", _HEADERS["device"]),
    ),
    required=columns.NAMES,
    identity=columns.NAMES | {"phone", "birth", "birth_male", "birth_female"},
    section=_is_heading,
)


def understand(sheets: Sequence[Sheet], *, today: date, rural: bool) -> ParsedList[LearnerDraft]:
    """Understand a workbook of registrations.

    Args:
        today: to tell possible years of birth. rural: what a bare neighbourhood number means.

    Raises:
        NoTableFound: no sheet has a column of names.
    """
    missing = _("Không tìm thấy cột họ tên trong tệp. Hãy kiểm tra dòng tiêu đề rồi thử lại.")
    lists = find_tables(sheets, LAYOUT, missing=missing)
    parsed = ParsedList[LearnerDraft](**nothing_yet(lists))
    of_name: defaultdict[str, list[int]] = defaultdict(list)
    for table in lists:
        for row in table.rows:
            draft, notes, doubts = _draft(row, today=today, rural=rural)
            if doubts:
                parsed.doubt(row, *doubts)
            else:
                good = DraftRow(row.sheet, row.row, draft, row.cells, tuple(notes))
                _take_in(parsed, good, of_name[fold(draft.full_name)])
    return parsed


def _take_in(parsed: ParsedList[LearnerDraft], new: DraftRow[LearnerDraft], namesakes: list[int]) -> None:
    """Keep the row, or merge it into the one it repeats, or doubt it."""
    matches = {at: compare_people(parsed.good[at].draft.identity, new.draft.identity) for at in namesakes}
    for at, match in matches.items():
        if match.result is MatchResult.SAME:
            known = parsed.good[at]
            parsed.good[at] = replace(known, draft=_merged(known.draft, new.draft))
            parsed.repeated += 1
            return
    for at, match in matches.items():
        if match.result is MatchResult.UNCLEAR:
            reason = _(
                "Có thể trùng người ở dòng %(row)s (cùng họ tên), nhưng %(difference)s",
                row=parsed.good[at].row,
                difference=match.difference,
            )
            parsed.doubt(new, Doubt(labels()["full_name"], new.draft.full_name, reason))
            return
    namesakes.append(len(parsed.good))
    parsed.good.append(new)


def _merged(first: LearnerDraft, again: LearnerDraft) -> LearnerDraft:
    """Add what the second row knows and the first does not; a mobile is worth more than a landline."""
    better, other = (again, first) if again.phone_kind == "mobile" != first.phone_kind else (first, again)
    spare = [better.phone_note, other.phone_note]
    if other.phone and other.phone != better.phone:
        spare.insert(0, display(other.phone))
    return replace(
        first,
        birth_year=first.birth_year or again.birth_year,
        sex=first.sex or again.sex,
        phone=better.phone,
        phone_kind=better.phone_kind,
        phone_note=", ".join(dict.fromkeys(note for note in spare if note)),
        email=first.email or again.email,
        neighbourhood=first.neighbourhood or again.neighbourhood,
        audiences=tuple(dict.fromkeys([*first.audiences, *again.audiences])),
        device=first.device or again.device,
        note=first.note or again.note,
    )


def _draft(row: RawRow, *, today: date, rural: bool) -> tuple[LearnerDraft, list[str], list[Doubt]]:
    name = cells.read_name(row)
    birth = read_birth(row, today=today)
    phone = read_phone(" / ".join(cell_text(cell) for cell in row.values.get("phone", ())))
    doubts: list[Doubt] = []
    if not any(char.isalpha() for char in name.name):
        doubts.append(Doubt(labels()["full_name"], name.name, _("Thiếu họ tên")))
    elif any(char.isdigit() for char in name.name):
        doubts.append(Doubt(labels()["full_name"], name.name, _("Họ tên có chữ số")))
    if birth.doubt:
        doubts.append(Doubt(labels()["birth"], row.text("birth") or row.text("age"), birth.doubt))
    stored = stored_phone(phone)
    if phone.doubt and stored.number is None:
        doubts.append(Doubt(labels()["phone"], row.text("phone"), phone.doubt))

    audiences, unknown = _audiences(row.text("audience"))
    notes = [note for note in (birth.repair, *phone.repairs) if note]
    if phone.doubt and stored.number:
        notes.append(_("%(doubt)s; lưu số %(phone)s", doubt=phone.doubt, phone=display(stored.number)))
    sex = cells.read_sex(row)
    if sex is None and row.text("sex"):
        notes.append(_("Giới tính “%(text)s” chưa rõ nên để trống", text=row.text("sex")))
    draft = LearnerDraft(
        full_name=name.name,
        title=name.title or "",
        birth_year=birth.year,
        sex=sex,
        phone=stored.number,
        phone_kind=stored.kind,
        phone_note=stored.note,
        email=cells.read_email(row),
        neighbourhood=_neighbourhood(row, rural=rural),
        audiences=audiences,
        device="" if fold(row.text("device")) in _NO_DEVICE else row.text("device"),
        note=_note(row, unknown),
    )
    return draft, notes, doubts


def _neighbourhood(row: RawRow, *, rural: bool) -> NeighbourhoodName | None:
    written = row.text("neighbourhood")
    if written:
        return neighbourhood_name(written, rural=rural)
    return neighbourhood_within(row.text("address"), rural=rural) or neighbourhood_within(
        row.section, rural=rural
    )


def _audiences(text: str) -> tuple[tuple[str, ...], list[str]]:
    """Return the audiences named in one cell, and the words nobody knows."""
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


def _note(row: RawRow, unknown_audiences: Sequence[str]) -> str:
    """Keep what the person wrote, without the dash lists begin with; unknown columns by their name."""
    parts = [row.text("note").strip(" -–•")]
    if unknown_audiences:
        parts.append(f"{labels()['audience']}: {', '.join(unknown_audiences)}")
    if address := row.text("address"):
        parts.append(f"{labels()['address']}: {address}")
    parts += [f"{header}: {text}" for header, text in row.extras.items()]
    return "; ".join(part for part in parts if part)[:1000]
