"""Kinds of fields that only the calendar's forms have."""

from typing import Annotated, Literal

from lopso.web.forms import Choice, OneOfTwo
from scheduling.models import SESSION_KINDS
from scheduling.rules.series_change import ApartChoice

ChangeScope = Literal["one", "following", "all"]
"""The session alone, it and those after it in its series, or all of the series still to come."""

ApartField = Annotated[ApartChoice, Choice[ApartChoice](("picked", "follow", "keep"))]
KindName = Annotated[str, Choice(SESSION_KINDS)]
ScopeField = Annotated[ChangeScope, Choice[ChangeScope](("one", "following", "all"))]
WholeSeries = Annotated[bool, OneOfTwo("loat", "buoi")]
"""Whether the later sessions of a series are meant too."""

SwitchedScope = Annotated[ChangeScope | None, Choice[ChangeScope](("one", "following", "all"))]
