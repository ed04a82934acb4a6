"""What a person chose about how a file is read: hidden parts, the header row, what each column holds."""

from typing import TypeAlias

from msgspec import Struct

from lopso.kernel.text import fold
from lopso.kernel.workbook.fields import cell_text
from lopso.kernel.workbook.reading import Cell

HeaderLook: TypeAlias = tuple[str, ...]
"""The folded texts of a header row, without empty ones at its end: lists of one look have the same."""


class SheetChoice(Struct, frozen=True, kw_only=True):
    """How one sheet is to be read.

    Attributes:
        header: number of the header row as the person sees it, 0 for a list without one.
        fields: index of a column to the name of a field; "" keeps the column as a remark.
    """

    header: int
    fields: dict[int, str]


class RememberedChoice(Struct, frozen=True, kw_only=True):
    """The choice for a header row of this look: one field a column, as in `SheetChoice`."""

    look: HeaderLook
    fields: tuple[str, ...]


class ReadingChoices(Struct, frozen=True, kw_only=True):
    """What to do otherwise than the program would.

    Attributes:
        hidden: whether hidden rows, columns and sheets are read.
        sheets: by the name of the sheet; the others are read as guessed.
        remembered: of earlier lists of this ward and kind.
    """

    hidden: bool = False
    sheets: dict[str, SheetChoice] = {}
    remembered: tuple[RememberedChoice, ...] = ()

    def for_look(self, look: HeaderLook) -> RememberedChoice | None:
        """Return what was chosen for an earlier list of the same look."""
        return next((each for each in self.remembered if each.look == look), None) if any(look) else None


AS_GUESSED = ReadingChoices()


def look_of(row: list[Cell]) -> HeaderLook:
    """Return the look of a header row."""
    texts = [fold(cell_text(cell)) for cell in row]
    while texts and not texts[-1]:
        texts.pop()
    return tuple(texts)
