"""The form that loads a previewed edition."""

from typing import Annotated

from msgspec import Struct

from lopso.web.forms import Text
from skills.rules import LARGEST


class EditionForm(Struct, frozen=True, kw_only=True):
    """An edition as the preview handed it on: JSON, read by `rules.read_edition`."""

    edition: Annotated[str, Text(LARGEST, lines=True)] = ""
