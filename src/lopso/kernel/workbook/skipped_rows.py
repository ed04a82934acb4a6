"""Rows of a sheet that are about nobody: blank lines, repeated headers, headings, sums, signatures."""

import re
from collections.abc import Sequence
from typing import Literal

from lopso.kernel.text import fold
from lopso.kernel.workbook.columns import InterpretedSheet
from lopso.kernel.workbook.fields import ListLayout, cell_text, header_similarity
from lopso.kernel.workbook.reading import Cell

Skipped = Literal["blank", "header", "footer", "section"]

_SUM = re.compile(r"^(?:tổng cộng|tổng số|tổng|cộng|tong cong|tong so)\b", re.IGNORECASE)
_SIGNATURE = re.compile(
    r"\b(?:nguoi lap|lap bieu|chu tich|truong phong|noi nhan|ky ten|ghi ro ho ten|da ky"
    r"|xac nhan cua|can bo phu trach|t[mul]\. ?(?:ubnd|uy ban|chu tich)|kt\. ?chu tich)\b"
    r"|\bngay ?[\d.…_]* ?thang ?[\d.…_]* ?nam\b"
)

_BRACKETED = re.compile(r"\(.*\)\.?")
_NUMBERED = re.compile(r"\W*\d{1,2}\W+\D+$")
_NAMED = 0.85  # how well a cell below the header must name a field to be a header, too


def kind_of_row(
    cells: Sequence[Cell], grid: InterpretedSheet, layout: ListLayout, *, signed: bool
) -> Skipped | Literal["row"]:
    """Return what a row below the header is; "row": about somebody.

    Args:
        signed: a signature stands above it, so that short rows belong to the signatures.
    """
    filled = [cell for cell in cells if cell is not None and cell_text(cell)]
    if not filled or _only_prefilled(cells, grid, layout):
        first = cell_text(filled[0]) if filled else ""
        return "footer" if _SUM.match(first) else "blank"
    if _repeats_header(cells, grid) or _numbers_columns(filled) or _names_columns(cells, grid, layout):
        return "header"
    if _identifies(cells, grid, layout):
        return "row"
    first_text = next((cell_text(c) for c in filled if isinstance(c, str)), "")
    if _SUM.match(first_text):
        return "footer"
    if len(filled) <= 3 and is_signature(cells):
        return "footer"
    if signed and len(filled) <= 3 and not _has(cells, grid, {"ordinal"}):
        return "footer"
    if len(filled) == 1 and layout.section(first_text):
        return "section"
    return "row"


def _identifies(cells: Sequence[Cell], grid: InterpretedSheet, layout: ListLayout) -> bool:
    """Whether a name has a phone, a year or the like beside it, as neither a sum nor a signature has."""
    beside = layout.identity - layout.required
    return _has(cells, grid, layout.required) and any(
        looks(cells[column.index]) >= 1
        for column in grid.columns
        if column.field in beside
        and column.index < len(cells)
        and (looks := layout.field(column.field).looks_like) is not None
    )


def _only_prefilled(cells: Sequence[Cell], grid: InterpretedSheet, layout: ListLayout) -> bool:
    """A row somebody numbered in advance: nothing in it says who it is about."""
    return not _has(cells, grid, layout.identity) and not _stands_alone(cells, grid, layout)


def _stands_alone(cells: Sequence[Cell], grid: InterpretedSheet, layout: ListLayout) -> bool:
    text = lone_text(cells)
    return bool(text) and (layout.section(text) or bool(_SIGNATURE.search(fold(text))))


def _has(cells: Sequence[Cell], grid: InterpretedSheet, fields: frozenset[str] | set[str]) -> bool:
    return any(
        column.field in fields and column.index < len(cells) and cells[column.index] is not None
        for column in grid.columns
    )


def is_signature(cells: Sequence[Cell]) -> bool:
    """Whether a row names an office, a signature or its date."""
    return bool(_SIGNATURE.search(_plain(cells)))


def lone_text(cells: Sequence[Cell]) -> str:
    """Return the text of a row with one filled cell, "" for other rows."""
    filled = [cell for cell in cells if cell is not None]
    return cell_text(filled[0]) if len(filled) == 1 and isinstance(filled[0], str) else ""


def _plain(cells: Sequence[Cell]) -> str:
    return fold(" ".join(cell_text(cell) for cell in cells))


def _repeats_header(cells: Sequence[Cell], grid: InterpretedSheet) -> bool:
    named = [column for column in grid.columns if column.header]
    same = sum(
        1
        for column in named
        if column.index < len(cells)
        and (text := fold(cell_text(cells[column.index])))
        and (text == fold(column.header) or fold(column.header).endswith(f" {text}"))
    )
    return same >= 2 and same * 2 >= sum(cell is not None for cell in cells)


def _names_columns(cells: Sequence[Cell], grid: InterpretedSheet, layout: ListLayout) -> bool:
    """A second header: its cells name fields, or explain the columns in brackets ("(viết hoa)")."""
    texts = {c: cell_text(cell) for c, cell in enumerate(cells) if cell is not None}
    if len(texts) >= 2 and all(_BRACKETED.fullmatch(text) for text in texts.values()):
        return True
    naming = {c for c, text in texts.items() if _names_a_field(text, layout)}
    required = {column.index for column in grid.columns if column.field in layout.required}
    return len(naming) >= 2 and 2 * len(naming) >= len(texts) and required & texts.keys() <= naming


def _names_a_field(text: str, layout: ListLayout) -> bool:
    # "Tổ 4" and "TDP 5" contain the names of columns, too.
    worded = not any(map(str.isdigit, text)) or _NUMBERED.match(text)
    return bool(worded) and any(header_similarity(text, field) >= _NAMED for field in layout.fields)


def _numbers_columns(filled: Sequence[Cell]) -> bool:
    """The row (1) (2) (3)… or A B 1 2… below a header."""
    numbers = [cell_text(cell).strip("() ") for cell in filled]
    while numbers and len(numbers[0]) == 1 and numbers[0].isalpha():
        numbers.pop(0)
    return len(numbers) >= 3 and numbers == [str(n) for n in range(1, len(numbers) + 1)]
