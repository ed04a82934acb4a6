"""What is stored of a person's phone."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from lopso.kernel.i18n import gettext as _
from lopso.kernel.phone import PhoneReading, display, read_phone

StoredKind: TypeAlias = Literal["mobile", "landline", "none"]


@dataclass(frozen=True, slots=True)
class StoredPhone:
    """A phone as stored: `kind` is "mobile", "landline" or "none"; `notes` keeps what else was written.

    `proposed` is the number that an old one has become, to be taken when a person agrees.
    """

    number: str | None
    kind: str
    notes: tuple[str, ...] = ()
    proposed: str | None = None

    @property
    def note(self) -> str:
        """The notes in one text."""
        return ", ".join(self.notes)


def stored_phone(reading: PhoneReading) -> StoredPhone:
    """Return what to store of a reading; a number that is only proposed is not stored."""
    remark = (reading.remark,) if reading.remark else ()
    notes = (*remark, *map(display, reading.others))
    return StoredPhone(reading.e164, reading.kind if reading.e164 else "none", notes, reading.proposed)


def old_number_note(written: str) -> str:
    """Return what the note on a phone says of an old number whose new form nobody has confirmed yet."""
    return _("số cũ: %(text)s", text=written)


def number_to_compare(number: str | None, note: str) -> str | None:
    """Return the number that tells people apart: the stored one, else what the old one in the note became."""
    return number or (read_phone(note).proposed if note else None)


def stored_kind(number: str | None) -> StoredKind:
    """Return the kind of a stored number: in Viet Nam landlines begin with 02, and nothing else does."""
    if number is None:
        return "none"
    return "landline" if number.startswith("+842") else "mobile"
