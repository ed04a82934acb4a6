"""Lists in which every row may be somebody known, or of one name: work grows with rows, not their square."""

from dataclasses import replace
from typing import Any

import pytest

from learners.importing.drafts import LearnerDraft
from learners.importing.registrations import REGISTRATIONS
from lopso.kernel.phone import display
from lopso.kernel.workbook.kinds import ListKind
from lopso.kernel.workbook.matching import KnownRecord, Match
from lopso.kernel.workbook.namesakes import Comparison
from lopso.kernel.workbook.parsing import parse_list
from lopso.kernel.workbook.reading import Sheet
from lopso.kernel.workbook.record_matching import match_rows
from lopso.kernel.workbook.results import DraftRow, ParsedList, SheetSummary
from people.identity import IdentityKeys, compare_people
from venues.rules import NeighbourhoodName

ROWS = 300
CONTEXT = {"today": "2026-11-23", "rural": False}
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


def counting(compared: list[IdentityKeys]) -> ListKind[LearnerDraft, IdentityKeys]:
    """The kind of list, which notes who is compared."""

    def match(one: IdentityKeys, two: IdentityKeys) -> Match:
        compared.append(two)
        return compare_people(one, two)

    return replace(REGISTRATIONS, compare=Comparison(match, REGISTRATIONS.compare.blocking_keys))


def namesake(number: int) -> LearnerDraft:
    """Of one name, in a year and a group in which many others are, with a phone of their own."""
    group = NeighbourhoodName(f"TDP {number % 7}", f"tdp {number % 7}")
    return replace(
        draft(number), full_name="Lê Thị Lan", birth_year=1940 + number // 7 % 50, neighbourhood=group
    )


def test_rows_of_one_name_are_compared_with_few_of_each_other() -> None:
    people = [namesake(number) for number in range(ROWS)]
    rows = [["Họ tên", "Năm sinh", "SĐT", "Tổ dân phố"]]
    rows += [
        [each.full_name, str(each.birth_year), display(each.phone or ""), each.neighbourhood.name]
        for each in people
        if each.neighbourhood
    ]
    compared: list[IdentityKeys] = []
    kind = counting(compared)

    parsed = parse_list([Sheet("A", True, 1, 1, rows)], kind, kind.row_reader(CONTEXT))

    assert len(parsed.good) == ROWS
    assert len(compared) <= ROWS


def test_rows_are_compared_with_few_records_of_their_name() -> None:
    rows = [DraftRow("A", number + 2, namesake(number), ()) for number in range(ROWS)]
    records = [KnownRecord(row.row, replace(row.draft, phone=f"+849769{row.row:05}")) for row in rows]
    sheet = SheetSummary("A", header_row=1, rows=ROWS, skipped=0, left_out=(), font=None)
    parsed = ParsedList[LearnerDraft](header=[], columns=[], sheets=[sheet], good=rows)
    compared: list[IdentityKeys] = []

    matched = match_rows(counting(compared), parsed, {REGISTRATIONS.key(rows[0].draft): records}, {})

    assert [len(each.candidates) for each in matched.questions] == [1] * ROWS
    assert len(compared) <= ROWS
