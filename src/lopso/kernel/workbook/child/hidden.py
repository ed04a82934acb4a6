"""Rows and columns that a workbook does not show: hidden by hand, by a filter or in a closed group."""

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from lopso.kernel.workbook.child.limits import MAX_HIDDEN_RANGES, FileRefused

Range: TypeAlias = tuple[int, int]
"""First and last index, from 0, both included."""


@dataclass(slots=True)
class HiddenParts:
    """What one sheet hides, in the order of the sheet."""

    rows: list[Range] = field(default_factory=list[Range])
    columns: list[Range] = field(default_factory=list[Range])

    def hide_rows(self, first: int, last: int) -> None:
        _add(self.rows, first, last)

    def hide_columns(self, first: int, last: int) -> None:
        _add(self.columns, first, last)


def _add(ranges: list[Range], first: int, last: int) -> None:
    if ranges and ranges[-1][1] + 1 == first:
        ranges[-1] = (ranges[-1][0], last)
    else:
        ranges.append((first, last))
    if len(ranges) > MAX_HIDDEN_RANGES:
        raise FileRefused("too_many_rows")


class HiddenScan:
    """Notes what the elements of one XML part hide: a worksheet of .xlsx, or all tables of .ods.

    Attributes:
        tables: what each table hides, by its name; a worksheet of .xlsx is the table "".
        sheet_ids: name of a sheet to the id of its part. targets: id of a part to its path.
    """

    def __init__(self) -> None:
        self.tables: dict[str, HiddenParts] = {"": HiddenParts()}
        self.sheet_ids: dict[str, str] = {}
        self.targets: dict[str, str] = {}
        self._table = self.tables[""]
        self._rows_before = self._columns = 0

    def element(self, local: str, attributes: Mapping[str, str], *, row: int, repeated: int) -> None:
        """Look at one element; `row` is the last row it covers, from 1, `repeated` how many it stands for."""
        if local == "row":
            if _is_hidden(attributes, size="ht"):
                self._table.hide_rows(row - 1, row - 1)
        elif local == "col":
            if _is_hidden(attributes, size="width"):
                first, last = (_index(attributes.get(edge, "")) for edge in ("min", "max"))
                self._table.hide_columns(first, last)
        elif local == "table":
            self._begin_table(attributes, row)
        elif local == "table-row":
            if _is_collapsed(attributes):
                last = row - self._rows_before - 1
                self._table.hide_rows(last - repeated + 1, last)
        elif local == "table-column":
            if _is_collapsed(attributes):
                self._table.hide_columns(self._columns, self._columns + repeated - 1)
            self._columns += repeated
        elif local == "sheet":
            part = next((value for name, value in attributes.items() if name.endswith("}id")), "")
            self.sheet_ids[attributes.get("name", "")] = part
        elif local == "Relationship":
            self.targets[attributes.get("Id", "")] = attributes.get("Target", "")

    def _begin_table(self, attributes: Mapping[str, str], row: int) -> None:
        name = next((value for key, value in attributes.items() if key.endswith("}name")), "")
        self._table = self.tables.setdefault(name, HiddenParts())
        self._rows_before, self._columns = row, 0


def parts_of_sheets(scans: Mapping[str, HiddenScan]) -> dict[str, str]:
    """Return the path of the part of each sheet of an .xlsx, by the sheet's name; `scans` by such paths."""
    book, relations = (scans.get(f"xl/{name}") for name in ("workbook.xml", "_rels/workbook.xml.rels"))
    if book is None or relations is None:
        return {}
    paths: dict[str, str] = {}
    for name, part in book.sheet_ids.items():
        path = posixpath.normpath(posixpath.join("/xl", relations.targets.get(part, ""))).lstrip("/")
        if path in scans:
            paths[name] = path
    return paths


def _is_hidden(attributes: Mapping[str, str], *, size: str) -> bool:
    if attributes.get("hidden", "0") in ("1", "true", "on"):
        return True
    written = attributes.get(size, "")
    return bool(written) and not written.strip("0.")


def _is_collapsed(attributes: Mapping[str, str]) -> bool:
    return any(
        name.endswith("}visibility") and value in ("collapse", "filter") for name, value in attributes.items()
    )


def _index(number: str) -> int:
    return max(0, int(number) - 1) if number.isascii() and number.isdigit() and len(number) < 9 else 0


def within(ranges: list[Range], first: int, last: int) -> list[int]:
    """Return the indexes between `first` and `last`, both included, that the ranges name."""
    found: set[int] = set()
    for begin, end in ranges:
        found.update(range(max(begin, first), min(end, last) + 1))
    return sorted(found)
