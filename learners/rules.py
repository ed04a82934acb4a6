"""Values of a learner, and what the answers of a form say about consents."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from people.identity import IdentityKeys


@dataclass(frozen=True, slots=True)
class LearnerDetails:
    """Checked values of a learner: phones in E.164, `phone_kind` as in the table."""

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
    def identity(self) -> IdentityKeys:
        """Identity keys; the group is the id of the neighbourhood."""
        return IdentityKeys(self.phone, self.phone_kind, self.birth_year, self.neighbourhood_id)


TICKED_PURPOSES = ("class", "photo", "invitation")
"""Purposes with a checkbox each in forms; text messages have yes, no and not asked."""


def consent_answers(
    agreed: Collection[str], sms: str | None, *, before: Mapping[str, bool]
) -> dict[str, bool]:
    """Answers by purpose. An empty checkbox is a no only for a consent that was given `before`.

    Args:
        agreed: purposes that were ticked. sms: "yes", "no", or None when not asked.
    """
    answers = {
        purpose: purpose in agreed for purpose in TICKED_PURPOSES if purpose in agreed or before.get(purpose)
    }
    return answers if sms is None else {**answers, "sms": sms == "yes"}
