"""Forms on the pages of a session's learners.

One form searches, filters, ticks and enrols: all of it is sent whatever is pressed, so that ticks stay.
"""

from datetime import datetime
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Struct, field

from learners.models import AUDIENCES
from lopso.kernel.i18n import gettext as _
from lopso.kernel.parsing import read_id
from lopso.web.forms import (
    Choice,
    Context,
    FieldType,
    IdField,
    InstantField,
    Many,
    Mistake,
    PageNumber,
    ReasonForm,
    Text,
    Tick,
)
from scheduling.forms.fields import WholeSeries

MOST_AT_ONCE = 300
"""People enrolled by one press."""

_MOST_TICKS = 2000  # kept on the page, so that too many are said and not lost


class ClassChoice(NamedTuple):
    """An earlier class: a whole series, or a single session."""

    series_id: int | None
    session_id: int | None


class ClassChoiceField(FieldType[ClassChoice]):
    """ "chuoi-12": the people of a series; "buoi-34": those of a single session."""

    wire = str

    def read(self, text: str, context: Context) -> ClassChoice:
        kind, _dash, number = text.partition("-")
        row_id = read_id(number)
        if row_id is None or kind not in ("chuoi", "buoi"):
            raise Mistake(_("Lớp đã chọn không còn. Xin tải lại trang rồi chọn lại."))
        return ClassChoice(row_id, None) if kind == "chuoi" else ClassChoice(None, row_id)

    def show(self, value: ClassChoice) -> str:
        return class_value(value.series_id, value.session_id)


def class_value(series_id: int | None, session_id: int | None) -> str:
    """An earlier class as the form sends it."""
    return f"buoi-{session_id}" if series_id is None else f"chuoi-{series_id}"


class EnrolChoice(Struct, frozen=True, kw_only=True):
    """Who is ticked, for which sessions, among whom is looked."""

    learner_ids: Annotated[tuple[int, ...], Many(IdField(), most=_MOST_TICKS)] = field(
        default=(), name="nguoi"
    )
    whole_series: WholeSeries = field(default=False, name="pham_vi")
    alike: Annotated[ClassChoice | None, ClassChoiceField()] = field(default=None, name="nhu_lop")
    neighbourhood_id: Annotated[int | None, IdField()] = field(default=None, name="to")
    audience: Annotated[str | None, Choice(AUDIENCES)] = field(default=None, name="nhom")


class EnrolmentsQuery(EnrolChoice, frozen=True, kw_only=True):
    """The page of a session's learners with a choice made, and which page of its list.

    A name that is searched stands in no address.
    """

    roster_number: PageNumber = field(default=1, name="trang")

    @property
    def form(self) -> "EnrolForm":
        """The choice as the form shows it."""
        return EnrolForm(
            learner_ids=self.learner_ids,
            whole_series=self.whole_series,
            alike=self.alike,
            neighbourhood_id=self.neighbourhood_id,
            audience=self.audience,
        )


class EnrolForm(EnrolChoice, frozen=True, kw_only=True):
    """Whom to enrol, the search under which they were found, and what was pressed.

    Attributes:
        number: the page of people found that is to be shown; roster_number: that of the people in the class.
        tick_page: all on this page are to be ticked, or unticked when they are.
        show_all: the filters are to be given up, or the search where there are none.
    """

    typed: Annotated[str, Text(300)] = field(default="", name="q")
    number: PageNumber = field(default=1, name="trang_tim")
    roster_number: PageNumber = field(default=1, name="trang")
    tick_page: Annotated[int | None, IdField()] = field(default=None, name="chon_trang")
    show_all: Tick = field(default=False, name="bo_loc")

    @property
    def filtered(self) -> bool:
        """Whether a filter beside the name is set."""
        return any(each is not None for each in (self.alike, self.neighbourhood_id, self.audience))

    def wider(self) -> "EnrolForm":
        """The same without filters; where there are none, without the search."""
        typed = self.typed if self.filtered else ""
        return msgspec.structs.replace(
            self, typed=typed, alike=None, neighbourhood_id=None, audience=None, number=1, show_all=False
        )


NOBODY = EnrolForm()
"""Nothing searched, nobody ticked."""


class CancelEnrolmentForm(ReasonForm, frozen=True, kw_only=True):
    """Why a learner leaves a session, and whether the later ones of its series too."""

    whole_series: WholeSeries = field(default=False, name="pham_vi")


class EnrolledAtQuery(Struct, frozen=True, kw_only=True):
    """The instant of one act of enrolling."""

    at: Annotated[datetime | None, InstantField()] = field(default=None, name="luc")
