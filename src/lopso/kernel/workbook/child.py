"""Takes a workbook apart in a process of its own: ``python -I -m lopso.kernel.workbook.child < file``.

Reads the file from standard input, writes one JSON object to standard output: ``{"sheets": […]}`` or
``{"refused": "reason"}``. The file may be hostile: memory and processor time are limited before a byte is
looked at, parsed_list_of sizes are counted while unpacking, XML is searched for a document type before the
reading library sees it. Imports nothing of the application, so that nothing of it (settings, secrets,
connections) is in this process.
"""

import csv
import io
import json
import re
import sys
import zipfile
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.parsers import expat

import python_calamine as calamine

MAX_FILE = 10 * 2**20
MAX_UNPACKED = 100 * 2**20
MAX_ENTRIES = 2_000
MAX_ROWS = 20_000
MAX_AREA = 2_000_000  # cells between the first and the last used corner of one sheet
MAX_SHEETS = 50
MAX_CELL_TEXT = 2_000
MEMORY = 512 * 2**20
PROCESSOR_SECONDS = 20

_UNREAD_PARTS = ("xl/media/", "xl/drawings/", "xl/charts/", "xl/embeddings/", "xl/theme/", "xl/pivotCache/")
_READ_SUFFIXES = (".xml", ".rels", "mimetype")
_DIMENSION = re.compile(rb"<(?:\w+:)?dimension\b[^<>]*/>")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class FileRefused(Exception):
    """The file is not read; the argument is one of the reasons `reading` has a sentence for."""


def main() -> None:
    _limit_resources()
    try:
        data = sys.stdin.buffer.read(MAX_FILE + 1)
        answer: dict[str, Any] = {"sheets": sheets(data)}
    except FileRefused as refusal:
        answer = {"refused": str(refusal)}
    except MemoryError:
        answer = {"refused": "too_big"}
    json.dump(answer, sys.stdout, ensure_ascii=True, separators=(",", ":"))


def _limit_resources() -> None:
    try:
        import resource  # not on Windows: there the time limit of the parent remains
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def sheets(data: bytes) -> list[dict[str, Any]]:
    """Return name, visibility, position, rows and merged ranges of every sheet.

    Raises:
        FileRefused: the reason is its argument.
    """
    if len(data) > MAX_FILE:
        raise FileRefused("file_too_big")
    if not data.strip(b"\0 \r\n\t"):
        raise FileRefused("empty")
    if data.startswith(b"PK"):
        return _calamine_sheets(_repacked(data))
    if data.startswith(_OLE):
        if b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e" in data:
            raise FileRefused("encrypted")
        return _calamine_sheets(data)
    return [_csv_sheet(data)]


# --- The zip around an .xlsx or .ods ---


def _repacked(data: bytes) -> bytes:
    """Return a plain zip with only the parts a reader needs, each counted and checked while unpacking.

    The reading library then meets honest sizes, one entry per name and no document type.
    """
    try:
        source = zipfile.ZipFile(io.BytesIO(data))
        entries = source.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise FileRefused("broken") from error
    names = {entry.filename for entry in entries}
    if not names & {"xl/workbook.xml", "content.xml"}:
        raise FileRefused("binary_workbook" if "xl/workbook.bin" in names else "not_a_workbook")
    if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise FileRefused("unpacks_too_big")

    parts: dict[str, bytes] = {}
    left = MAX_UNPACKED
    for entry in entries:
        if entry.flag_bits & 1:
            raise FileRefused("encrypted")
        name = entry.filename
        if name.endswith(_READ_SUFFIXES) and not name.startswith(_UNREAD_PARTS):
            content = _unpacked(source, entry, left)
            left -= len(content)
            # What a sheet says of its own size is often wrong and never needed.
            parts[name] = _DIMENSION.sub(b"", content) if "worksheets/" in name else content
    _check_parts(parts)

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as target:
        for name, content in parts.items():
            target.writestr(zipfile.ZipInfo(name), content)
    return packed.getvalue()


def _unpacked(source: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int) -> bytes:
    try:
        with source.open(entry) as part:
            content = part.read(left + 1)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, ValueError) as error:
        raise FileRefused("broken") from error
    except Exception as error:  # zlib.error and lzma.LZMAError derive from Exception directly
        raise FileRefused("broken") from error
    if len(content) > left:
        raise FileRefused("unpacks_too_big")
    return content


def _check_parts(parts: dict[str, bytes]) -> None:
    if b"encryption-data" in parts.get("META-INF/manifest.xml", b""):
        raise FileRefused("encrypted")
    cells = formulas = 0
    for name, content in parts.items():
        if name.endswith("mimetype") or not content:
            continue
        part = _Part()
        part.read(content)
        cells += part.cells
        formulas += part.formulas_without_value
    if formulas and not cells:
        raise FileRefused("formulas_only")


