"""What the reading library does not tell of a sheet."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lopso.kernel.workbook.child.cell_fonts import CellsByFont
from lopso.kernel.workbook.child.hidden import HiddenParts


@dataclass(frozen=True, slots=True)
class ToldSheet:
    """What one sheet hides, its cells with an error, its cells in old fonts.

    Attributes:
        errors: row and column from 0 to "#N/A"; those of an .xlsx are in its cells.
    """

    hidden: HiddenParts = field(default_factory=HiddenParts)
    errors: Mapping[tuple[int, int], str] = field(default_factory=dict[tuple[int, int], str])
    fonts: CellsByFont = field(default_factory=CellsByFont)
