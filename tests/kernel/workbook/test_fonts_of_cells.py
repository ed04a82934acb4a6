"""A cell that makes sense as it stands is read by the font it is formatted with: .VnTime, VNI-Times."""

import importlib
import io
import re
import zipfile
from typing import Any

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

from lopso.kernel.workbook.old_fonts import UnicodeRows, in_unicode
from lopso.kernel.workbook.reading import Sheet, read_workbook
from tests.kernel.workbook.lists import in_tcvn3, in_vni

xlwt: Any = importlib.import_module("xlwt")  # has no types

UNICODE = ["Nguyễn Thị Hồng", "Trần Văn Tuấn", "Lê Bá Nghĩa", "Đặng Thị Yến"]
CHUT, AS_CHOT = "Mai Chút", "Mai Chót"
OLD = InlineFont(rFont=".VnTime")
NEW = InlineFont(rFont="Times New Roman")


async def read(*cells: tuple[Any, str | None]) -> Sheet:
    """A list in Unicode, then texts with the names of their fonts."""
    book = openpyxl.Workbook()
    page: Any = book.active
    page.append(["Họ và tên"])
    for name in UNICODE:
        page.append([name])
    for value, font in cells:
        page.append([value])
        if font:
            page.cell(page.max_row, 1).font = Font(name=font)
    file = io.BytesIO()
    book.save(file)
    return (await read_workbook(file.getvalue()))[0]


def last(found: UnicodeRows) -> tuple[object, bool, str | None]:
    """The text of the last row, whether it is certain, and what it was converted from."""
    place = (len(found.rows) - 1, 0)
    return found.rows[-1][0], place not in found.uncertain, found.converted.get(place)


async def test_lone_name_in_vntime_is_converted_and_told() -> None:
    assert in_tcvn3(CHUT) == AS_CHOT

    assert last(in_unicode(await read((AS_CHOT, ".VnTime")))) == (CHUT, True, AS_CHOT)
    assert last(in_unicode(await read((AS_CHOT, "Times New Roman")))) == (AS_CHOT, True, None)
    assert last(in_unicode(await read((AS_CHOT, None)))) == (AS_CHOT, True, None)


@pytest.mark.parametrize("font", ["VNI-Times", "VNI-Helve"])
async def test_lone_name_in_vni_is_converted(font: str) -> None:
    name = "Lê Tú"
    text = in_vni(name)

    found = in_unicode(await read((text, font)))

    assert last(found)[:2] == (name, True)


async def test_unicode_text_in_a_cell_of_vntime_stays() -> None:
    found = in_unicode(await read(("Nguyễn Thị Chút", ".VnTime")))

    assert last(found) == ("Nguyễn Thị Chút", True, None)


async def test_list_in_unicode_formatted_with_vntime_throughout_stays() -> None:
    names = ["Nguyễn Thị Chút", "Phạm Quốc Tú", "Đỗ Thị Hiền", AS_CHOT]

    found = in_unicode(await read(*((name, ".VnTime") for name in names)))

    assert [row[0] for row in found.rows[-4:]] == names
    assert found.uncertain == frozenset()


async def test_cell_of_vntime_beside_some_in_unicode_and_some_not_is_uncertain() -> None:
    cells = ["Nguyễn Thị Chút", in_tcvn3("Nguyễn Thị Hồng"), AS_CHOT]

    found = in_unicode(await read(*((text, ".VnTime") for text in cells)))

    assert (last(found)[1], found.rows[-2][0]) == (False, "Nguyễn Thị Hồng")


async def test_text_that_makes_no_sense_in_its_font_is_uncertain() -> None:
    found = in_unicode(await read((in_vni("Nguyễn Thị Hồng"), ".VnTime")))

    assert not last(found)[1]


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        ([TextBlock(OLD, AS_CHOT)], (CHUT, True, AS_CHOT)),
        ([TextBlock(OLD, "Mai "), TextBlock(OLD, "Chót")], (CHUT, True, AS_CHOT)),
        ([TextBlock(NEW, AS_CHOT)], (AS_CHOT, True, None)),
        ([TextBlock(NEW, "Mai "), TextBlock(OLD, "Chót")], (AS_CHOT, False, None)),
        (["Mai ", TextBlock(OLD, "Chót")], (AS_CHOT, False, None)),
    ],
)
async def test_fonts_of_runs_within_a_cell_tell(runs: list[Any], expected: tuple[object, ...]) -> None:
    found = in_unicode(await read((CellRichText(*runs), None)))

    assert last(found) == expected


