"""Forms about learners."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated

from msgspec import Struct, field

from learners.models import AUDIENCES, Learner
from learners.queries.consents import NEEDED, UnaskedFilters
from learners.rules import TICKED_PURPOSES, LearnerDetails, consent_answers
from lopso.kernel.i18n import N_
from lopso.kernel.i18n import gettext as _
from lopso.kernel.phone import NO_PHONE
from lopso.web.forms import Choice, Day, IdField, InstantField, Many, PageNumber, Text, Tick, WholeNumber
from people.forms import (
    BirthYear,
    EmailAddress,
    FullName,
    Note,
    PhoneNumber,
    SexField,
    Words,
    kept_person,
    stored_person,
)

NeighbourhoodId = Annotated[int | None, IdField()]


class LearnerList(Struct, frozen=True, kw_only=True):
    """Filters of the list (neighbourhood, audience, archived, an answer to consents missing) and its page."""

    to: NeighbourhoodId = None
    nhom: Annotated[str | None, Choice(AUDIENCES)] = None
    luu_tru: Tick = False
    chua_hoi: Tick = False
    trang: PageNumber = 1


class BatchInstant(InstantField):
    """When an import saved its learners, to the microsecond."""

    def show(self, value: datetime) -> str:
        return value.isoformat()


BatchField = Annotated[datetime | None, BatchInstant()]


class UnaskedList(Struct, frozen=True, kw_only=True):
    """Filters of those without an answer: when an import saved them, their neighbourhood; and the page."""

    dot: BatchField = None
    to: NeighbourhoodId = None
    trang: PageNumber = 1

    @property
    def filters(self) -> UnaskedFilters:
        """The filters as `queries` take them."""
        return UnaskedFilters(self.dot, self.to)


class ConsentRoundForm(Struct, frozen=True, kw_only=True):
    """What many learners agreed to, when and how: those ticked, or everybody under the filters of the page.

    `shown`: how many there were when the page was made.
    """

    purposes: Annotated[
        tuple[str, ...], Many(Choice(NEEDED), required=N_("Xin chọn ít nhất một điều họ đã đồng ý."))
    ] = field(name="dieu")
    day: Annotated[date, Day(required=N_("Xin ghi ngày họ đồng ý."))] = field(name="ngay")
    how: Annotated[str, Choice(("paper", "spoken"), required=N_("Xin chọn họ đã đồng ý bằng cách nào."))] = (
        field(name="cach")
    )
    evidence: Words = field(default="", name="bang_chung")
    learner_ids: Annotated[tuple[int, ...], Many(IdField())] = field(default=(), name="nguoi")
    everybody: Tick = field(default=False, name="tat_ca")
    shown: Annotated[int, WholeNumber(0, 9_999_999)] = field(default=0, name="so_nguoi")

    def mistakes(self) -> Mapping[str, str]:
        """Nobody is ticked."""
        if self.learner_ids or self.everybody:
            return {}
        return {"nguoi": _("Xin chọn ít nhất một người trong danh sách.")}


class LearnerForm(Struct, frozen=True, kw_only=True):
    """A learner with their consents.

    `another`: the person saw the namesakes and says this is somebody else.
    """

    full_name: FullName
    title: Annotated[str, Text(20)] = ""
    birth_year: Annotated[int | None, BirthYear()] = None
    sex: SexField = None
    phone: PhoneNumber = NO_PHONE
    phone_note: Words = ""
    sms: Annotated[str | None, Choice(("yes", "no"))] = None
    neighbourhood_id: NeighbourhoodId = None
    audience: Annotated[tuple[str, ...], Many(Choice(AUDIENCES))] = ()
    device: Words = ""
    email: EmailAddress = None
    note: Note = ""
    agreed: Annotated[tuple[str, ...], Many(Choice(TICKED_PURPOSES))] = ()
    another: Tick = False

    @classmethod
    def of(cls, learner: Learner, consents: Mapping[str, bool]) -> "LearnerForm":
        """The form filled with what is stored."""
        sms = consents.get("sms")
        return cls(
            **kept_person(learner),
            title=learner.title,
            birth_year=learner.birth_year,
            neighbourhood_id=learner.neighbourhood_id,
            audience=tuple(learner.audiences),
            device=learner.device,
            agreed=tuple(purpose for purpose in TICKED_PURPOSES if consents.get(purpose)),
            sms=None if sms is None else "yes" if sms else "no",
        )

    @property
    def details(self) -> LearnerDetails:
        """The learner as `service` takes it."""
        return LearnerDetails(
            **stored_person(self),
            title=self.title or self.full_name.title or "",
            birth_year=self.birth_year,
            neighbourhood_id=self.neighbourhood_id,
            audiences=tuple(code for code in AUDIENCES if code in self.audience),
            device=self.device,
        )

    def answers(self, before: Mapping[str, bool]) -> dict[str, bool]:
        """Answers by purpose, against those given `before`."""
        return consent_answers(self.agreed, self.sms, before=before)
