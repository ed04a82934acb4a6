"""Fields that forms about persons share."""

from typing import Annotated, Any, Protocol

from msgspec import Meta, Struct

from lopso.kernel.i18n import N_
from lopso.kernel.i18n import gettext as _
from lopso.kernel.person_names import TidyName
from lopso.kernel.phone import PhoneReading
from lopso.web.forms import (
    Choice,
    Context,
    Email,
    FieldType,
    FreeText,
    Mistake,
    PageNumber,
    PersonName,
    Phone,
    Text,
)
from people.birth_years import read_year
from people.phones import stored_kind, stored_phone

LONGEST_LINE = 200  # characters
LONGEST_NOTE = 1000


class BirthYear(FieldType[int]):
    """A year of birth in any form people write it: 1956, "26/5/69", "65 tuổi"."""

    wire = int
    wrong = N_("Xin ghi năm sinh bằng bốn chữ số, ví dụ 1956.")

    def read(self, text: str, context: Context) -> int:
        birth = read_year(text, today=context.today)
        if birth.year is None:
            raise Mistake(_(self.wrong))
        return birth.year

    def meta(self) -> Meta:
        return Meta(ge=1900, le=2100)


FullName = Annotated[TidyName, PersonName(LONGEST_LINE)]
SexField = Annotated[str | None, Choice(("female", "male"))]
PhoneNumber = Annotated[PhoneReading, Phone()]
Line = Annotated[str, Text(LONGEST_LINE)]
EmailAddress = Annotated[str | None, Email()]
Words = Annotated[str, FreeText(LONGEST_LINE)]
Note = Annotated[str, FreeText(LONGEST_NOTE, lines=True)]


class PersonForm(Protocol):
    """What every form about a person has, each in the order of its page."""

    @property
    def full_name(self) -> TidyName: ...
    @property
    def sex(self) -> str | None: ...
    @property
    def phone(self) -> PhoneReading: ...
    @property
    def phone_note(self) -> str: ...
    @property
    def email(self) -> str | None: ...
    @property
    def note(self) -> str: ...


def stored_person(form: PersonForm) -> dict[str, Any]:
    """The values as they are stored, by column; words beside the number join the note on the phone."""
    phone = stored_phone(form.phone)
    notes = dict.fromkeys(note for note in (form.phone_note, *phone.notes) if note)
    return {
        "full_name": form.full_name.name,
        "sex": form.sex,
        "phone": phone.number,
        "phone_kind": phone.kind,
        "phone_note": ", ".join(notes)[:LONGEST_LINE],
        "email": form.email,
        "note": form.note,
    }


def kept_person(row: Any) -> dict[str, Any]:
    """The fields of `PersonForm` as a kept row with columns of these names fills them."""
    return {
        "full_name": TidyName(row.full_name, None),
        "sex": row.sex,
        "phone": PhoneReading(row.phone, stored_kind(row.phone)),
        "phone_note": row.phone_note,
        "email": row.email,
        "note": row.note,
    }


class PersonSearch(Struct, frozen=True, kw_only=True):
    """A search by name or phone, and the page of its results."""

    q: Line = ""
    trang: PageNumber = 1
