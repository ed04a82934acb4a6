"""Which row is the header, and what each column holds: by its name and by what stands in it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from lopso.kernel.legacy_text import Font, decode, likely_font
from lopso.kernel.workbook.fields import ListField, ListLayout, cell_text, header_similarity
from lopso.kernel.workbook.reading import Cell, Sheet
from lopso.kernel.workbook.writing import as_typed

_HEADER_WITHIN = 40  # rows from the top in which a header is looked for
_SAMPLE = 200  # rows whose values are looked at
_ENOUGH = 0.6


@dataclass(frozen=True, slots=True)
class ListColumn:
    """One column and what it holds.

    Attributes:
        index: from 0, within the used part of the sheet. letter: as the person sees it ("B").
        header: its name in the file, "" when it has none.
        field: what it holds, None when unknown (kept as a remark).
        sure: False when only the values, or only part of the name, speak for it.
        samples: up to three different values, as seen.
    """

    index: int
    letter: str
    header: str
    field: str | None
    sure: bool
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InterpretedSheet:
    """A sheet in Unicode with merged cells filled, and where its header was found.

    Attributes:
        header: indexes of the header rows; empty when the list has none.
        body: index of the first row below the header.
        font: the old font it was converted from.
        certainty: how well the header fits; to choose between sheets.
    """

    sheet: Sheet
    rows: list[list[Cell]]
    header: range
    body: int
    columns: tuple[ListColumn, ...]
    font: Font | None
    certainty: float


def interpret_sheet(sheet: Sheet, layout: ListLayout) -> InterpretedSheet:
    """Guess the header row and the columns of one sheet."""
    rows, font = _in_unicode(sheet)
    width = max(map(len, rows), default=0)
    header, names = _header(sheet, rows, width, layout)
    body = header.stop if header else _first_row_of_values(rows)
    values = [[row[c] if c < len(row) else None for row in rows[body:][:_SAMPLE]] for c in range(width)]
    fields = _assigned(names, values, layout)
    columns = tuple(
        ListColumn(
            index=c,
            letter=_letter(sheet.first_column + c),
            header=" ".join(names[c]),
            field=field.name if field else None,
            sure=sure,
            samples=_samples(values[c]),
        )
        for c, (field, sure) in enumerate(fields)
        if names[c] or any(value is not None for value in values[c])
    )
    certainty = sum(1.0 if column.sure else 0.5 for column in columns if column.field)
    return InterpretedSheet(
        sheet, _filled_down(sheet, rows, columns, body, layout), header, body, columns, font, certainty
    )


def _in_unicode(sheet: Sheet) -> tuple[list[list[Cell]], Font | None]:
    font = likely_font(cell for row in sheet.rows for cell in row if isinstance(cell, str))
    return [[_clean(cell, font) for cell in row] for row in sheet.rows], font


def _clean(cell: Cell, font: Font | None) -> Cell:
    if not isinstance(cell, str):
        return cell
    return as_typed(decode(cell, likely=font).text.strip()) or None


# --- The header ---


_Name: TypeAlias = tuple[str, ...]
"""The texts above a column, top to bottom; empty when it has none."""


def _header(
    sheet: Sheet, rows: list[list[Cell]], width: int, layout: ListLayout
) -> tuple[range, list[_Name]]:
    best: tuple[float, range, list[_Name]] = (0.0, range(0), [()] * width)
    for at in range(min(len(rows), _HEADER_WITHIN)):
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


def _may_be_header(row: Sequence[Cell]) -> bool:
    """Only words: a number, a date or a phone makes it a row of values."""
    filled = [cell for cell in row if cell is not None]
    return bool(filled) and all(
        isinstance(cell, str) and len(cell) <= 80 and any(char.isalpha() for char in cell) for cell in filled
    )


def _names(sheet: Sheet, rows: list[list[Cell]], header: range, width: int) -> list[_Name]:
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


def _similarity(name: _Name, field: ListField) -> float:
    """As `header_similarity`; in a header of several rows the lowest may say it alone."""
    if len(name) < 2:
        return header_similarity(name[0], field) if name else 0.0
    return max(header_similarity(" ".join(name), field), 0.97 * header_similarity(name[-1], field))


def _header_score(names: list[_Name], layout: ListLayout) -> float:
    found: dict[str, float] = {}
    distinct = dict.fromkeys(name for name in names if name)
    for name in distinct:
        alone = len(" ".join(name).split()) == 1
        fields = [field for field in layout.fields if not (field.weak_header and alone)]
        similarity, field = max((_similarity(name, field), field.name) for field in fields)
        if similarity >= _ENOUGH:
            found[field] = max(found.get(field, 0.0), similarity)
    return sum(found.values()) if len(distinct) > 1 or len(names) == 1 else 0.0


def _first_row_of_values(rows: list[list[Cell]]) -> int:
    """Without a header: the first row with as many filled cells as most rows have."""
    filled = [sum(cell is not None for cell in row) for row in rows]
    usual = sorted(filled)[len(filled) // 2] if filled else 0
    return next((r for r, count in enumerate(filled) if count and count >= max(2, usual - 1)), 0)


# --- The columns ---


def _assigned(
    names: list[_Name], values: list[list[Cell]], layout: ListLayout
) -> list[tuple[ListField | None, bool]]:
    """Give each column at most one field and each field one column (unless it takes several), best first."""
    required = [field for field in layout.fields if field.name in layout.required]
    named = any(_similarity(name, field) >= _ENOUGH for name in names for field in required)
    scored: list[tuple[float, int, int, bool]] = []
    for c, name in enumerate(names):
        for f, field in enumerate(layout.fields):
            score, sure = _fit(name, values[c], field, guess=not name or not named)
            if score > 0:
                scored.append((score, -c, -f, sure))
    given: list[tuple[ListField | None, bool]] = [(None, False)] * len(names)
    taken: set[str] = set()
    for _score, c, f, sure in sorted(scored, reverse=True):
        field = layout.fields[-f]
        if given[-c][0] is None and (field.several or field.name not in taken):
            given[-c] = (field, sure)
            taken.add(field.name)
    _continue_columns(given, names, values, layout)
    return given


def _continue_columns(
    given: list[tuple[ListField | None, bool]],
    names: list[_Name],
    values: list[list[Cell]],
    layout: ListLayout,
) -> None:
    for c in range(1, len(given)):
        before = given[c - 1][0]
        if before is None or before.continued_by is None or given[c][0] is not None:
            continue
        if not names[c - 1] or names[c] not in ((), names[c - 1]):
            continue
        field = layout.field(before.continued_by)
        filled = [value for value in values[c] if value is not None]
        beside = sum(value is not None for value in values[c - 1])
        if (
            field.looks_like
            and 2 * len(filled) > beside
            and sum(map(field.looks_like, filled)) >= 0.8 * len(filled)
        ):
            given[c] = (field, True)


def _fit(name: _Name, values: list[Cell], field: ListField, *, guess: bool) -> tuple[float, bool]:
    """Return how well a column fits a field (0: not at all), and whether that is sure."""
    by_name = _similarity(name, field)
    filled = [value for value in values if value is not None]
    look = field.looks_like
    by_content = sum(map(look, filled)) / len(filled) if look and filled else None
    if by_name >= _ENOUGH:
        if by_content is not None and len(filled) >= 3 and by_content < 0.2:
            return 0.0, False
        content = 0.5 if by_content is None else by_content
        return 1 + by_name + 0.4 * content, by_name >= 0.65 and content >= 0.4
    if guess and field.by_content and by_content is not None and by_content >= _ENOUGH:
        return by_content, False
    return 0.0, False


def _samples(values: list[Cell]) -> tuple[str, ...]:
    return tuple(list(dict.fromkeys(text[:60] for value in values if (text := cell_text(value))))[:3])


def _filled_down(
    sheet: Sheet, rows: list[list[Cell]], columns: tuple[ListColumn, ...], body: int, layout: ListLayout
) -> list[list[Cell]]:
    """Repeat a value merged over several rows in each of them, but for what names a person."""
    names_somebody = {column.index for column in columns if column.field in layout.identity}
    for top, left, bottom, right in sheet.merged:
        if left == right and left not in names_somebody and body <= top < bottom < len(rows):
            value = rows[top][left] if left < len(rows[top]) else None
            for row in rows[top + 1 : bottom + 1]:
                # Only rows about somebody: a blank row stays blank.
                if any(cell is not None for cell in row):
                    row.extend([None] * (left + 1 - len(row)))
                    row[left] = value
    return rows


def _letter(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


_ORDINAL = re.compile(r"\d{1,5}\.?")


def looks_like_ordinal(cell: Cell) -> float:
    """A running number: 1, 2, 3…"""
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        return 1.0 if 0 < cell < 20_000 and float(cell).is_integer() and not 1900 <= cell <= 2100 else 0.0
    return 0.8 if isinstance(cell, str) and _ORDINAL.fullmatch(cell.strip()) else 0.0
