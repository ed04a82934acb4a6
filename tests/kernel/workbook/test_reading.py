"""Hostile and broken files: each is refused with a sentence, or is harmless."""

import ast
import asyncio
import io
import resource
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import openpyxl
import psutil
import pytest

from lopso.kernel.workbook import child
from lopso.kernel.workbook.child import limits
from lopso.kernel.workbook.reading import Sheet, WorkbookRefused, read_workbook

_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
NAME_AND_YEAR = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>Lê Thị Hoà</t></is></c><c r="B1"><v>1950</v></c></row>'
)


def workbook(
    rows: str, *, dimension: str = "A1:B1", prologue: str = "", more: Mapping[str, bytes] | None = None
) -> bytes:
    """A minimal .xlsx, written by hand so that it can lie."""
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="DS" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" '
        f'Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<?xml version="1.0"?>{prologue}<worksheet xmlns="{_MAIN}">'
        f'<dimension ref="{dimension}"/><sheetData>{rows}</sheetData></worksheet>',
        **(more or {}),
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return file.getvalue()


def saved(fill: Callable[[Any], None]) -> bytes:
    """An .xlsx as a spreadsheet program writes it."""
    book = openpyxl.Workbook()
    fill(book.active)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def opendocument(table: str) -> bytes:
    file = io.BytesIO()
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr(
            "META-INF/manifest.xml",
            '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
        packed.writestr(
            "content.xml",
            f"<office:document-content {names}><office:body><office:spreadsheet>"
            f'<table:table table:name="DS">{table}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return file.getvalue()


def lying_about_its_size() -> bytes:
    """A zip whose directory says 500 bytes for a part that unpacks to 120 MB."""
    packed = bytearray(workbook(f'<row r="1"><c r="A1"><v>{"1" * 120_000_000}</v></c></row>'))
    entry = packed.rindex(b"PK\x01\x02", 0, packed.rindex(b"xl/worksheets/sheet1.xml"))
    packed[entry + 24 : entry + 28] = (500).to_bytes(4, "little")
    return bytes(packed)


async def refusal(data: bytes, *, seconds: float = 600) -> str:
    """Why `data` is refused. Patient: on a busy machine every file is slow."""
    with pytest.raises(WorkbookRefused) as caught:
        await read_workbook(data, seconds=seconds)
    assert caught.value.status == 422
    assert caught.value.sentence.endswith(".")
    return caught.value.reason


def processor_seconds() -> float:
    """Used by the child processes that have ended; unlike a clock, it does not depend on what else runs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


async def test_values_keep_type_and_position() -> None:
    def fill(sheet: Any) -> None:
        sheet["B3"], sheet["C3"], sheet["D3"] = "Lê Thị Hoà", 1950, date(1950, 2, 3)
        sheet["B5"] = "=1+1"
        sheet["C5"] = "0912345678"
        sheet.merge_cells("B6:D6")
        sheet["B6"] = "Tổng cộng"

    assert await read_workbook(saved(fill)) == [
        Sheet(
            name="Sheet",
            visible=True,
            first_row=3,
            first_column=2,
            rows=[
                ["Lê Thị Hoà", 1950.0, date(1950, 2, 3)],
                [],
                [None, "0912345678"],
                ["Tổng cộng"],
            ],
            merged=[(3, 0, 3, 2)],
        )
    ]


async def test_formula_gives_value_last_computed() -> None:
    (sheet,) = await read_workbook(
        workbook('<row r="1"><c r="A1"><f>1900+50</f><v>1950</v></c><c r="B1"><f>TODAY()</f></c></row>')
    )

    assert sheet.rows == [[1950.0]]


@pytest.mark.parametrize("dimension", ["A1:XFD1048576", "XFD1048576", "ZZZZ99999999:A1", "", "1", "A0"])
async def test_false_dimension_is_ignored(dimension: str) -> None:
    before = processor_seconds()
    (sheet,) = await read_workbook(workbook(NAME_AND_YEAR, dimension=dimension))

    assert sheet.rows == [["Lê Thị Hoà", 1950.0]]
    assert processor_seconds() - before < 5


async def test_formatting_to_last_row_is_ignored() -> None:
    (sheet,) = await read_workbook(
        workbook(NAME_AND_YEAR + '<row r="1048576"><c r="XFD1048576" s="0"/></row>')
    )

    assert sheet.rows == [["Lê Thị Hoà", 1950.0]]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"\0" * 5000, "empty"),
        (b"xin ch\xc3\xa0o", "not_a_workbook"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not_a_workbook"),
        (b"%PDF-1.7, x; y", "not_a_workbook"),
        (b"<html><table><tr><td>a,b</td></tr></table></html>", "not_a_workbook"),
        (b"PK\x03\x04 not really", "broken"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000, "broken"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "encrypted",
        ),
        (b"x" * (limits.MAX_FILE + 1), "file_too_big"),
    ],
)
async def test_other_files_are_refused(data: bytes, reason: str) -> None:
    assert await refusal(data) == reason


async def test_truncated_workbook_is_refused() -> None:
    whole = workbook(NAME_AND_YEAR)

    assert await refusal(whole[: len(whole) // 2]) == "broken"


async def test_zip_without_workbook_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("word/document.xml", "<a/>")

    assert await refusal(file.getvalue()) == "not_a_workbook"


@pytest.mark.parametrize(
    "prologue",
    [
        '<!DOCTYPE a [<!ENTITY x "boo">]>',
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE a SYSTEM "http://192.0.2.1/a.dtd">',
    ],
)
async def test_document_type_in_any_part_is_refused(prologue: str) -> None:
    assert await refusal(workbook(NAME_AND_YEAR, prologue=prologue)) == "document_type"
    assert (
        await refusal(
            workbook(NAME_AND_YEAR, more={"xl/sharedStrings.xml": f"{prologue}<sst>&x;</sst>".encode()})
        )
        == "document_type"
    )
    utf16 = f'<?xml version="1.0" encoding="UTF-16"?>{prologue}<sst/>'.encode("utf-16")
    assert await refusal(workbook(NAME_AND_YEAR, more={"xl/sharedStrings.xml": utf16})) == "document_type"


async def test_far_cell_is_refused_before_allocating_its_area() -> None:
    far = NAME_AND_YEAR + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'

    assert await refusal(workbook(far)) == "far_cell"
    # The same place said in another way: no reference, a row number in other quotes.
    assert await refusal(
        workbook(NAME_AND_YEAR + "<row r='1048000'><c r='&#88;FD1048000'><v>1</v></c></row>")
    ) == ("far_cell")


async def test_formulas_without_values_are_refused() -> None:
    only_formulas = '<row r="1"><c r="A1"><f>CONCATENATE("Lê"," Hoà")</f></c></row>'

    assert await refusal(workbook(only_formulas)) == "formulas_only"


async def test_list_too_long_is_refused() -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 200_001))

    assert await refusal(workbook(rows)) == "too_many_rows"
    assert await refusal("\n".join("Lê Hoà,1950" for _ in range(50_000)).encode()) == "too_many_rows"


@pytest.mark.parametrize(
    ("bomb", "reasons"),
    [
        pytest.param(
            lambda: workbook(f'<row r="1"><c r="A1"><v>{"1" * 150_000_000}</v></c></row>'),
            {"unpacks_too_big"},
            id="sheet",
        ),
        pytest.param(
            lambda: workbook(NAME_AND_YEAR, more={"xl/media/a.png": b"\0" * 300_000_000}),
            {"unpacks_too_big"},
            id="picture",
        ),
        pytest.param(lying_about_its_size, {"unpacks_too_big", "broken"}, id="false size"),
        pytest.param(
            lambda: workbook(NAME_AND_YEAR, more={f"xl/{n}.xml": b"<a/>" for n in range(3_000)}),
            {"unpacks_too_big"},
            id="entries",
        ),
        pytest.param(lambda: workbook("<a>" * 50_000 + "</a>" * 50_000), {"broken"}, id="nesting"),
        pytest.param(
            # One string of a megabyte, used by 15,000 cells.
            lambda: workbook(
                "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 15_000)),
                more={
                    "xl/sharedStrings.xml": (
                        f'<sst xmlns="{_MAIN}"><si><t>{"a" * 1_000_000}</t></si></sst>'.encode()
                    )
                },
            ),
            {"too_big"},
            id="one long string many times",
        ),
        pytest.param(
            lambda: opendocument(
                '<table:table-row table:number-rows-repeated="104857">'
                '<table:table-cell table:number-columns-repeated="16384" office:value-type="string">'
                "<text:p>x</text:p></table:table-cell></table:table-row>"
            ),
            {"too_many_rows"},
            id="repeated cells",
        ),
    ],
)
async def test_zip_bomb_is_refused_soon_without_memory_here(
    bomb: Callable[[], bytes], reasons: set[str]
) -> None:
    data = bomb()
    before = processor_seconds()

    assert await refusal(data) in reasons
    assert processor_seconds() - before < 15


def test_child_limits_itself_before_reading() -> None:
    found = subprocess.run(
        [
            sys.executable,
            "-I",
            "-c",
            "import resource; from lopso.kernel.workbook.child import limits; limits.limit_process();"
            "print([resource.getrlimit(x)[0] for x in"
            " (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE, resource.RLIMIT_CORE)])",
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert found == f"[{limits.MEMORY}, {limits.PROCESSOR_SECONDS}, 0, 0]\n"


def test_child_imports_nothing_of_the_application() -> None:
    loaded = subprocess.run(
        [
            sys.executable,
            "-I",
            "-c",
            "import sys, lopso.kernel.workbook.child.__main__;"
            "print([m for m in sys.modules if m.startswith('lopso.') or m in ('sqlalchemy', 'litestar')])",
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    parts = (
        "__main__",
        "archive",
        "cell_fonts",
        "document_fonts",
        "error_cells",
        "hidden",
        "limits",
        "old_workbooks",
        "parts",
        "sheets",
        "text_tables",
        "told",
        "values",
    )
    assert set(ast.literal_eval(loaded)) == {
        "lopso.kernel",
        "lopso.kernel.workbook",
        child.__name__,
        *(f"{child.__name__}.{part}" for part in parts),
    }


def test_slow_file_is_not_called_large() -> None:
    assert "lâu quá" in WorkbookRefused("too_slow").sentence
    assert "lớn" not in WorkbookRefused("too_slow").sentence


def test_slow_file_is_refused_and_its_process_killed() -> None:
    assert asyncio.run(refusal(workbook(NAME_AND_YEAR), seconds=0.001)) == "too_slow"
    assert [each for each in psutil.Process().children() if child.__name__ in each.cmdline()] == []


async def test_opendocument_table_is_read() -> None:
    cells = '<table:table-cell office:value-type="string"><text:p>Lê Thị Hoà</text:p></table:table-cell>'
    (sheet,) = await read_workbook(
        opendocument(
            f"<table:table-row>{cells}</table:table-row>"
            '<table:table-row table:number-rows-repeated="1048575">'
            '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
        )
    )

    assert sheet.rows == [["Lê Thị Hoà"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
async def test_text_table_is_read(encoding: str, delimiter: str) -> None:
    text = f"Họ tên{delimiter}Năm sinh\r\nLê Thị Hoà{delimiter}1950\r\n"
    (sheet,) = await read_workbook(text.encode(encoding))

    assert sheet.rows == [["Họ tên", "Năm sinh"], ["Lê Thị Hoà", "1950"]]