async def test_run_in_unicode_within_a_cell_of_vntime_tells() -> None:
    found = in_unicode(await read((CellRichText(TextBlock(NEW, AS_CHOT)), ".VnTime")))

    assert last(found) == (AS_CHOT, True, None)


SHARED = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="3" uniqueCount="3">
<si><t xml:space="preserve">Họ và tên</t></si><si><t xml:space="preserve">Nguyễn Thị Hồng</t></si>
<si><r><rPr><sz val="12"/><rFont val=".VnTime"/></rPr><t xml:space="preserve">Mai Chót</t></r></si>
</sst>"""


RELATION = (
    b'<Relationship Id="rIdShared" Target="sharedStrings.xml" Type='
    b'"http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"/></Relationships>'
)
KIND = (
    b'<Override PartName="/xl/sharedStrings.xml" ContentType='
    b'"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>'
)


def with_shared_texts(parts: dict[str, bytes]) -> dict[str, bytes]:
    """A workbook whose texts stand in a part of their own, behind the sheets, as LibreOffice writes it."""
    numbers = iter(range(3))
    sheet = re.sub(
        rb't="inlineStr"><is>.*?</is>',
        lambda _: b't="s"><v>%d</v>' % next(numbers),
        parts[SHEET],
        flags=re.DOTALL,
    )
    relations = parts[RELATIONS].replace(b"</Relationships>", RELATION)
    kinds = parts[KINDS].replace(b"</Types>", KIND)
    changed = {SHEET: sheet, RELATIONS: relations, KINDS: kinds, "xl/sharedStrings.xml": SHARED.encode()}
    return parts | changed


SHEET, RELATIONS, KINDS = "xl/worksheets/sheet1.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml"


async def test_shared_text_as_libreoffice_writes_it_tells_its_font() -> None:
    book = openpyxl.Workbook()
    page: Any = book.active
    for name in ("Họ và tên", UNICODE[0], AS_CHOT):
        page.append([name])
    file = io.BytesIO()
    book.save(file)
    with zipfile.ZipFile(file) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as target:
        for name, content in with_shared_texts(parts).items():
            target.writestr(name, content)

    sheet = (await read_workbook(packed.getvalue()))[0]

    assert sheet.fonts == {(2, 0): "TCVN3"}
    assert last(in_unicode(sheet)) == (CHUT, True, AS_CHOT)


async def test_places_of_fonts_count_from_the_first_used_cell() -> None:
    book = openpyxl.Workbook()
    page: Any = book.active
    for row, text in ((3, "Họ và tên"), (4, UNICODE[0]), (5, AS_CHOT)):
        page.cell(row, 2).value = text
    page["B5"].font = Font(name=".VnTimeH")
    file = io.BytesIO()
    book.save(file)

    sheet = (await read_workbook(file.getvalue()))[0]

    assert (sheet.first_row, sheet.first_column, sheet.fonts) == (3, 2, {(2, 0): "TCVN3"})


@pytest.mark.parametrize(("font", "expected"), [(".VnTime", CHUT), ("Arial", AS_CHOT)])
async def test_fonts_of_an_old_workbook_tell(font: str, expected: str) -> None:
    book = xlwt.Workbook()
    page = book.add_sheet("DS")
    for row, name in enumerate(("Họ và tên", *UNICODE)):
        page.write(row, 0, name)
    page.write(len(UNICODE) + 1, 0, AS_CHOT, xlwt.easyxf(f"font: name {font}"))
    file = io.BytesIO()
    book.save(file)

    found = in_unicode((await read_workbook(file.getvalue()))[0])

    assert last(found)[:2] == (expected, True)
