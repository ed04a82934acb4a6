"""What is stored of a person's phone."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from lopso.kernel.phone import PhoneReading, display

StoredKind: TypeAlias = Literal["mobile", "landline", "none"]


@dataclass(frozen=True, slots=True)
class StoredPhone:
    """A phone as stored: `kind` is "mobile", "landline" or "none"; `notes` keeps what else was written."""

    number: str | None
    kind: str
    notes: tuple[str, ...] = ()

    @property
    def note(self) -> str:
        """The notes in one text."""
        return ", ".join(self.notes)


def stored_phone(reading: PhoneReading) -> StoredPhone:
    """Return what to store of a reading, taking the proposed number where there is one."""
    number = reading.e164 or reading.proposed
    remark = (reading.remark,) if reading.remark else ()
    return StoredPhone(number, reading.kind if number else "none", (*remark, *map(display, reading.others)))


def stored_kind(number: str | None) -> StoredKind:
    """Return the kind of a stored number: in Viet Nam landlines begin with 02, and nothing else does."""
    if number is None:
        return "none"
    return "landline" if number.startswith("+842") else "mobile"
