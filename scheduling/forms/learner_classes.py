"""Forms about the classes of one learner."""

from datetime import datetime
from typing import Annotated, NamedTuple

from msgspec import Struct, field

from lopso.kernel.i18n import N_
from lopso.kernel.i18n import gettext as _
from lopso.kernel.parsing import read_id
from lopso.web.forms import Context, FieldType, IdField, InstantField, Many, Mistake, PageNumber, Text, Tick
from scheduling.forms.fields import WholeSeries


class ClassPick(NamedTuple):
    """A session to join, alone or with those after it in its series."""

    session_id: int
    whole_series: bool


class ClassPickField(FieldType[ClassPick]):
    """A box of the classes to join: ``buoi-12`` the session alone, ``loat-12`` with those after it."""

    wire = str

    def read(self, text: str, context: Context) -> ClassPick:
        scope, _dash, number = text.partition("-")
        session_id = read_id(number)
        if session_id is None or scope not in ("buoi", "loat"):
            raise Mistake(_("Lớp đã chọn không còn. Xin tải lại trang rồi chọn lại."))
        return ClassPick(session_id, scope == "loat")

    def show(self, value: ClassPick) -> str:
        return f"{'loat' if value.whole_series else 'buoi'}-{value.session_id}"


class LeaveForm(Struct, frozen=True, kw_only=True):
    """Whether the learner leaves the later sessions of the series too."""

    whole_series: WholeSeries = field(default=False, name="pham_vi")


class LeftAtQuery(Struct, frozen=True, kw_only=True):
    """The instant of the act that is undone."""

    at: Annotated[datetime | None, InstantField()] = field(default=None, name="luc")


class UndoMoveForm(Struct, frozen=True, kw_only=True):
    """Whether the move is undone even where somebody else has the old seat."""

    anyway: Tick = field(default=False, name="van")


class MoveForm(Struct, frozen=True, kw_only=True):
    """The session to move to, and whether the later sessions of the series move too."""

    target_id: Annotated[int | None, IdField()] = field(default=None, name="sang")
    whole_series: WholeSeries = field(default=False, name="pham_vi")


class ClassSearchQuery(Struct, frozen=True, kw_only=True):
    """What is searched among the coming classes, and which page of it."""

    typed: Annotated[str, Text(100)] = field(default="", name="q")
    number: PageNumber = field(default=1, name="trang")


class JoinForm(ClassSearchQuery, frozen=True, kw_only=True):
    """The classes to join, and the search under which they were found."""

    picks: Annotated[
        tuple[ClassPick, ...],
        Many(ClassPickField(), most=100, required=N_("Xin chọn ít nhất một lớp.")),
    ] = field(name="chon")
