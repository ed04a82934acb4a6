"""The form about a walk-in: somebody picked from the list, or a name and a phone (or that there is none)."""

from collections.abc import Mapping
from typing import Annotated

from msgspec import Struct

from learners.rules import LearnerDetails
from lopso.kernel.i18n import gettext as _
from lopso.kernel.person_names import TidyName
from lopso.kernel.phone import PhoneReading, display, read_phone
from lopso.web.forms import Context, FormToken, IdField, Mistake, PersonName, Phone, Tick
from people.phones import stored_phone

NO_PHONE = PhoneReading(None, "none")


class PhoneByEar(Phone):
    """A phone number said aloud. One that we read differently is named; typing it so agrees."""

    def read(self, text: str, context: Context) -> PhoneReading:
        phone = read_phone(text)
        if phone.doubt and phone.e164 is None and phone.proposed:
            raise Mistake(
                _("%(doubt)s. Nếu đúng, xin ghi %(phone)s.", doubt=phone.doubt, phone=display(phone.proposed))
            )
        return super().read(text, context) if phone.e164 is None else phone


class WalkInForm(Struct, frozen=True, kw_only=True):
    """What was pressed.

    Attributes:
        learner_id: somebody picked from the list of those known.
        another: the helper looked at the list and says that it is somebody else.
    """

    form_id: FormToken
    learner_id: Annotated[int | None, IdField()] = None
    another: Tick = False


class NewLearnerForm(Struct, frozen=True, kw_only=True):
    """A person to register."""

    name: Annotated[TidyName, PersonName()]
    phone: Annotated[PhoneReading | None, PhoneByEar()] = None
    no_phone: Tick = False

    def mistakes(self) -> Mapping[str, str]:
        """A phone is asked for unless the person has none."""
        if self.phone is None and not self.no_phone:
            return {"phone": _("Xin ghi số điện thoại, hoặc chọn không có điện thoại.")}
        return {}

    @property
    def details(self) -> LearnerDetails:
        """The learner as the service takes it."""
        stored = stored_phone(NO_PHONE if self.no_phone or self.phone is None else self.phone)
        return LearnerDetails(
            full_name=self.name.name,
            title=self.name.title or "",
            phone=stored.number,
            phone_kind=stored.kind,
            phone_note=stored.note,
        )
