"""Somebody who is not on the ward's list yet, registered while people are enrolled."""

from typing import Annotated

from msgspec import field

from learners.rules import TICKED_PURPOSES, LearnerDetails, consent_answers
from lopso.kernel.phone import NO_PHONE
from lopso.web.forms import Choice, IdField, Many, Text, Tick
from people.forms import BirthYear, FullName, PhoneNumber
from people.phones import stored_phone
from scheduling.forms.enrolments import EnrolForm


class NewcomerForm(EnrolForm, frozen=True, kw_only=True):
    """A learner with consents, as in the form of registration but shorter; the ticks beside come along.

    `another`: the person saw the namesakes and says this is somebody else.
    """

    full_name: FullName
    title: Annotated[str, Text(20)] = ""
    birth_year: Annotated[int | None, BirthYear()] = None
    phone: PhoneNumber = NO_PHONE
    lives_in: Annotated[int | None, IdField()] = field(default=None, name="neighbourhood_id")
    sms: Annotated[str | None, Choice(("yes", "no"))] = None
    agreed: Annotated[tuple[str, ...], Many(Choice(TICKED_PURPOSES))] = ()
    another: Tick = False

    @property
    def details(self) -> LearnerDetails:
        """The learner as the service takes it."""
        phone = stored_phone(self.phone)
        return LearnerDetails(
            full_name=self.full_name.name,
            title=self.title or self.full_name.title or "",
            birth_year=self.birth_year,
            phone=phone.number,
            phone_kind=phone.kind,
            phone_note=phone.note,
            neighbourhood_id=self.lives_in,
        )

    @property
    def answers(self) -> dict[str, bool]:
        """Answers about consents, by purpose."""
        return consent_answers(self.agreed, self.sms, before={})
