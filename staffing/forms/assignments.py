"""Forms on the pages of a session's helpers."""

from typing import Annotated

from msgspec import Struct, field

from lopso.web.forms import Choice, IdField, Many, OneOfTwo, ReasonForm, Text, Tick
from scheduling.rules.commitments import AssignmentRole

RoleName = Choice[AssignmentRole](("trainer", "helper"))
WHOLE_SERIES = OneOfTwo("loat", "buoi")
"""Whether the later sessions of a series are meant too."""


class OfferForm(ReasonForm, frozen=True, kw_only=True):
    """Whom to ask into a session, and the search under which they were found.

    Attributes:
        agreed: they already said yes.
        whole_series: into the later sessions of the series too.
    """

    trainer_ids: Annotated[tuple[int, ...], Many(IdField())] = field(default=(), name="nguoi")
    typed: Annotated[str, Text(300)] = field(default="", name="q")
    role: Annotated[AssignmentRole, RoleName] = field(default="helper", name="vai")
    agreed: Tick = field(default=False, name="da_nhan")
    whole_series: Annotated[bool, WHOLE_SERIES] = field(default=False, name="pham_vi")


NO_OFFER = OfferForm()
"""Nothing searched, nobody ticked."""


class AnswerForm(ReasonForm, frozen=True, kw_only=True):
    """What a helper said: yes ("nhan"), or no with a reason."""

    answer: Annotated[str, Choice(("nhan",))] = field(default="", name="tra_loi")

    @property
    def accept(self) -> bool:
        """Whether they said yes."""
        return self.answer == "nhan"


class WithdrawForm(ReasonForm, frozen=True, kw_only=True):
    """Why a helper is taken off a session, and whether off the later ones of its series too."""

    whole_series: Annotated[bool, WHOLE_SERIES] = field(default=False, name="pham_vi")


class RoleForm(Struct, frozen=True, kw_only=True):
    """What a helper is to do."""

    role: Annotated[AssignmentRole | None, RoleName] = field(default=None, name="vai")


class PresenceForm(Struct, frozen=True, kw_only=True):
    """Whether a helper came."""

    came: Tick = field(default=False, name="den")
