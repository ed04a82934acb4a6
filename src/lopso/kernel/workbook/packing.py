"""A parsed list as JSON, to hand from process to process and to store while it waits."""

import dataclasses
import json
from collections.abc import Callable
from typing import Any, TypeVar

from lopso.kernel.workbook.columns import ListColumn
from lopso.kernel.workbook.results import Doubt, DoubtfulRow, DraftRow, ParsedList, SheetSummary

T = TypeVar("T")


def packed(parsed: ParsedList[Any]) -> dict[str, Any]:
    """Return a JSON object for a list; `unpacked` makes the list of it again."""
    kept = {
        "header": list(parsed.header),
        "columns": [dataclasses.asdict(column) for column in parsed.columns],
        "sheets": [dataclasses.asdict(each) for each in parsed.sheets],
        "good": [dataclasses.asdict(row) for row in parsed.good],
        "repeated": parsed.repeated,
        "doubtful": [dataclasses.asdict(row) for row in parsed.doubtful],
    }
    return json.loads(json.dumps(kept, default=str))  # clock times as text


def unpacked(kept: dict[str, Any], from_json: Callable[[dict[str, Any]], T]) -> ParsedList[T]:
    """Return the list; `from_json` makes a draft of its JSON form.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: it was written in another form.
    """
    return ParsedList(
        header=kept["header"],
        columns=[_column(column) for column in kept["columns"]],
        sheets=[_sheet(each) for each in kept["sheets"]],
        good=[_draft_row(row, from_json) for row in kept["good"]],
        repeated=kept["repeated"],
        doubtful=[doubtful_row(row) for row in kept["doubtful"]],
    )


def _column(kept: dict[str, Any]) -> ListColumn:
    values: dict[str, Any] = {**kept, "samples": tuple(kept["samples"])}
    return ListColumn(**values)


def _sheet(kept: dict[str, Any]) -> SheetSummary:
    values: dict[str, Any] = {**kept, "left_out": tuple(kept["left_out"])}
    return SheetSummary(**values)


def _draft_row(row: dict[str, Any], from_json: Callable[[dict[str, Any]], T]) -> DraftRow[T]:
    return DraftRow(
        row["sheet"], row["row"], from_json(row["draft"]), tuple(row["cells"]), tuple(row["notes"])
    )


def doubtful_row(row: dict[str, Any]) -> DoubtfulRow:
    """Return a doubtful row of what `dataclasses.asdict` and JSON made of it."""
    return DoubtfulRow(
        row["sheet"], row["row"], tuple(row["cells"]), tuple(Doubt(**doubt) for doubt in row["doubts"])
    )
