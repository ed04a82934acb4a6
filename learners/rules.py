"""Values of a learner, and the labels of audiences."""

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
