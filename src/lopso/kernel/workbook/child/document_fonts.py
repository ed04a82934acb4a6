"""The old font of each cell of an .ods: by the styles of cell, row and column, and the runs of its text."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final, TypeAlias

from lopso.kernel.workbook.child.cell_fonts import CellsByFont, font_of_runs, old_font
from lopso.kernel.workbook.child.limits import MAX_COLUMNS

_Style: TypeAlias = tuple[str, str]
"""Family ("table-cell", "text") and name."""

_DEFAULT: Final = ""
"""Name of the style of a family that others do without."""

_MOST_PARENTS = 20
_CELLS = ("table-cell", "covered-table-cell")


class DocumentStyles:
    """What the styles of an .ods say of fonts; styles.xml is read before content.xml."""

    def __init__(self) -> None:
        self._faces: dict[str, str | None] = {}
        self._fonts: dict[_Style, str | None] = {}
        self._parents: dict[_Style, str] = {}
        self._style: _Style | None = None

    @property
    def tells(self) -> bool:
        """Whether any style has an old font."""
        return any(self._fonts.values())

    def element(self, local: str, attributes: Mapping[str, str]) -> None:
        if local == "font-face":
            self._faces[attributes.get("name", "")] = _old_font(attributes.get("font-family", ""))
        elif local in ("style", "default-style"):
            self._style = (attributes.get("family", ""), attributes.get("name", _DEFAULT))
            self._parents[self._style] = attributes.get("parent-style-name", _DEFAULT)
        elif local == "text-properties" and self._style:
            if "font-name" in attributes:
                name = attributes["font-name"]
                self._fonts[self._style] = self._faces.get(name, _old_font(name))
            elif "font-family" in attributes:
                self._fonts[self._style] = _old_font(attributes["font-family"])

    def end(self, local: str) -> None:
        if local in ("style", "default-style"):
            self._style = None

    def font(self, family: str, name: str, own: str | None = None) -> str | None:
        """The old font of a style, by its parents where it says none; `own` where none of them does."""
        for _parent in range(_MOST_PARENTS):
            if (family, name) in self._fonts:
                return self._fonts[family, name]
            if name == _DEFAULT:
                break
            name = self._parents.get((family, name), _DEFAULT)
        return own


class DocumentFonts:
    """Notes the cells of all tables of an .ods that are in an old font."""

    def __init__(self, styles: DocumentStyles) -> None:
        self.tables: dict[str, CellsByFont] = defaultdict(CellsByFont)
        self._styles = styles
        self._tells = False
        self._cells = CellsByFont()
        self._column_styles: list[str] = []
        self._row_style = ""
        self._rows = range(0)
        self._columns = range(0)
        self._own: str | None = None
        self._spans: list[str | None] = []
        self._fonts: set[str | None] = set()
        self._paragraphs = self._remarks = 0

    def element(self, local: str, attributes: Mapping[str, str]) -> None:
        if local == "spreadsheet":
            self._tells = self._styles.tells
        elif not self._tells:
            return
        elif local == "table":
            self._cells = self.tables[attributes.get("name", "")]
            self._column_styles, self._rows, self._columns = [], range(0), range(0)
        elif local == "table-column":
            style = attributes.get("default-cell-style-name", "")
            room = MAX_COLUMNS - len(self._column_styles)
            self._column_styles += [style] * min(room, _repeated(attributes, "number-columns-repeated"))
        elif local == "table-row":
            self._row_style = attributes.get("default-cell-style-name", "")
            self._rows = _next(self._rows, _repeated(attributes, "number-rows-repeated"))
            self._columns = range(0)
        elif local in _CELLS:
            self._begin_cell(attributes)
        elif local == "annotation":
            self._remarks += 1
        elif local == "p":
            self._paragraphs += 1
        elif local == "span":
            outside = self._spans[-1] if self._spans else self._own
            self._spans.append(self._styles.font("text", attributes.get("style-name", ""), outside))

    def text(self, text: str) -> None:
        """Text of a cell; what only parts words has no font that counts."""
        if self._tells and self._paragraphs and not self._remarks and text.strip():
            self._fonts.add(self._spans[-1] if self._spans else self._own)

    def end(self, local: str) -> None:
        if not self._tells:
            return
        if local == "annotation":
            self._remarks -= 1
        elif local == "p":
            self._paragraphs -= 1
        elif local == "span" and self._spans:
            self._spans.pop()
        elif local in _CELLS:
            self._end_cell()

    def _begin_cell(self, attributes: Mapping[str, str]) -> None:
        self._columns = _next(self._columns, _repeated(attributes, "number-columns-repeated"))
        first = self._columns.start
        by_column = self._column_styles[first] if first < len(self._column_styles) else ""
        name = attributes.get("style-name") or self._row_style or by_column or "Default"
        self._own = self._styles.font("table-cell", name)
        self._spans, self._fonts = [], set()

    def _end_cell(self) -> None:
        if not self._fonts or (font := font_of_runs(self._fonts)) is None:
            return
        for row in self._rows:
            for column in self._columns[:MAX_COLUMNS]:
                self._cells.add(row, column, font)


def plain(attributes: Mapping[str, str]) -> dict[str, str]:
    """The attributes without their namespaces."""
    return {name.rpartition("}")[2]: value for name, value in attributes.items()}


def _old_font(family: str) -> str | None:
    """By a list of families, as ``'.VnTime', serif``: the first is meant."""
    return old_font(family.split(",")[0].strip().strip("'\""))


def _next(before: range, number: int) -> range:
    return range(before.stop, before.stop + number)


def _repeated(attributes: Mapping[str, str], what: str) -> int:
    digits = attributes.get(what, "")
    return max(1, int(digits)) if digits.isascii() and digits.isdigit() and len(digits) < 9 else 1
