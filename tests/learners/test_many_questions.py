"""A list in which every row may be somebody known: work grows with its rows, not with their square."""

from dataclasses import replace
from typing import Any

import pytest

from learners.importing.drafts import LearnerDraft
from learners.importing.registrations import REGISTRATIONS
from lopso.kernel.workbook.matching import KnownRecord
from lopso.kernel.workbook.record_matching import match_rows
from lopso.kernel.workbook.results import DraftRow, ParsedList, SheetSummary
from venues.rules import NeighbourhoodName

ROWS = 300
GROUP = NeighbourhoodName("TDP 1", "tdp 1")


def draft(number: int) -> LearnerDraft:
    return LearnerDraft(
        full_name=f"Lê Thị {number}",
        birth_year=1950,
        phone=f"+849768{number:05}",
        phone_kind="mobile",
        neighbourhood=GROUP,
    )


def test_each_row_with_a_question_is_named_a_few_times_only(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [DraftRow("A", number + 2, draft(number), ()) for number in range(ROWS)]
    known = {
        REGISTRATIONS.key(row.draft): [KnownRecord(row.row, replace(row.draft, phone=f"+849769{row.row:05}"))]
        for row in rows
    }
    sheet = SheetSummary("A", header_row=1, rows=ROWS, skipped=0, left_out=(), font=None)
    parsed = ParsedList[LearnerDraft](header=[], columns=[], sheets=[sheet], good=rows)
    named: list[object] = []
    reference = ParsedList[LearnerDraft].reference

    def counted(self: ParsedList[Any], row: Any) -> str:
        named.append(row)
        return reference(self, row)

    monkeypatch.setattr(ParsedList, "reference", counted)

    assert len(match_rows(REGISTRATIONS, parsed, known, {}).questions) == ROWS
    assert len(named) <= 3 * ROWS
