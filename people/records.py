"""What changes to rows about persons share, whatever the table."""

from collections.abc import Mapping

from lopso.kernel.text import fold, sort_key


def name_columns(full_name: str) -> dict[str, object]:
    """The columns for a name: as written, folded for search, and the key of its place in a list."""
    return {"full_name": full_name, "name_key": fold(full_name), "sort_key": sort_key(full_name)}


def changed_columns(row: object, columns: Mapping[str, object]) -> list[str]:
    """Names of the columns whose value is not the one `row` has, in alphabetical order."""
    return sorted(name for name, value in columns.items() if getattr(row, name) != value)
