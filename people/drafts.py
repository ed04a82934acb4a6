"""Persons in the rows of a list: what every list of persons reads, checks and repairs."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, Self, TypeVar

from lopso.kernel.i18n import gettext as _
from lopso.kernel.person_names import LONGEST_NAME, TidyName, name_fault
from lopso.kernel.phone import PhoneReading, display
from lopso.kernel.private_numbers import LEFT_OUT
from lopso.kernel.workbook.results import Doubt
from lopso.kernel.workbook.rows import RawRow
from people import cells, columns
from people.birth_years import YearReading, read_birth
from people.evidence import heading_doubt, probable_heading
from people.identity import IdentityKeys
from people.labels import sex_labels
from people.phones import StoredPhone, old_number_note, stored_kind, stored_phone

LONGEST_NOTE = 1000  # characters
_REMARK = re.compile(r"[()\[\]{}<>*:=]|\s[-–—]\s")
"""What parts a name from what somebody noted behind it: "Lê Thị A (đã mất)"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonDraft:
    """A person of a row; `phone` is E.164, `phone_kind` "mobile", "landline" or "none".

    `proposed_phone` is what an old number has become: taken only when a person agrees.
    """

    full_name: str
    sex: str | None = None
    phone: str | None = None
    phone_kind: str = "none"
    phone_note: str = ""
    email: str | None = None
    note: str = ""
    proposed_phone: str | None = None

    @property
    def phone_keys(self) -> tuple[str | None, str]:
        """The number that tells this person from others of the name, and its kind; proposed ones count."""
        number = self.phone or self.proposed_phone
        return number, stored_kind(number)

    @property
    def identity(self) -> IdentityKeys:
        """Identity keys; lists with years or groups add them."""
        return IdentityKeys(*self.phone_keys)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Self:
        """Return the draft that `dataclasses.asdict` and JSON made `kept` of."""
        return cls(**kept)


D = TypeVar("D", bound=PersonDraft)


@dataclass(frozen=True, slots=True)
class PersonReading:
    """What every list says of a person.

    Attributes:
        values: the fields of `PersonDraft`, to be passed on to a draft with more of them.
        title: form of address before the name ("Bà"), "" without one. birth_year: None when not asked for.
        notes: what was repaired. doubts: why the row is not saved.
    """

    values: dict[str, Any]
    title: str
    birth_year: int | None
    notes: Sequence[str]
    doubts: Sequence[Doubt]


def read_person(row: RawRow, *, today: date | None = None, remarks: Sequence[str] = ()) -> PersonReading:
    """Read what lists of persons share.

    Args:
        today: the day in Huế, to judge years of birth; None for a list that does not keep them.
        remarks: kept in the note, after the row's own and before columns nobody knows.
    """
    name = cells.read_name(row)
    birth = read_birth(row, today=today) if today else YearReading(None)
    phone = cells.read_phones(row)
    stored = stored_phone(phone)
    if stored.proposed:
        stored = replace(stored, notes=(old_number_note(row.text("phone")),))
    return PersonReading(
        values={
            "full_name": name.name,
            "sex": cells.read_sex(row),
            "phone": stored.number,
            "phone_kind": stored.kind,
            "phone_note": stored.note,
            "email": cells.read_email(row),
            "note": _note(row, remarks),
            "proposed_phone": stored.proposed,
        },
        title=name.title or "",
        birth_year=birth.year,
        notes=_notes(birth, phone, stored),
        doubts=[*_name_doubts(row, name), *_birth_doubts(row, birth), *_phone_doubts(row, phone, stored)],
    )


def merge_drafts(first: D, again: D) -> D:
    """Fill what the first row leaves empty with what the second says of the same person."""
    fields_of_phone = {} if first.phone else {"phone": again.phone, "phone_kind": again.phone_kind}
    empty = {each.name: getattr(again, each.name) for each in fields(first) if not getattr(first, each.name)}
    return replace(first, **{**empty, **fields_of_phone})


def filled_draft(record: D, row: D, names: Sequence[str]) -> D:
    """Return a record with gaps filled from a row of the same person: of `names` and what persons share."""
    gaps = {name: getattr(row, name) for name in (*_SHARED, *names) if not getattr(record, name)}
    if not record.phone:
        gaps["phone_kind"] = row.phone_kind
    elif record.phone_kind == "landline" and row.phone_kind == "mobile":
        # A mobile can be texted; the landline stays beside it.
        notes = [note for note in (display(record.phone), record.phone_note) if note]
        gaps |= {"phone": row.phone, "phone_kind": "mobile", "phone_note": ", ".join(notes)}
    return replace(record, **gaps)


