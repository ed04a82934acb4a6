"""Which row is the header, and what each column holds: by its name and by what stands in it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from lopso.kernel.legacy_text import Font, decode, likely_font
from lopso.kernel.workbook.fields import Field, Layout, cell_text, header_likeness
from lopso.kernel.workbook.reading import Cell, Sheet

_HEADER_WITHIN = 40  # rows from the top in which a header is looked for
_SAMPLE = 200  # rows whose values are looked at
_ENOUGH = 0.6


@dataclass(frozen=True, slots=True)
class Column:
    """One column as understood.

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
class Grid:
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
    columns: tuple[Column, ...]
    font: Font | None
    certainty: float


def understand(sheet: Sheet, layout: Layout) -> Grid:
    """Guess the header row and the columns of one sheet."""
    rows, font = _in_unicode(sheet)
    width = max(map(len, rows), default=0)
    header, names = _header(sheet, rows, width, layout)
    body = header.stop if header else _first_row_of_values(rows)
    values = [[row[c] if c < len(row) else None for row in rows[body:][:_SAMPLE]] for c in range(width)]
    fields = _assigned(names, values, layout)
    columns = tuple(
        Column(
            index=c,
            letter=_letter(sheet.first_column + c),
            header=names[c],
            field=field.name if field else None,
            sure=sure,
            samples=_samples(values[c]),
        )
        for c, (field, sure) in enumerate(fields)
        if names[c] or any(value is not None for value in values[c])
    )
    certainty = sum(1.0 if column.sure else 0.5 for column in columns if column.field)
    return Grid(
        sheet, _filled_down(sheet, rows, columns, body, layout), header, body, columns, font, certainty
    )


def _in_unicode(sheet: Sheet) -> tuple[list[list[Cell]], Font | None]:
    font = likely_font(cell for row in sheet.rows for cell in row if isinstance(cell, str))
    rows = [
        [decode(cell, likely=font).text if isinstance(cell, str) else cell for cell in row]
        for row in sheet.rows
    ]
    return [[None if cell == "" else cell for cell in row] for row in rows], font


# --- The header ---


def _header(sheet: Sheet, rows: list[list[Cell]], width: int, layout: Layout) -> tuple[range, list[str]]:
    best: tuple[float, range, list[str]] = (0.0, range(0), [""] * width)
    for at in range(min(len(rows), _HEADER_WITHIN)):
        for height in (1, 2, 3):
            if at + height > len(rows):
                break
            names = _names(sheet, rows, range(at, at + height), width)
            if names is None:
                break
            # A taller header must explain more than the row alone.
            score = _header_score(names, layout) - 0.2 * (height - 1)
            if score > best[0]:
                best = (score, range(at, at + height), names)
    score, header, names = best
    needed = 0.6 if sum(map(bool, names)) <= 2 else 1.2
    return (header, names) if score >= needed else (range(0), [""] * width)


def _names(sheet: Sheet, rows: list[list[Cell]], header: range, width: int) -> list[str] | None:
    """Return the name of each column when `header` holds its names, None when these rows are no header."""
    across = _merged_across(sheet)
    names = [""] * width
    for depth, r in enumerate(header):
        texts = [cell_text(rows[r][c]) if c < len(rows[r]) else "" for c in range(width)]
        if depth and not _is_second_header_row(rows[r], texts):
            return None
        for c in range(width):
            origin = across.get((r, c))
            text = texts[origin] if origin is not None and origin < len(texts) else texts[c]
            if len(text) > 80:
                return None
            if text and not names[c].endswith(text):
                names[c] = f"{names[c]} {text}".strip()
    if len(header) > 1:
        _spread_unmerged(rows, header, names)
    return names


def _merged_across(sheet: Sheet) -> dict[tuple[int, int], int]:
    """Map each cell of a range merged over columns to the column that holds its text."""
    return {
        (r, c): left
        for top, left, bottom, right in sheet.merged
        if right > left and (bottom - top) * (right - left) < 10_000
        for r in range(top, min(bottom, top) + 1)
        for c in range(left, right + 1)
    }


def _is_second_header_row(row: Sequence[Cell], texts: list[str]) -> bool:
    filled = [text for text in texts if text]
    return bool(filled) and all(
        isinstance(cell, str) and not any(char.isdigit() for char in cell) and len(cell) < 40
        for cell in row
        if cell is not None
    )


