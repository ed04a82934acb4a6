"""Opening cancelled sessions again."""

from typing import Annotated

from msgspec import Struct, field

from lopso.web.forms import OneOfTwo


class ReopenForm(Struct, frozen=True, kw_only=True):
    """Whether all that were cancelled by the same act are opened again."""

    whole: Annotated[bool, OneOfTwo("all", "one")] = field(default=False, name="pham_vi")