def updated_draft(record: D, row: D, names: Sequence[str]) -> D:
    """Return a record with the values of a row of the same person, where the row has any.

    The name stays as it is; a note is added to the one there is.
    """
    values = {name: value for name in (*_SHARED, *names) if (value := getattr(row, name))}
    phone = {"phone_kind": row.phone_kind, "phone_note": row.phone_note} if row.phone else {}
    notes = [note for note in dict.fromkeys((record.note, row.note)) if note]
    return replace(record, **values, **phone, note="; ".join(notes)[:LONGEST_NOTE])


_SHARED = ("sex", "phone", "email")
"""What every person has that a list may fill or correct; the kind of the phone goes with the phone."""


def person_facts(person: PersonDraft) -> dict[str, str]:
    """Return what every person has, to compare two by: the whole number, by the name of the column."""
    number = person.phone_keys[0]
    return {
        "phone": display(number) if number else "",
        "sex": sex_labels()[person.sex] if person.sex else "",
        "email": person.email or "",
    }


def _notes(birth: YearReading, phone: PhoneReading, stored: StoredPhone) -> list[str]:
    notes = [note for note in (birth.repair, *phone.repairs) if note]
    if phone.doubt and stored.proposed:
        proposed = display(stored.proposed)
        notes.append(_("%(doubt)s; chưa lưu số mới %(phone)s", doubt=phone.doubt, phone=proposed))
    elif phone.doubt and stored.number:
        notes.append(_("%(doubt)s; lưu số %(phone)s", doubt=phone.doubt, phone=display(stored.number)))
    return notes


def _name_doubts(row: RawRow, name: TidyName) -> list[Doubt]:
    label = columns.labels()["full_name"]
    if heading := probable_heading(row, name):
        return [Doubt(label, heading, heading_doubt(heading))]
    if not any(char.isalpha() for char in name.name):
        return [Doubt(label, name.name, _("Thiếu họ tên"))]
    if fault := name_fault(name.name) or cells.two_names(row):
        return [Doubt(label, name.name[:LONGEST_NAME], fault)]
    if row.beside:
        said = _("Hai danh sách đặt cạnh nhau: xin để danh sách thứ hai xuống dưới")
        return [Doubt(label, name.name, said)]
    if _REMARK.search(name.name):
        return [Doubt(label, name.name, _("Họ tên có kèm ghi chú: xin để ghi chú ở cột khác"))]
    if LEFT_OUT in name.name or any(char.isdigit() for char in name.name):
        return [Doubt(label, name.name, _("Họ tên có chữ số"))]
    return []


def _birth_doubts(row: RawRow, birth: YearReading) -> list[Doubt]:
    written = row.text("birth") or row.text("age")
    return [Doubt(columns.labels()["birth"], written, birth.doubt)] if birth.doubt else []


def _phone_doubts(row: RawRow, phone: PhoneReading, stored: StoredPhone) -> list[Doubt]:
    if phone.doubt is None or stored.number or stored.proposed:
        return []
    written = row.text("phone") or row.text("relative_phone")
    return [Doubt(columns.labels()["phone"], written, phone.doubt)]


def _note(row: RawRow, remarks: Sequence[str]) -> str:
    """The note as written, without a leading dash, then unknown columns by their name."""
    extras = [f"{header}: {text}" for header, text in row.extras.items()]
    parts = [row.text("note").strip(" -–•"), *remarks, *extras]
    return "; ".join(part for part in parts if part)[:LONGEST_NOTE]


NEW_NUMBERS = "new_numbers"
"""The code of a tick: the proposed numbers may be taken."""


def with_agreed_numbers(drafts: Sequence[D], agreed: Collection[str]) -> list[D]:
    """Return the drafts as they are saved: with the new forms of old numbers when a person agreed to them."""
    return [_with_new_number(draft) if NEW_NUMBERS in agreed else draft for draft in drafts]


def _with_new_number(draft: D) -> D:
    if draft.phone or not draft.proposed_phone:
        return draft
    number = draft.proposed_phone
    return replace(draft, phone=number, phone_kind=stored_kind(number))
