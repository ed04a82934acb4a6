"""A cell of an .ods is read by the font of its style, of its row, of its column, of its runs."""

import io
import zipfile

import pytest

from lopso.kernel.workbook.old_fonts import in_unicode
from lopso.kernel.workbook.reading import Cell, read_workbook
from tests.kernel.workbook.lists import in_tcvn3, in_vni

NAMES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
    for short, long in {
        "office": "office",
        "table": "table",
        "text": "text",
        "style": "style",
        "fo": "xsl-fo-compatible",
        "svg": "svg-compatible",
    }.items()
)
FACES = (
    "<office:font-face-decls>"
    '<style:font-face style:name="Vn1" svg:font-family="&apos;.VnTime&apos;"/>'
    '<style:font-face style:name="VNI-Times" svg:font-family="VNI-Times"/>'
    '<style:font-face style:name="Arial" svg:font-family="Arial"/></office:font-face-decls>'
)


def style(name: str, properties: str, *, family: str = "table-cell", parent: str = "") -> str:
    parent = f' style:parent-style-name="{parent}"' if parent else ""
    return (
        f'<style:style style:name="{name}" style:family="{family}"{parent}>'
        f"<style:text-properties {properties}/></style:style>"
    )


AUTOMATIC = (
    style("old", 'style:font-name="Vn1"')
    + style("vni", 'style:font-name="VNI-Times"')
    + style("family", "fo:font-family=\"'.VnArial', serif\"")
    + style("child", 'fo:font-weight="bold"', parent="named")
    + style("new", 'style:font-name="Arial"', parent="named")
    + style("a", 'fo:color="#000000"', parent="b")
    + style("b", 'fo:color="#000000"', parent="a")
    + style("run old", 'style:font-name="Vn1"', family="text")
    + style("run new", 'style:font-name="Arial"', family="text")
    + style("run bold", 'fo:font-weight="bold"', family="text")
)
NAMED = style("named", 'style:font-name="Vn1"')
CHUT, AS_CHOT = "Mai Chút", "Mai Chót"
LIST = ["Họ và tên", "Nguyễn Thị Hồng", "Trần Văn Tuấn", "Lê Bá Nghĩa", "Đặng Thị Yến"]


def cell(content: str, style_name: str = "", more: str = "") -> str:
    named = f' table:style-name="{style_name}"' if style_name else ""
    return f'<table:table-cell office:value-type="string"{named}{more}>{content}</table:table-cell>'


def row(*cells: str, style_name: str = "", more: str = "") -> str:
    default = f' table:default-cell-style-name="{style_name}"' if style_name else ""
    return f"<table:table-row{default}{more}>{''.join(cells)}</table:table-row>"


def document(*rows: str, columns: str = "") -> bytes:
    """An .ods whose list in Unicode is followed by `rows`; its named styles stand behind the cells."""
    above = [row(cell(f"<text:p>{name}</text:p>", "new")) for name in LIST]
    table = f'<table:table table:name="DS">{columns}{"".join([*above, *rows])}</table:table>'
    content = (
        f"<office:document-content {NAMES}>{FACES}"
        f"<office:automatic-styles>{AUTOMATIC}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{table}</office:spreadsheet></office:body></office:document-content>"
    )
    styles = (
        f"<office:document-styles {NAMES}>{FACES}<office:styles>{NAMED}</office:styles>"
        "</office:document-styles>"
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as target:
        target.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        manifest = '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
        target.writestr("META-INF/manifest.xml", manifest)
        target.writestr("content.xml", content)
        target.writestr("styles.xml", styles)
    return file.getvalue()


async def read(data: bytes) -> tuple[list[Cell], bool]:
    """The rows below the list, and whether all of them are certain."""
    found = in_unicode((await read_workbook(data))[0])
    return [each[-1] for each in found.rows[len(LIST) :]], not found.uncertain


CHOT = f"<text:p>{AS_CHOT}</text:p>"


@pytest.mark.parametrize("style_name", ["old", "family", "child"])
async def test_cell_style_with_an_old_font_converts(style_name: str) -> None:
    assert await read(document(row(cell(CHOT, style_name)))) == ([CHUT], True)


async def test_cell_style_of_vni_converts() -> None:
    text = f"<text:p>{in_vni('Lê Tú')}</text:p>"
    assert await read(document(row(cell(text, "vni")))) == (["Lê Tú"], True)


async def test_font_of_unicode_above_a_parent_of_an_old_font_stays() -> None:
    assert await read(document(row(cell(CHOT, "new")))) == ([AS_CHOT], True)


async def test_style_of_the_row_comes_before_that_of_the_column() -> None:
    columns = '<table:table-column table:number-columns-repeated="3" table:default-cell-style-name="old"/>'
    rows = [row(cell(CHOT)), row(cell(CHOT), style_name="new")]
    assert await read(document(*rows, columns=columns)) == ([CHUT, AS_CHOT], True)


async def test_repeated_cells_and_rows_are_all_in_their_font() -> None:
    data = document(
        row(
            cell("", more=' table:number-columns-repeated="4"'),
            cell(CHOT, "old", ' table:number-columns-repeated="2"'),
            more=' table:number-rows-repeated="2"',
        )
    )
    found = in_unicode((await read_workbook(data))[0])
    assert [each[4:] for each in found.rows[len(LIST) :]] == [[CHUT, CHUT]] * 2


@pytest.mark.parametrize(
    ("content", "style_name", "expected"),
    [
        (f'<text:p><text:span text:style-name="run old">{AS_CHOT}</text:span></text:p>', "", (CHUT, True)),
        (
            f'<text:p><text:span text:style-name="run new">{AS_CHOT}</text:span></text:p>',
            "old",
            (AS_CHOT, True),
        ),
        (
            f'<text:p><text:span text:style-name="run bold">{AS_CHOT}</text:span></text:p>',
            "old",
            (CHUT, True),
        ),
        (
            '<text:p>Mai <text:span text:style-name="run old">Chót</text:span></text:p>',
            "new",
            (AS_CHOT, False),
        ),
        (f"<office:annotation><text:p>lạ</text:p></office:annotation>{CHOT}", "old", (CHUT, True)),
    ],
)
async def test_fonts_of_runs_tell(content: str, style_name: str, expected: tuple[str, bool]) -> None:
    text, certain = expected
    assert await read(document(row(cell(content, style_name)))) == ([text], certain)


async def test_styles_that_are_parents_of_each_other_end() -> None:
    assert await read(document(row(cell(CHOT, "a")))) == ([AS_CHOT], True)


async def test_text_in_tcvn3_alone_is_read_beside_a_list_in_unicode() -> None:
    text = f"<text:p>{in_tcvn3(CHUT)}</text:p>"
    assert await read(document(row(cell(text, "old")))) == ([CHUT], True)
