"""Kinds of fields that only the calendar's forms have."""

from typing import Annotated, Literal

import msgspec
from msgspec import Struct, field

from lopso.web.forms import Choice, Context, FieldType, FreeText, PageNumber, Text
from scheduling.models import SESSION_KINDS

ChangeScope = Literal["one", "following", "all"]
"""The session alone, it and those after it in its series, or all of the series still to come."""

KindName = Annotated[str, Choice(SESSION_KINDS)]
ScopeField = Annotated[ChangeScope, Choice[ChangeScope](("one", "following", "all"))]
SwitchedScope = Annotated[ChangeScope | None, Choice[ChangeScope](("one", "following", "all"))]


class SeriesBox(FieldType[bool]):
    """Whether the later sessions of a series are meant too: "loat" says so."""

    wire = bool

    def read(self, text: str, context: Context) -> bool:
        return text == "loat"

    def show(self, value: bool) -> str:
        return "loat" if value else "buoi"

    def meta(self) -> msgspec.Meta:
        return msgspec.Meta()


class ReasonForm(Struct, frozen=True, kw_only=True):
    """A reason: own words where some were typed, else the ready-made one that was chosen."""

    own_words: Annotated[str, FreeText(2000)] = field(default="", name="ly_do")
    ready_made: Annotated[str, Text(2000)] = field(default="", name="ly_do_san")

    @property
    def reason(self) -> str:
        """Empty when there is none."""
        return self.own_words or self.ready_made


class ListQuery(Struct, frozen=True, kw_only=True):
    """Which page of a list."""

    number: PageNumber = field(default=1, name="trang")
