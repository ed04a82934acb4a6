"""Forms of the board on which a week is staffed."""

from datetime import date, datetime
from typing import Annotated

import msgspec
from msgspec import Struct, field

from lopso.kernel import parsing
from lopso.kernel.i18n import N_
from lopso.kernel.i18n import gettext as _
from lopso.web.forms import Context, Day, FieldType, InstantField, Many, Mistake, PageNumber, Text, Tick
from scheduling.rules.commitments import AssignmentRole
from staffing.rules.picks import Pick

MOST_PICKS = 400  # twenty sessions with twenty people each

DayOfWeekShown = Annotated[date | None, Day(years=range(1, 10_000))]


class PickField(FieldType[Pick]):
    """Session, role and helper: "12-trainer-45"."""

    required = N_("Xin chọn ít nhất một người.")

    def read(self, text: str, context: Context) -> Pick:
        session, role, trainer = [*text.split("-"), "", ""][:3]
        session_id, trainer_id = parsing.read_id(session), parsing.read_id(trainer)
        if session_id is None or trainer_id is None or role not in ("trainer", "helper"):
            raise Mistake(_(self.required))
        known: AssignmentRole = "trainer" if role == "trainer" else "helper"
        return Pick(session_id, known, trainer_id)

    def show(self, value: Pick) -> str:
        return pick_value(value)

    def meta(self) -> msgspec.Meta:
        return msgspec.Meta(max_length=60)


def pick_value(pick: Pick) -> str:
    """A pick as a form sends it."""
    return f"{pick.session_id}-{pick.role}-{pick.trainer_id}"


class BoardQuery(Struct, frozen=True, kw_only=True):
    """Which week, and which page of its short sessions."""

    day: DayOfWeekShown = field(default=None, name="tuan")
    number: PageNumber = field(default=1, name="trang")


class BoardForm(BoardQuery, frozen=True, kw_only=True):
    """Whom to ask into which sessions, and the search under which they were found.

    Attributes:
        agreed: they already said yes.
        ends_search: show the best again instead.
        unpicks_others: give up what was picked on other pages.
        proposed: what the last week plan ticked.
    """

    picks: Annotated[tuple[Pick, ...], Many(PickField(), most=MOST_PICKS)] = field(default=(), name="chon")
    agreed: Tick = field(default=False, name="da_nhan")
    typed: Annotated[str, Text(300)] = field(default="", name="q")
    ends_search: Tick = field(default=False, name="bo_tim")
    unpicks_others: Tick = field(default=False, name="bo_chon")
    proposed: Annotated[tuple[Pick, ...], Many(PickField(), most=MOST_PICKS)] = field(
        default=(), name="goi_y"
    )


class OffersMadeQuery(Struct, frozen=True, kw_only=True):
    """What was offered by one act: the instant of it."""

    day: DayOfWeekShown = field(default=None, name="tuan")
    offered_at: Annotated[datetime | None, InstantField()] = field(default=None, name="luc")
