"""What is left of a plan sheet when its ready rows are planned."""

from collections.abc import Sequence
from typing import Any

from lopso.kernel.workbook.staging import StagedImport
from plan_sheets.rules.decided_rows import DecidedRow


def keep_remaining(staged: StagedImport, rows: Sequence[DecidedRow]) -> None:
    """Let only the rows that wait for a person stay, with their answers. Does not commit."""
    waiting = {(each.found.file.sheet, each.found.file.number): each for each in rows if each.waits}
    kept: list[dict[str, Any]] = []
    for written in staged.parsed["good"]:
        row = waiting.get((written["sheet"], written["row"]))
        if row is not None:
            texts = dict(row.found.file.row.texts)  # with the course of the row above, which goes now
            kept.append({**written, "draft": {**written["draft"], "texts": texts}})
    staged.parsed = {**staged.parsed, "good": kept, "repeated": 0}
