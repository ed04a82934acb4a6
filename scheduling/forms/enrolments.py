"""Forms on the pages of a session's learners."""

from datetime import datetime
from typing import Annotated

from msgspec import Struct, field

from lopso.web.forms import IdField, InstantField, Many, Text
from scheduling.forms.fields import ReasonForm, SeriesBox


class EnrolForm(Struct, frozen=True, kw_only=True):
    """Whom to enrol, and the search under which they were found."""

    learner_ids: Annotated[tuple[int, ...], Many(IdField())] = field(default=(), name="nguoi")
    typed: Annotated[str, Text(300)] = field(default="", name="q")
    whole_series: Annotated[bool, SeriesBox()] = field(default=False, name="pham_vi")


NOBODY = EnrolForm()
"""Nothing searched, nobody ticked."""


class CancelEnrolmentForm(ReasonForm, frozen=True, kw_only=True):
    """Why a learner leaves a session, and whether the later ones of its series too."""

    whole_series: Annotated[bool, SeriesBox()] = field(default=False, name="pham_vi")


class EnrolledAtQuery(Struct, frozen=True, kw_only=True):
    """The instant of one act of enrolling."""

    at: Annotated[datetime | None, InstantField()] = field(default=None, name="luc")
