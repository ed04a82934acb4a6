"""What each column of a sheet holds: by its name and by its values."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from lopso.kernel.legacy_text import Font
from lopso.kernel.workbook.choices import AS_GUESSED, ReadingChoices, SheetChoice, look_of
from lopso.kernel.workbook.cleaning import left_out_numbers
from lopso.kernel.workbook.damage import is_ditto, is_error
from lopso.kernel.workbook.fields import LEFT_OUT, ListField, ListLayout, cell_text
from lopso.kernel.workbook.headers import (
    HEADER_WITHIN,
    SIMILAR_ENOUGH,
    HeaderName,
    chosen_header,
    find_header,
    first_row_of_values,
    name_similarity,
)
from lopso.kernel.workbook.old_fonts import in_unicode
from lopso.kernel.workbook.reading import Cell, Sheet
from lopso.kernel.workbook.shown import column_letter, names_of_hidden_columns, without_hidden_columns
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
        chosen: whether a person said which row is the header and what its columns hold.
        hidden_columns: names of hidden columns, which are not among `columns`.
        beside: index of the column that names people again, of a second list beside the first; None without.
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
    converted: Mapping[tuple[int, int], str]
    chosen: bool
    hidden_columns: tuple[str, ...]
    beside: int | None


def interpret_sheet(
    sheet: Sheet, layout: ListLayout, choices: ReadingChoices = AS_GUESSED
) -> InterpretedSheet:
    """Find header row and columns of one sheet: as chosen, as chosen before for this look, or guessed."""
    unicode_rows = in_unicode(sheet)
    rows = without_hidden_columns(sheet, unicode_rows.rows)
    width = max(map(len, rows), default=0)
    choice = _choice_for(sheet, rows, choices)
    header, names = _header_of(sheet, rows, width, layout, choice)
    body = header.stop if header else first_row_of_values(rows)
    values = _column_values(rows, body, width)
    fields = _assigned(names, values, layout)
    leave_out_unwanted(fields, names, values, layout, rows[:body])
    if choice is not None:
        fields = _as_chosen(fields, choice, layout)
    numbers = left_out_numbers(rows, body, [field for field, _sure in fields])
    columns = _list_columns(sheet, names, fields, _column_values(rows, body, width))
    _write_out_dittos(rows, columns, body, layout)
    return InterpretedSheet(
        sheet=sheet,
        rows=_filled_down(sheet, rows, columns, body, layout),
        header=header,
        body=body,
        columns=columns,
        font=unicode_rows.font,
        numbers=numbers,
        uncertain=unicode_rows.uncertain,
        converted=unicode_rows.converted,
        certainty=sum(1.0 if column.sure else 0.5 for column in columns if column.field),
        chosen=choice is not None,
        hidden_columns=names_of_hidden_columns(sheet, unicode_rows.rows, header, body),
        beside=_named_again(columns, layout),
    )


def _header_of(
    sheet: Sheet, rows: list[list[Cell]], width: int, layout: ListLayout, choice: SheetChoice | None
) -> tuple[range, list[HeaderName]]:
    """The rows of the header, none where there is none, and a name for each column."""
    if choice is None:
        return find_header(sheet, rows, width, layout)
    if choice.header:
        return chosen_header(sheet, rows, width, choice.header - sheet.first_row)
    return range(0), [()] * width


def _list_columns(
    sheet: Sheet,
    names: list[HeaderName],
    fields: list[tuple[ListField | None, bool]],
    values: list[list[Cell]],
) -> tuple[ListColumn, ...]:
    """The columns with a name or a value."""
    return tuple(
        ListColumn(
            index=c,
            letter=column_letter(sheet.first_column + c),
            header=" ".join(names[c]),
            field=field.name if field else None,
            sure=sure,
            samples=_samples(values[c]),
        )
        for c, (field, sure) in enumerate(fields)
        if names[c] or any(value is not None for value in values[c])
    )


def _named_again(columns: tuple[ListColumn, ...], layout: ListLayout) -> int | None:
    """Where the header repeats the name of the column of names; beside it the name may only go on."""
    named = next((column for column in columns if column.field in layout.required and column.header), None)
    if named is None:
        return None
    again = (c.index for c in columns if c.header == named.header and c.index > named.index + 1)
    return next(again, None)


def _column_values(rows: list[list[Cell]], body: int, width: int) -> list[list[Cell]]:
    return [[row[c] if c < len(row) else None for row in rows[body:][:_SAMPLE]] for c in range(width)]


def _choice_for(sheet: Sheet, rows: list[list[Cell]], choices: ReadingChoices) -> SheetChoice | None:
    """Return the choice for this sheet, or what was chosen for an earlier list with the same header row."""
    if choice := choices.sheets.get(sheet.name):
        inside = 0 <= choice.header - sheet.first_row < len(rows)
        return choice if inside or not choice.header else None
    for at, row in enumerate(rows[:HEADER_WITHIN]):
        if choices.remembered and (remembered := choices.for_look(look_of(row))):
            return SheetChoice(header=sheet.first_row + at, fields=dict(enumerate(remembered.fields)))
    return None


def _as_chosen(
    guessed: list[tuple[ListField | None, bool]], choice: SheetChoice, layout: ListLayout
) -> list[tuple[ListField | None, bool]]:
    known = {field.name: field for field in (*layout.fields, LEFT_OUT)}
    return [
        guess if c not in choice.fields else (known.get(choice.fields[c]) or _unstored(guess), True)
        for c, guess in enumerate(guessed)
    ]


def _unstored(guess: tuple[ListField | None, bool]) -> ListField | None:
    """What must not be stored is not made a remark, either."""
    field = guess[0]
    return field if field is not None and not field.stored else None


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
    names_somebody = {column.index for column in columns if column.field in layout.identity - layout.repeated}
    for top, left, bottom, right in sheet.merged:
        if left == right and left not in names_somebody and body <= top < bottom < len(rows):
            value = rows[top][left] if left < len(rows[top]) else None
            for row in rows[top + 1 : bottom + 1]:
                # Only rows about somebody: a blank row stays blank.
                if any(cell is not None for cell in row):
                    row.extend([None] * (left + 1 - len(row)))
                    row[left] = value
    return rows


def _write_out_dittos(
    rows: list[list[Cell]], columns: tuple[ListColumn, ...], body: int, layout: ListLayout
) -> None:
    """Put the value above where a cell says "as above", but for what names a person."""
    names_somebody = {column.index for column in columns if column.field in layout.identity - layout.repeated}
    for above, row in pairwise(row for row in rows[body:] if any(cell is not None for cell in row)):
        for c, cell in enumerate(row):
            if is_ditto(cell) and c not in names_somebody and c < len(above) and above[c] is not None:
                row[c] = above[c]


_ORDINAL = re.compile(r"\d{1,5}\.?")


def looks_like_ordinal(cell: Cell) -> float:
    """A running number: 1, 2, 3…"""
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        return 1.0 if 0 < cell < 20_000 and float(cell).is_integer() and not 1900 <= cell <= 2100 else 0.0
    return 0.8 if isinstance(cell, str) and _ORDINAL.fullmatch(cell.strip()) else 0.0
