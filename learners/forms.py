"""What a form about a learner says, checked field by field."""

from collections.abc import Mapping
from datetime import date

from learners.models import AUDIENCES, Learner
from learners.rules import LearnerDetails
from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _
from lopso.kernel.phone import display, read_phone
from lopso.kernel.text import nfc, tidy_name
from people.birth_years import read_year
from people.cells import email_in
from people.phones import stored_phone

FIELDS = (
    "full_name", "title", "birth_year", "sex", "phone", "phone_note", "email", "neighbourhood_id", "device",
    "note", "sms",
)  # fmt: skip
LONGEST = 200  # characters of a line


def typed(form: Mapping[str, str]) -> dict[str, str]:
    """What was typed, to show again as it was."""
    return {name: form.get(name, "").strip()[:1000] for name in FIELDS}


def read_learner(values: dict[str, str], audiences: list[str], *, today: date) -> LearnerDetails:
    """Check what was typed.

    A phone that we read differently (an old 11-digit number) is put into `values["phone"]` as we would store
    it, so that saving once more agrees to it.

    Raises:
        InvalidInput: the sentences by field.
    """
    wrong: dict[str, str] = {}
    name = tidy_name(values["full_name"])
    if not name.name:
        wrong["full_name"] = _("Xin ghi họ tên.")
    elif any(char.isdigit() for char in name.name) or len(name.name) > LONGEST:
        wrong["full_name"] = _("Họ tên chỉ gồm chữ, không quá 200 chữ cái.")
    birth = read_year(values["birth_year"], today=today)
    if birth.doubt or (values["birth_year"] and birth.year is None):
        wrong["birth_year"] = _("Xin ghi năm sinh bằng bốn chữ số, ví dụ 1956.")
    phone = read_phone(values["phone"])
    if phone.doubt and phone.proposed:
        wrong["phone"] = _("%(doubt)s. Nếu đúng, xin bấm lưu lần nữa.", doubt=phone.doubt)
        values["phone"] = display(phone.proposed)
    elif phone.doubt and phone.e164 is None:
        wrong["phone"] = f"{phone.doubt}."
    email = email_in(values["email"])
    if values["email"] and email is None:
        wrong["email"] = _("Địa chỉ e-mail chưa đúng.")
    if wrong:
        raise InvalidInput(wrong)

    stored = stored_phone(phone)
    notes = [values["phone_note"], *stored.notes]
    return LearnerDetails(
        full_name=name.name,
        title=(values["title"] or name.title or "")[:20],
        birth_year=birth.year,
        sex=values["sex"] if values["sex"] in ("female", "male") else None,
        phone=stored.number,
        phone_kind=stored.kind,
        phone_note=", ".join(dict.fromkeys(note for note in notes if note))[:LONGEST],
        email=email,
        neighbourhood_id=int(values["neighbourhood_id"]) if values["neighbourhood_id"].isdecimal() else None,
        audiences=tuple(code for code in AUDIENCES if code in audiences),
        device=nfc(values["device"])[:LONGEST],
        note=nfc(values["note"]),
    )


def values_of(learner: Learner, *, sms: str) -> dict[str, str]:
    """What a form shows of a learner; `sms` is "yes", "no" or "" when nobody asked."""
    return {
        "full_name": learner.full_name,
        "title": learner.title,
        "birth_year": str(learner.birth_year or ""),
        "sex": learner.sex or "",
        "phone": display(learner.phone) if learner.phone else "",
        "phone_note": learner.phone_note,
        "email": learner.email or "",
        "neighbourhood_id": str(learner.neighbourhood_id or ""),
        "device": learner.device,
        "note": learner.note,
        "sms": sms,
    }