def _spread_unmerged(rows: list[list[Cell]], header: range, names: list[str]) -> None:
    """Above "Nam | Nữ" stands "Năm sinh | (blank)", not merged: the blank belongs to "Năm sinh" too."""
    top = rows[header[0]]
    for c in range(1, len(names)):
        above = cell_text(top[c]) if c < len(top) else ""
        before = cell_text(top[c - 1]) if c - 1 < len(top) else ""
        below_before = any(c - 1 < len(rows[r]) and rows[r][c - 1] is not None for r in header[1:])
        if names[c] and not above and before and below_before:
            names[c] = f"{before} {names[c]}"


def _header_score(names: list[str], layout: Layout) -> float:
    found: dict[str, float] = {}
    distinct = dict.fromkeys(name for name in names if name)
    for name in distinct:
        likeness, field = max(
            ((header_likeness(name, f), f.name) for f in layout.fields if not f.shy), default=(0.0, "")
        )
        if likeness >= _ENOUGH:
            found[field] = max(found.get(field, 0.0), likeness)
    return sum(found.values()) if len(distinct) > 1 or len(names) == 1 else 0.0


def _first_row_of_values(rows: list[list[Cell]]) -> int:
    """Without a header: the first row with as many filled cells as most rows have."""
    filled = [sum(cell is not None for cell in row) for row in rows]
    usual = sorted(filled)[len(filled) // 2] if filled else 0
    return next((r for r, count in enumerate(filled) if count and count >= max(2, usual - 1)), 0)


# --- The columns ---


def _assigned(names: list[str], values: list[list[Cell]], layout: Layout) -> list[tuple[Field | None, bool]]:
    """Give each column at most one field and each field one column (unless it takes several), best first."""
    required_by_name = any(
        header_likeness(name, field) >= _ENOUGH
        for name in names
        for field in layout.fields
        if field.name in layout.required
    )
    scored: list[tuple[float, int, int, bool]] = []
    for c, name in enumerate(names):
        for f, field in enumerate(layout.fields):
            score, sure = _fit(name, values[c], field, guess=not name or not required_by_name)
            if score > 0:
                scored.append((score, -c, -f, sure))
    given: list[tuple[Field | None, bool]] = [(None, False)] * len(names)
    taken: set[str] = set()
    for _score, c, f, sure in sorted(scored, reverse=True):
        field = layout.fields[-f]
        if given[-c][0] is None and (field.several or field.name not in taken):
            given[-c] = (field, sure)
            taken.add(field.name)
    return given


def _fit(name: str, values: list[Cell], field: Field, *, guess: bool) -> tuple[float, bool]:
    """Return how well a column fits a field (0: not at all), and whether that is sure."""
    by_name = header_likeness(name, field)
    filled = [value for value in values if value is not None]
    look = field.looks
    by_content = sum(map(look, filled)) / len(filled) if look and filled else None
    if by_name >= _ENOUGH:
        if by_content is not None and len(filled) >= 3 and by_content < 0.2 and look is not None:
            return 0.0, False
        content = 0.5 if by_content is None else by_content
        return 1 + by_name + 0.4 * content, by_name >= 0.8 and content >= 0.4
    if guess and field.by_content and by_content is not None and by_content >= _ENOUGH:
        return by_content, False
    return 0.0, False


def _samples(values: list[Cell]) -> tuple[str, ...]:
    return tuple(list(dict.fromkeys(text[:60] for value in values if (text := cell_text(value))))[:3])


def _filled_down(
    sheet: Sheet, rows: list[list[Cell]], columns: tuple[Column, ...], body: int, layout: Layout
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


def rename(grid: Grid, index: int, field: str | None, *, sure: bool) -> Grid:
    """Return the grid with one column understood differently."""
    columns = tuple(
        replace(column, field=field, sure=sure) if column.index == index else column
        for column in grid.columns
    )
    return replace(grid, columns=columns)


_ORDINAL = re.compile(r"\d{1,5}\.?")


def looks_like_ordinal(cell: Cell) -> float:
    """A running number: 1, 2, 3…"""
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        return 1.0 if 0 < cell < 20_000 and float(cell).is_integer() and not 1900 <= cell <= 2100 else 0.0
    return 0.8 if isinstance(cell, str) and _ORDINAL.fullmatch(cell.strip()) else 0.0
