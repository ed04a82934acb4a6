"""Cells without the numbers of papers and accounts that were written into them."""

import re
from collections import Counter
from collections.abc import Sequence

from lopso.kernel.private_numbers import LEFT_OUT, is_private_number, without_private_numbers
from lopso.kernel.workbook.fields import ListField, cell_text
from lopso.kernel.workbook.reading import Cell

# The number of an identity card, which no phone has: province, sex and century, year, serial.
_IDENTITY_NUMBER = re.compile(r"(?<!\d)0(?:[ .-]?\d){2}[ .-]?[0-3](?:[ .-]?\d){8}(?!\d)")
# As a number, without its zero; 84… is a phone.
_IDENTITY_WITHOUT_ZERO = re.compile(r"(?!84)[1-9]\d[0-3]\d{8}")
_SHORTEST = 100_000_000  # nine digits


def left_out_numbers(rows: list[list[Cell]], body: int, fields: Sequence[ListField | None]) -> Counter[int]:
    """Take the numbers out of the rows below the header, in place; return how many, by index of row.

    Args:
        fields: what each column holds; what is not stored anyway stays as it is.
    """
    count: Counter[int] = Counter()
    for at in range(body, len(rows)):
        row = rows[at]
        for c, cell in enumerate(row[: len(fields)]):
            field = fields[c]
            if cell is None or (field is not None and not field.stored):
                continue
            row[c], numbers = _cleaned(cell, field)
            if numbers:
                count[at] += numbers
    return count


def _cleaned(cell: Cell, field: ListField | None) -> tuple[Cell, int]:
    if field is not None and field.long_numbers:
        text = cell_text(cell)
        clean, count = _IDENTITY_NUMBER.subn(LEFT_OUT, text)
        if _IDENTITY_WITHOUT_ZERO.fullmatch(text):
            clean, count = LEFT_OUT, 1
        return (clean, count) if count else (cell, 0)
    if not isinstance(cell, str) and not (isinstance(cell, float | int) and cell >= _SHORTEST):
        return cell, 0
    clean = without_private_numbers(cell_text(cell))
    if not clean.count:
        return cell, 0
    nothing_else = field is None and is_private_number(cell_text(cell))
    return None if nothing_else else clean.text, clean.count
