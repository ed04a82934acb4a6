"""Which rows of a sheet are the header of its list, and what they call each column."""

from collections.abc import Sequence
from typing import TypeAlias

from lopso.kernel.workbook.fields import ListField, ListLayout, cell_text, header_similarity
from lopso.kernel.workbook.reading import Cell, Sheet

SIMILAR_ENOUGH = 0.6
"""From here a column name counts as naming a field."""

HEADER_WITHIN = 40
"""Rows from the top in which a header is looked for."""

_LONGEST_HEADER = 200  # characters: forms ask whole questions


HeaderName: TypeAlias = tuple[str, ...]
"""The texts above a column, top to bottom; empty when it has none."""


def find_header(
    sheet: Sheet, rows: list[list[Cell]], width: int, layout: ListLayout
) -> tuple[range, list[HeaderName]]:
    """Return the indexes of the header rows (empty: no header) and the name of each of `width` columns."""
    best: tuple[float, range, list[HeaderName]] = (0.0, range(0), [()] * width)
    for at in range(min(len(rows), HEADER_WITHIN)):
        for height in (1, 2, 3):
            header = range(at, at + height)
            if header.stop > len(rows) or not all(_may_be_header(rows[r]) for r in header):
                break
            names = _names(sheet, rows, header, width)
            # A taller header must explain more than its first row alone.
            score = _header_score(names, layout) - 0.2 * (height - 1)
            if score > best[0]:
                best = (score, header, names)
    score, header, names = best
    needed = 0.6 if sum(map(bool, names)) <= 2 else 1.2
    return (header, names) if score >= needed else (range(0), [()] * width)


def chosen_header(
    sheet: Sheet, rows: list[list[Cell]], width: int, at: int
) -> tuple[range, list[HeaderName]]:
    """As `find_header`, for the row that a person chose."""
    header = range(at, at + 1)
    return header, _names(sheet, rows, header, width)


def _may_be_header(row: Sequence[Cell]) -> bool:
    """Only words: a number, a date or a phone makes it a row of values."""
    filled = [cell for cell in row if cell is not None]
    return bool(filled) and all(
        isinstance(cell, str) and len(cell) <= _LONGEST_HEADER and any(map(str.isalpha, cell))
        for cell in filled
    )


def _names(sheet: Sheet, rows: list[list[Cell]], header: range, width: int) -> list[HeaderName]:
    across = _merged_across(sheet)
    parts: list[list[str]] = [[] for _ in range(width)]
    for r in header:
        texts = [cell_text(rows[r][c]) if c < len(rows[r]) else "" for c in range(width)]
        for c in range(width):
            text = texts[across.get((r, c), c)]
            if text and text not in parts[c]:
                parts[c].append(text)
    if len(header) > 1:
        _spread_unmerged(rows, header, parts)
    return [tuple(each) for each in parts]


def _merged_across(sheet: Sheet) -> dict[tuple[int, int], int]:
    """Map each cell in the top row of a range merged over columns to the column that holds its text."""
    return {
        (top, c): left
        for top, left, _bottom, right in sheet.merged
        if left < right < left + 100
        for c in range(left, right + 1)
    }


def _spread_unmerged(rows: list[list[Cell]], header: range, parts: list[list[str]]) -> None:
    """Above "Nam | Nữ" stands "Năm sinh | (blank)", not merged: the blank belongs to "Năm sinh" too."""
    top = [cell_text(cell) for cell in rows[header[0]]] + [""] * len(parts)
    for c in range(1, len(parts)):
        below_before = any(c - 1 < len(rows[r]) and rows[r][c - 1] is not None for r in header[1:])
        if parts[c] and not top[c] and top[c - 1] and below_before and top[c - 1] not in parts[c]:
            parts[c].insert(0, top[c - 1])


def name_similarity(name: HeaderName, field: ListField) -> float:
    """As `header_similarity`; in a header of several rows the lowest may say it alone."""
    if len(name) < 2:
        return header_similarity(name[0], field) if name else 0.0
    return max(header_similarity(" ".join(name), field), 0.97 * header_similarity(name[-1], field))


def _header_score(names: list[HeaderName], layout: ListLayout) -> float:
    found: dict[str, float] = {}
    distinct = dict.fromkeys(name for name in names if name)
    for name in distinct:
        alone = len(" ".join(name).split()) == 1
        fields = [field for field in layout.fields if not (field.weak_header and alone)]
        similarity, field = max((name_similarity(name, field), field.name) for field in fields)
        if similarity >= SIMILAR_ENOUGH:
            found[field] = max(found.get(field, 0.0), similarity)
    return sum(found.values()) if len(distinct) > 1 or len(names) == 1 else 0.0


def first_row_of_values(rows: list[list[Cell]]) -> int:
    """Without a header: the first row with as many filled cells as most rows have."""
    filled = [sum(cell is not None for cell in row) for row in rows]
    usual = sorted(filled)[len(filled) // 2] if filled else 0
    return next((r for r, count in enumerate(filled) if count and count >= max(2, usual - 1)), 0)