class _Part:
    """One pass over one XML part: refuses a document type, notes how far the used cells of a sheet reach."""

    def __init__(self) -> None:
        self.cells = 0
        self.formulas_without_value = 0
        self._row = self._column = 0
        self._rows_used = 0
        self._rows_repeated = 1
        self._last_row_used = -1
        self._corners: tuple[int, int, int, int] | None = None
        self._in_cell = self._in_value = self._has_value = self._has_formula = False
        self._depth = 0

    def read(self, content: bytes) -> None:
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
            self._rows_repeated = _repeated(attributes, "number-rows-repeated")
            self._row += self._rows_repeated
            self._column = 0
        elif local == "table-cell":
            repeated = _repeated(attributes, "number-columns-repeated")
            self._column += repeated
            if any(each.endswith("}value-type") for each in attributes):
                self._used(rows=self._rows_repeated, columns=repeated)

    def _text(self, text: str) -> None:
        if self._in_cell and self._in_value:
            self._has_value = True

    def _end(self, name: str) -> None:
        self._depth -= 1
        local = name.rpartition("}")[2]
        if local in ("v", "t"):
            self._in_value = False
        elif local == "c":
            self._in_cell = False
            if self._has_value:
                self._used()
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


# --- What is in the sheets ---


def _calamine_sheets(data: bytes) -> list[dict[str, Any]]:
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        listed = [meta for meta in book.sheets_metadata if meta.typ == calamine.SheetTypeEnum.WorkSheet]
        if len(listed) > MAX_SHEETS:
            raise FileRefused("too_many_sheets")
        return [
            _sheet(
                book.get_sheet_by_name(meta.name),
                visible=meta.visible == calamine.SheetVisibleEnum.Visible,
            )
            for meta in listed
        ]
    except calamine.PasswordError as error:
        raise FileRefused("encrypted") from error
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise FileRefused("broken") from error


def _sheet(sheet: calamine.CalamineSheet, *, visible: bool) -> dict[str, Any]:
    if sheet.start is None or sheet.end is None:
        return {"name": sheet.name, "visible": visible, "start": [0, 0], "rows": [], "merged": []}
    (top, left), (bottom, right) = sheet.start, sheet.end
    if bottom - top >= MAX_AREA // 10 or (bottom - top + 1) * (right - left + 1) > MAX_AREA:
        raise FileRefused("far_cell")
    rows = [_row(row) for row in sheet.to_python(skip_empty_area=True)]
    if sum(map(bool, rows)) > MAX_ROWS:
        raise FileRefused("too_many_rows")
    merged = [[*start, *end] for start, end in (sheet.merged_cell_ranges or [])[:MAX_ROWS]]
    return {"name": sheet.name, "visible": visible, "start": [top, left], "rows": rows, "merged": merged}


def _row(cells: list[Any]) -> list[Any]:
    """Return the row as JSON values, without the empty cells at its end."""
    row = [_cell(value) for value in cells]
    while row and row[-1] is None:
        row.pop()
    return row


def _cell(value: object) -> object:
    match value:
        case "" | None:
            return None
        case str():
            return value[:MAX_CELL_TEXT]
        case bool() | int() | float():
            return value if value == value and value not in (float("inf"), float("-inf")) else None
        case datetime():
            return {"datetime": value.isoformat()}
        case date():
            return {"date": value.isoformat()}
        case time():
            return {"time": value.isoformat()}
        case timedelta():
            return {"seconds": value.total_seconds()}
        case _:
            return str(value)[:MAX_CELL_TEXT]


# --- Plain text tables ---


def _csv_sheet(data: bytes) -> dict[str, Any]:
    text = _csv_text(data)
    # Markup and binary files would otherwise pass as one odd column.
    if "\0" in text or text.lstrip()[:1] in ("<", "{", "%") or not re.search(r"[,;\t]", text):
        raise FileRefused("not_a_workbook")
    head = text[:20_000]
    delimiter = max("\t;,", key=head.count)
    rows: list[list[Any]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if len(rows) >= MAX_ROWS * 2 or len(rows) * len(row) > MAX_AREA:
                raise FileRefused("too_many_rows")
            rows.append(_row([cell.strip() for cell in row]))
    except csv.Error as error:
        raise FileRefused("broken") from error
    if sum(map(bool, rows)) > MAX_ROWS:
        raise FileRefused("too_many_rows")
    return {"name": "CSV", "visible": True, "start": [0, 0], "rows": rows, "merged": []}


def _csv_text(data: bytes) -> str:
    encodings = ["utf-16"] if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "cp1258"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileRefused("not_a_workbook")


if __name__ == "__main__":
    main()
