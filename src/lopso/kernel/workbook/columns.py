"""What each column of a sheet holds: by its name and by its values."""

import re
from collections import Counter
from dataclasses import dataclass

from lopso.kernel.legacy_text import Font
from lopso.kernel.workbook.cleaning import left_out_numbers
from lopso.kernel.workbook.damage import is_error
from lopso.kernel.workbook.fields import ListField, ListLayout, cell_text
from lopso.kernel.workbook.headers import (
    SIMILAR_ENOUGH,
    HeaderName,
    find_header,
    first_row_of_values,
    name_similarity,
)
from lopso.kernel.workbook.old_fonts import in_unicode
from lopso.kernel.workbook.reading import Cell, Sheet
from lopso.kernel.workbook.unwanted_columns import leave_out_unwanted

_SAMPLE = 200  # rows whose values are looked at


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
        uncertain: row and column of the cells whose old font could not be told for certain.
        numbers: how many numbers of papers and accounts were taken out of each row.
    """

    sheet: Sheet
    rows: list[list[Cell]]
    header: range
    body: int
    columns: tuple[ListColumn, ...]
    font: Font | None
    certainty: float
    numbers: Counter[int]
    uncertain: frozenset[tuple[int, int]]


def interpret_sheet(sheet: Sheet, layout: ListLayout) -> InterpretedSheet:
    """Guess the header row and the columns of one sheet."""
    unicode_rows = in_unicode(sheet)
    rows = unicode_rows.rows
    width = max(map(len, rows), default=0)
    header, names = find_header(sheet, rows, width, layout)
    body = header.stop if header else first_row_of_values(rows)
    values = _column_values(rows, body, width)
    fields = _assigned(names, values, layout)
    leave_out_unwanted(fields, names, values, layout, rows[:body])
    numbers = left_out_numbers(rows, body, [field for field, _sure in fields])
    values = _column_values(rows, body, width)
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
        sheet,
        _filled_down(sheet, rows, columns, body, layout),
        header,
        body,
        columns,
        unicode_rows.font,
        certainty,
        numbers,
        unicode_rows.uncertain,
    )


def _column_values(rows: list[list[Cell]], body: int, width: int) -> list[list[Cell]]:
    return [[row[c] if c < len(row) else None for row in rows[body:][:_SAMPLE]] for c in range(width)]


def _assigned(
    names: list[HeaderName], values: list[list[Cell]], layout: ListLayout
) -> list[tuple[ListField | None, bool]]:
    """Give each column at most one field and each field one column (unless it takes several), best first."""
    required = [field for field in layout.fields if field.name in layout.required]
    named = any(name_similarity(name, field) >= SIMILAR_ENOUGH for name in names for field in required)
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
    names: list[HeaderName],
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


def _fit(name: HeaderName, values: list[Cell], field: ListField, *, guess: bool) -> tuple[float, bool]:
    """Return how well a column fits a field (0: not at all), and whether that is sure."""
    by_name = name_similarity(name, field)
    filled = [value for value in values if value is not None and not is_error(value)]
    look = field.looks_like
    by_content = sum(map(look, filled)) / len(filled) if look and filled else None
    if by_name >= SIMILAR_ENOUGH:
        if by_content is not None and len(filled) >= 3 and by_content < 0.2:
            return 0.0, False
        content = 0.5 if by_content is None else by_content
        return 1 + by_name + 0.4 * content, by_name >= 0.65 and content >= 0.4
    if guess and field.by_content and by_content is not None and by_content >= SIMILAR_ENOUGH:
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
