"""Property of every list: nobody is saved who is not in the truth, no damage passes, rows add up."""

from datetime import date
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learners.importing.drafts import read_learner_row
from learners.importing.registrations import REGISTRATIONS
from lopso.kernel.workbook.packing import packed
from lopso.kernel.workbook.parsing import parse_list
from lopso.kernel.workbook.results import ParsedList
from people.lists import RowContext
from tests.people.generated_lists import GeneratedList, generated
from tests.people.market_traders import TRADERS, read_trader_row
from trainers.importing.drafts import read_trainer_row
from trainers.importing.team_list import TEAM_LIST

CONTEXT = RowContext(date(2026, 11, 24), rural=False)
KINDS: dict[str, tuple[Any, Any]] = {
    "learners": (REGISTRATIONS, read_learner_row),
    "teams": (TEAM_LIST, read_trainer_row),
    "traders": (TRADERS, read_trader_row),
}
SEEDS = st.integers(0, 2**32)


def check(kind: str, seed: int) -> None:
    made = generated(seed)
    list_kind, read_row = KINDS[kind]
    parsed: ParsedList[Any] = parse_list([made.sheet], list_kind, partial(read_row, context=CONTEXT))

    nobody_else_is_read(parsed, made, has_years=kind == "learners")
    rows_add_up(parsed, made)
    kept = str(packed(parsed))
    assert "046160012345" not in kept
    assert "0071001234567" not in kept


def nobody_else_is_read(parsed: ParsedList[Any], made: GeneratedList, *, has_years: bool) -> None:
    names = {name.casefold(): name for name in [*made.truth, *made.damaged]}
    read = {row.draft.full_name.casefold() for row in parsed.good}
    assert {name.casefold() for name in made.truth if name not in made.hidden} <= read
    for row in parsed.good:
        name = names.get(row.draft.full_name.casefold())
        assert name is not None, row
        assert name not in made.hidden, row
        if name in made.truth:
            assert row.draft.phone == made.truth[name], row
        else:
            # A list that keeps no years does not need one.
            assert (made.damaged[name], has_years) == ("year", False), row


def rows_add_up(parsed: ParsedList[Any], made: GeneratedList) -> None:
    left_out = sum(sheet.skipped + sheet.hidden_rows for sheet in parsed.sheets)
    assert len(parsed.good) + parsed.repeated + len(parsed.doubtful) + left_out == made.body


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60)
@given(seed=SEEDS)
def test_generated_list_saves_only_what_is_true(kind: str, seed: int) -> None:
    check(kind, seed)


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=600)
@given(seed=SEEDS)
def test_many_generated_lists_save_only_what_is_true(kind: str, seed: int) -> None:
    check(kind, seed)
