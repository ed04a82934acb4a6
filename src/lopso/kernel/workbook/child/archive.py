"""The zip around an .xlsx or .ods, packed again with only what is needed."""

import io
import re
import zipfile

from lopso.kernel.workbook.child.cell_fonts import BookFonts
from lopso.kernel.workbook.child.document_fonts import DocumentStyles
from lopso.kernel.workbook.child.error_cells import errors_as_text
from lopso.kernel.workbook.child.hidden import parts_of_sheets
from lopso.kernel.workbook.child.limits import MAX_ENTRIES, MAX_UNPACKED, FileRefused
from lopso.kernel.workbook.child.parts import XmlPart
from lopso.kernel.workbook.child.told import ToldSheet

_UNREAD_PARTS = ("xl/media/", "xl/drawings/", "xl/charts/", "xl/embeddings/", "xl/theme/", "xl/pivotCache/")
_READ_SUFFIXES = (".xml", ".rels", "mimetype")
_DIMENSION = re.compile(rb"<(?:\w+:)?dimension\b[^<>]*/>")


def repacked(data: bytes) -> tuple[bytes, dict[str, ToldSheet]]:
    """Return a plain zip with only the parts a reader needs, and what that does not tell of each sheet.

    Each part is counted and checked while unpacking.

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
            content = _DIMENSION.sub(b"", content) if "worksheets/" in name else content
            parts[name] = errors_as_text(name, content)
    scans = _check_parts(parts)

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as target:
        for name, content in parts.items():
            target.writestr(zipfile.ZipInfo(name), content)
    return packed.getvalue(), _told_by_sheet(scans)


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


def _check_parts(parts: dict[str, bytes]) -> dict[str, XmlPart]:
    if b"encryption-data" in parts.get("META-INF/manifest.xml", b""):
        raise FileRefused("encrypted")
    cells = formulas = 0
    scans: dict[str, XmlPart] = {}
    fonts, styles = BookFonts(), DocumentStyles()
    # What says how cells look comes before the cells.
    for name, content in sorted(
        parts.items(), key=lambda part: "worksheets/" in part[0] or part[0] == "content.xml"
    ):
        if name.endswith("mimetype") or not content:
            continue
        scans[name] = part = XmlPart(fonts, styles)
        part.read(name, content)
        cells += part.cells
        formulas += part.formulas_without_value
    if formulas and not cells:
        raise FileRefused("formulas_only")
    return scans


def _told_by_sheet(scans: dict[str, XmlPart]) -> dict[str, ToldSheet]:
    if "content.xml" in scans:
        content = scans["content.xml"]
        fonts = content.document_fonts.tables
        return {name: ToldSheet(hidden, fonts=fonts[name]) for name, hidden in content.hidden.tables.items()}
    paths = parts_of_sheets({name: part.hidden for name, part in scans.items()})
    return {
        name: ToldSheet(scans[path].hidden.tables[""], fonts=scans[path].fonts.cells)
        for name, path in paths.items()
    }
