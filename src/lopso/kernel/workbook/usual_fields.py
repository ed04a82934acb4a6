"""Which fields the rows of a list usually fill."""

from collections import Counter

from lopso.kernel.workbook.rows import ListTable


def usual_fields(table: ListTable) -> frozenset[str]:
    """Return the fields that at least half of the rows fill."""
    filled = Counter(field for row in table.rows for field in row.values)
    return frozenset(field for field, count in filled.items() if 2 * count >= len(table.rows))
