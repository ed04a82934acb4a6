"""The old font of each cell of a workbook: what is typed with it stands for other letters than it seems."""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from lopso.kernel.workbook.child.limits import MAX_COLUMNS

MIXED: Final = "mixed"
"""Some of a cell's letters in an old font, some in another font."""

_OF_CELL: Final = ""
"""The font of a run that names none."""

_SECTIONS = frozenset(("fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs"))


def old_font(name: str) -> str | None:
    """Return "TCVN3" for .VnTime and the like, "VNI" for VNI-Times; None for a font of Unicode."""
    folded = name.strip().casefold()
    if folded.startswith(".vn"):
        return "TCVN3"
    return "VNI" if folded.startswith("vni-") else None


def font_of_runs(fonts: Iterable[str | None], own: str | None = None) -> str | None:
    """Return the old font of a text by those of its runs; `own` is the cell's, of a run that names none."""
    kinds = {own if font == _OF_CELL else font for font in fonts}
    return kinds.pop() if len(kinds) == 1 else MIXED if kinds else own


class CellsByFont:
    """Places of the cells in old fonts of one sheet: row and column from 0; few bytes a cell."""

    def __init__(self) -> None:
        self._packed: defaultdict[str, array[int]] = defaultdict(lambda: array("q"))

    def add(self, row: int, column: int, font: str) -> None:
        if 0 <= column < MAX_COLUMNS:
            self._packed[font].append(row * MAX_COLUMNS + column)

    def __iter__(self) -> Iterator[tuple[int, int, str]]:
        for font, packed in self._packed.items():
            for place in packed:
                yield (*divmod(place, MAX_COLUMNS), font)


class BookFonts:
    """What styles and shared texts of an .xlsx say of fonts; read before the sheets.

    Attributes:
        styles: numbers of cell styles with an old font.
        texts: numbers of shared texts whose runs name fonts.
    """

    def __init__(self) -> None:
        self.styles: dict[int, str] = {}
        self.texts: dict[int, frozenset[str | None]] = {}
        self._fonts: dict[int, str] = {}
        self._section = ""
        self._font = self._style = self._text = -1
        self._runs: list[str | None] = []

    @property
    def tells(self) -> bool:
        """Whether a cell can be in an old font for its style or its shared text."""
        return bool(self.styles or self.texts)

    def style_element(self, local: str, attributes: Mapping[str, str]) -> None:
        """Look at an element of styles.xml."""
        if local in _SECTIONS:
            self._section = local
        elif self._section == "fonts":
            if local == "font":
                self._font += 1
            elif local == "name" and (font := old_font(attributes.get("val", ""))):
                self._fonts[self._font] = font
        elif self._section == "cellXfs" and local == "xf":
            self._style += 1
            if font := self._fonts.get(_number(attributes.get("fontId", ""))):
                self.styles[self._style] = font

    def text_element(self, local: str, attributes: Mapping[str, str]) -> None:
        """Look at an element of sharedStrings.xml."""
        if local == "si":
            self._text += 1
            self._runs = []
        elif _add_run(self._runs, local, attributes):
            self.texts[self._text] = frozenset(self._runs)


class SheetFonts:
    """Notes the cells of one sheet that are in an old font."""

    def __init__(self, book: BookFonts) -> None:
        self.cells = CellsByFont()
        self._book = book
        self._style: str | None = None
        self._shared = False
        self._runs: list[str | None] = []
        self._value = ""

    def element(self, local: str, attributes: Mapping[str, str]) -> None:
        if local == "c":
            self._style = self._book.styles.get(_number(attributes.get("s", "0")))
            self._shared = attributes.get("t") == "s"
            self._runs, self._value = [], ""
        else:
            _add_run(self._runs, local, attributes)

    def value(self, text: str) -> None:
        """Text of a cell's value: for a shared text its number."""
        if self._shared and self._book.texts:
            self._value += text[:20]

    def cell_ends(self, row: int, column: int) -> None:
        """`row` and `column` from 0."""
        runs = self._book.texts.get(_number(self._value), ()) if self._value else self._runs
        font = font_of_runs(runs, self._style)
        if font is not None:
            self.cells.add(row, column, font)


def _add_run(runs: list[str | None], local: str, attributes: Mapping[str, str]) -> bool:
    """Note a run of a text, or the font of the last one; whether it was one of them."""
    if local == "r":
        runs.append(_OF_CELL)
    elif local == "rFont" and runs:
        runs[-1] = old_font(attributes.get("val", ""))
    else:
        return False
    return True


def _number(digits: str) -> int:
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 9 else -1
