"""Cells with an error value are read as what a person sees there, not as empty ones."""

from typing import Any

import pytest

from lopso.kernel.workbook.reading import read_workbook
from tests.kernel.workbook.test_reading import opendocument, saved, workbook

ERRORS = ["#N/A", "#VALUE!", "#REF!", "#DIV/0!", "#NAME?", "#NUM!"]


async def test_errors_in_xlsx_are_read() -> None:
    def fill(sheet: Any) -> None:
        sheet.append(["Nhâm Thị Lê", *ERRORS])

    assert (await read_workbook(saved(fill)))[0].rows == [["Nhâm Thị Lê", *ERRORS]]


async def test_error_of_a_formula_is_read() -> None:
    rows = (
        '<row r="1"><c r="A1" t="e"><f>VLOOKUP(1,B:C,2)</f><v>#N/A</v></c>'
        """<c t='e' r="B1"><v>#REF!</v></c></row>"""
    )

    assert (await read_workbook(workbook(rows)))[0].rows == [["#N/A", "#REF!"]]


@pytest.mark.parametrize(
    "attributes",
    ['office:value-type="string" office:string-value=""', 'office:value-type="float" office:value="0"'],
)
async def test_errors_in_ods_are_read(attributes: str) -> None:
    cell = (
        f'<table:table-cell {attributes} xmlns:calcext="urn:calcext" calcext:value-type="error">'
        "<text:p>Err:502</text:p></table:table-cell>"
    )
    name = '<table:table-cell office:value-type="string"><text:p>Lê</text:p></table:table-cell>'

    sheets = await read_workbook(opendocument(f"<table:table-row>{name}{cell}</table:table-row>"))

    assert sheets[0].rows == [["Lê", "Err:502"]]
