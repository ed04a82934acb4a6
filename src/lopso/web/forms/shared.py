"""Forms that several packages have."""

from typing import Annotated

from msgspec import Struct, field

from lopso.web.forms.text_fields import FreeText, Text
from lopso.web.forms.value_fields import PageNumber


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
