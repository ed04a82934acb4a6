"""When two entries are the same person, how names and phones are stored, what kinds of learner there are."""

from dataclasses import dataclass
from enum import Enum

from lopso.kernel.i18n import gettext as _
from lopso.kernel.phone import PhoneReading, display


class Likeness(Enum):
    """Whether two entries with the same name are one person."""

    SAME = "same"
    OTHER = "other"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Marks:
    """What tells people of one name apart; all may be unknown. `neighbourhood` is any value that compares."""

    birth_year: int | None
    phone: str | None
    phone_kind: str = "mobile"
    neighbourhood: object = None


def likeness(one: Marks, two: Marks) -> tuple[Likeness, str]:
    """Compare two people of the same name; the second answer says, for UNCLEAR, what does not fit.

    The same phone makes the same person; where a phone is missing, or one is the landline at home, the same
    year and neighbourhood do. The same phone with another year, or the same year and neighbourhood with
    another phone, is for a person to decide.
    """
    years = _agree(one.birth_year, two.birth_year)
    phones = _agree(one.phone, two.phone)
    places = _agree(one.neighbourhood, two.neighbourhood)
    if phones:
        return (Likeness.UNCLEAR, _("khác năm sinh")) if years is False else (Likeness.SAME, "")
    if years is False or places is False:
        return Likeness.OTHER, ""
    if phones is False and one.phone_kind == two.phone_kind:
        # A year of birth and a neighbourhood in common, yet two phones.
        return (Likeness.UNCLEAR, _("khác số điện thoại")) if years and places else (Likeness.OTHER, "")
    if years or one == two:
        return Likeness.SAME, ""
    return Likeness.UNCLEAR, _("thiếu năm sinh hoặc số điện thoại để phân biệt")


def _agree(one: object, two: object) -> bool | None:
    """Whether two facts agree; None when one of them is unknown."""
    return None if one is None or two is None else one == two


@dataclass(frozen=True, slots=True)
class StoredPhone:
    """A phone as stored: `kind` is "mobile", "landline" or "none"; `note` keeps what else was written."""

    number: str | None
    kind: str
    note: str


def stored_phone(reading: PhoneReading) -> StoredPhone:
    """Return what to store of a reading, taking the proposed number where there is one."""
    number = reading.e164 or reading.proposed
    others = [display(other) for other in reading.others]
    note = ", ".join([*([reading.remark] if reading.remark else []), *others])
    return StoredPhone(number, reading.kind if number else "none", note)


@dataclass(frozen=True, slots=True)
class LearnerDetails:
    """What is written down about a learner: checked, phones in E.164, `phone_kind` as in the table."""

    full_name: str
    title: str = ""
    birth_year: int | None = None
    sex: str | None = None
    phone: str | None = None
    phone_kind: str = "none"
    phone_note: str = ""
    email: str | None = None
    neighbourhood_id: int | None = None
    audiences: tuple[str, ...] = ()
    device: str = ""
    note: str = ""

    @property
    def marks(self) -> Marks:
        """What tells this person from others of the same name; the neighbourhood by id."""
        return Marks(self.birth_year, self.phone, self.phone_kind, self.neighbourhood_id)


def audience_names() -> dict[str, str]:
    """Kinds of learner by code, in the order forms show them."""
    return {
        "elderly": _("Người cao tuổi"),
        "trader": _("Tiểu thương"),
        "farmer": _("Nông dân"),
        "worker": _("Người lao động"),
        "official": _("Cán bộ, công chức"),
        "pupil_student": _("Học sinh, sinh viên"),
        "disadvantaged": _("Hoàn cảnh khó khăn"),
        "other": _("Khác"),
    }
