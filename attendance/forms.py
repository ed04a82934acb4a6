"""What the page about a walk-in sends: a name, and a phone or the word that there is none."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from learners.rules import LearnerDetails
from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _
from lopso.kernel.phone import PhoneReading, display, read_phone
from lopso.kernel.text import tidy_name
from people.phones import stored_phone

LONGEST_NAME = 200  # characters


@dataclass(frozen=True, slots=True)
class WalkIn:
    """What was typed.

    Attributes:
        learner_id: somebody picked from the list of those known.
        another: the person at the phone looked at the list and says it is somebody else.
    """

    form_id: UUID | None
    name: str
    phone: str
    no_phone: bool
    learner_id: int | None
    another: bool


def read_walk_in(form: Mapping[str, Any]) -> WalkIn:
    """What was typed, nothing checked yet."""
    learner_id = str(form.get("learner_id", ""))
    try:
        form_id = UUID(str(form.get("form_id", "")))
    except ValueError:
        form_id = None
    return WalkIn(
        form_id=form_id,
        name=str(form.get("name", ""))[:1000].strip(),
        phone=str(form.get("phone", ""))[:100].strip(),
        no_phone=form.get("no_phone") == "1",
        learner_id=int(learner_id) if learner_id.isascii() and learner_id.isdigit() else None,
        another=form.get("another") == "1",
    )


def form_id_of(typed: WalkIn) -> UUID:
    """The id that the page was made with.

    Raises:
        InvalidInput: not sent by our page.
    """
    if typed.form_id is None:
        raise InvalidInput({"": _("Trang gửi thiếu thông tin. Xin tải lại trang rồi thử lần nữa.")})
    return typed.form_id


def checked(typed: WalkIn) -> LearnerDetails:
    """The person to write down.

    Raises:
        InvalidInput: the sentences by field. A number that we read differently is named; saying
            the same number so, or that there is none, agrees.
    """
    wrong: dict[str, str] = {}
    name = tidy_name(typed.name)
    if not name.name:
        wrong["name"] = _("Xin ghi họ tên.")
    elif any(char.isdigit() for char in name.name) or len(name.name) > LONGEST_NAME:
        wrong["name"] = _("Họ tên chỉ gồm chữ, không quá 200 chữ cái.")
    phone = read_phone(typed.phone)
    if typed.no_phone:
        phone = PhoneReading(None, "none")
    elif not typed.phone:
        wrong["phone"] = _("Xin ghi số điện thoại, hoặc chọn không có điện thoại.")
    elif phone.e164 is None and phone.kind != "none" and phone.proposed:
        wrong["phone"] = _(
            "%(doubt)s. Nếu đúng, xin ghi %(phone)s.", doubt=phone.doubt, phone=display(phone.proposed)
        )
    elif phone.e164 is None and phone.doubt:
        wrong["phone"] = f"{phone.doubt}."
    if wrong:
        raise InvalidInput(wrong)
    stored = stored_phone(phone)
    return LearnerDetails(
        full_name=name.name,
        title=name.title or "",
        phone=stored.number,
        phone_kind=stored.kind,
        phone_note=stored.note,
    )
