"""A parsed list as JSON, to hand from process to process and to store while it waits."""

import dataclasses
import json
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from lopso.kernel.workbook.columns import ListColumn
from lopso.kernel.workbook.outlines import SheetOutline
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
        "hidden_sheets": parsed.hidden_sheets,
        "hidden_taken": parsed.hidden_taken,
        "other_kind": parsed.other_kind,
        "no_list": parsed.no_list,
        "outlines": msgspec.to_builtins(parsed.outlines),
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
        doubtful=[doubtful_row(row, from_json) for row in kept["doubtful"]],
        # Release 0.1.0 wrote none of these.
        hidden_sheets=tuple(kept.get("hidden_sheets", ())),
        hidden_taken=kept.get("hidden_taken", False),
        other_kind=kept.get("other_kind", ""),
        no_list=kept.get("no_list", ""),
        outlines=msgspec.convert(kept.get("outlines", ()), tuple[SheetOutline, ...]),
    )


def _column(kept: dict[str, Any]) -> ListColumn:
    values: dict[str, Any] = {**kept, "samples": tuple(kept["samples"])}
    return ListColumn(**values)


def _sheet(kept: dict[str, Any]) -> SheetSummary:
    tuples = {name: tuple(kept.get(name, ())) for name in ("left_out", "hidden_columns")}
    values: dict[str, Any] = {**kept, **tuples}
    return SheetSummary(**values)


def _draft_row(row: dict[str, Any], from_json: Callable[[dict[str, Any]], T]) -> DraftRow[T]:
    values: dict[str, Any] = {
        **row,
        "draft": from_json(row["draft"]),
        "cells": tuple(row["cells"]),
        "notes": tuple(row["notes"]),
    }
    return DraftRow(**values)


def doubtful_row(
    row: dict[str, Any], from_json: Callable[[dict[str, Any]], Any] = lambda kept: kept
) -> DoubtfulRow:
    """Return a doubtful row of what `dataclasses.asdict` and JSON made of it."""
    draft = row.get("draft")
    values: dict[str, Any] = {
        **row,
        "cells": tuple(row["cells"]),
        "doubts": tuple(Doubt(**doubt) for doubt in row["doubts"]),
        "draft": from_json(draft) if draft is not None else None,
    }
    return DoubtfulRow(**values)
