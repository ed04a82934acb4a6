"""Forms of a wording."""

from typing import Annotated

from msgspec import Struct, field

from lopso.kernel.parsing import without_unreadable
from lopso.web.forms import Context, FieldType, Lenient, Text


class WordingBody(FieldType[str]):
    """The words of a wording; what no phone can show is left out, here and in `normalized`."""

    several_lines = True

    def cleaned(self, text: str) -> str:
        return without_unreadable(text)[: self.longest]

    def read(self, text: str, context: Context) -> str:
        return text


class WordingForm(Struct, frozen=True, kw_only=True):
    """A draft of a wording.

    Attributes:
        ward: whose sessions the preview shows.
        preview_only: "xem": nothing is saved.
        agreed_segments: the number of segments that the person agreed to.
    """

    body: Annotated[str, WordingBody(2000)] = ""
    ward: Annotated[str, Lenient(Text(5))] = field(name="phuong", default="")
    preview_only: Annotated[str, Text(20)] = field(name="viec", default="")
    agreed_segments: Annotated[str, Text(20)] = field(name="dong_y", default="")


class WordingParams(Struct, frozen=True, kw_only=True):
    """Whose sessions the preview shows, and the version whose words to start from."""

    ward: Annotated[str, Text(5)] = field(name="phuong", default="")
    version: Annotated[str, Text(20)] = field(name="ban", default="")


class ActivationForm(Struct, frozen=True, kw_only=True):
    """The id under which a provider registered the wording."""

    registered_id: Annotated[str, Text(200)] = ""
