"""One pass over an XML part of a workbook, before the reading library sees it."""

from collections.abc import Callable
from xml.parsers import expat

from lopso.kernel.workbook.child.cell_fonts import BookFonts, SheetFonts
from lopso.kernel.workbook.child.document_fonts import DocumentFonts, DocumentStyles, plain
from lopso.kernel.workbook.child.hidden import HiddenScan
from lopso.kernel.workbook.child.limits import MAX_AREA, MAX_ROWS, FileRefused


class XmlPart:
    """One pass over one XML part: refuses a document type, notes how far the used cells of a sheet reach.

    Args:
        book: what earlier parts of an .xlsx said of fonts; styles and shared texts add to it.
        styles: the same of an .ods.

    Attributes:
        fonts, document_fonts: cells in old fonts, of a sheet of an .xlsx and of the tables of an .ods.
    """

    def __init__(self, book: BookFonts, styles: DocumentStyles) -> None:
        self.cells = 0
        self.formulas_without_value = 0
        self.hidden = HiddenScan()
        self.fonts = SheetFonts(book)
        self.document_fonts = DocumentFonts(styles)
        self._styles = styles
        self._is_document = False
        self._book = book
        self._read_fonts: Callable[[str, dict[str, str]], object] | None = None
        self._row = self._column = 0
        self._rows_used = 0
        self._rows_repeated = 1
        self._last_row_used = -1
        self._corners: tuple[int, int, int, int] | None = None
        self._in_cell = self._in_value = self._has_value = self._has_formula = False
        self._depth = 0

    def read(self, name: str, content: bytes) -> None:
        """Read the part `name` of the zip."""
        readers = {"xl/styles.xml": self._book.style_element, "xl/sharedstrings.xml": self._book.text_element}
        self._read_fonts = readers.get(name.lower())
        if self._read_fonts is None and (self._book.tells or b"rFont" in content):
            self._read_fonts = self.fonts.element
        self._is_document = name in ("content.xml", "styles.xml")
        parser = expat.ParserCreate(namespace_separator="}")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        try:
            parser.Parse(content, True)
        except expat.ExpatError as error:
            raise FileRefused("broken") from error

    def _doctype(self, *_: object) -> None:
        raise FileRefused("document_type")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > 200:
            raise FileRefused("broken")
        local = name.rpartition("}")[2]
        repeated = 1
        if local == "c":
            self._place(attributes.get("r", ""))
            self._in_cell, self._has_value, self._has_formula = True, False, False
        elif local in ("v", "t"):
            self._in_value = True
        elif local == "f":
            self._has_formula = True
        elif local == "row":
            self._row = _number(attributes.get("r", "")) or self._row + 1
            self._column = 0
        elif local == "table-row":
            self._rows_repeated = repeated = _repeated(attributes, "number-rows-repeated")
            self._row += self._rows_repeated
            self._column = 0
        elif local == "table-cell":
            repeated = _repeated(attributes, "number-columns-repeated")
            self._column += repeated
            if any(each.endswith("}value-type") for each in attributes):
                self._used(rows=self._rows_repeated, columns=repeated)
        elif local == "table-column":
            repeated = _repeated(attributes, "number-columns-repeated")
        self.hidden.element(local, attributes, row=self._row, repeated=repeated)
        if self._is_document:
            named = plain(attributes)
            self._styles.element(local, named)
            self.document_fonts.element(local, named)
        elif self._read_fonts:
            self._read_fonts(local, attributes)

    def _text(self, text: str) -> None:
        if self._is_document:
            self.document_fonts.text(text)
        if self._in_cell and self._in_value:
            self._has_value = True
            if self._read_fonts:
                self.fonts.value(text)

    def _end(self, name: str) -> None:
        self._depth -= 1
        local = name.rpartition("}")[2]
        if self._is_document:
            self._styles.end(local)
            self.document_fonts.end(local)
        if local in ("v", "t"):
            self._in_value = False
        elif local == "c":
            self._in_cell = False
            if self._has_value:
                self._used()
                if self._read_fonts:
                    self.fonts.cell_ends(self._row - 1, self._column - 1)
            elif self._has_formula:
                self.formulas_without_value += 1

    def _place(self, reference: str) -> None:
        letters = reference.rstrip("0123456789")
        if letters:
            self._column = 0
            for letter in letters.upper():
                self._column = self._column * 26 + ord(letter) - 64
            self._row = _number(reference[len(letters) :]) or self._row
        else:
            self._column += 1

    def _used(self, *, rows: int = 1, columns: int = 1) -> None:
        """Note a used cell, repeated upwards and to the left of where it ends."""
        self.cells += 1
        row, column = self._row, self._column
        if row != self._last_row_used:
            self._rows_used += rows
            self._last_row_used = row
        if self._rows_used > MAX_ROWS:
            raise FileRefused("too_many_rows")
        top, left, bottom, right = self._corners or (row, column, row, column)
        top, left = min(top, row - rows + 1), min(left, column - columns + 1)
        bottom, right = max(bottom, row), max(right, column)
        self._corners = (top, left, bottom, right)
        if (bottom - top + 1) * (right - left + 1) > MAX_AREA:
            raise FileRefused("far_cell")


def _number(digits: str) -> int:
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 9 else 0


def _repeated(attributes: dict[str, str], what: str) -> int:
    for name, value in attributes.items():
        if name.endswith(what):
            return max(1, _number(value))
    return 1
