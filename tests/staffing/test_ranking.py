"""Ranking many helpers for many sessions gives the order of weighing each of them alone."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from scheduling.rules.commitments import AssignmentRole, Commitment
from staffing.rules.ranking import HelperRanking
from staffing.rules.suitability import (
    ActivePeriod,
    AvailableHours,
    CandidateFacts,
    StaffingDemand,
    rank,
    suitability_of,
)
from tests.factories import NOON

BEST = 3
HOURS = st.integers(0, 200).map(lambda hour: NOON + timedelta(hours=hour))
DAYS = st.integers(-2, 10).map(lambda day: date(2026, 11, 23) + timedelta(days=day))
SKILLS = st.frozensets(st.integers(1, 3))
ROLES: tuple[AssignmentRole, ...] = ("trainer", "helper")


@st.composite
def commitments(draw: st.DrawFn) -> Commitment:
    starts_at = draw(HOURS)
    return Commitment(
        99, "19753", "Lớp khác", starts_at, starts_at + timedelta(hours=draw(st.integers(1, 5)))
    )


@st.composite
def periods(draw: st.DrawFn) -> ActivePeriod:
    first, last = sorted((draw(DAYS), draw(DAYS)))
    return ActivePeriod(draw(st.sampled_from((first, None))), draw(st.sampled_from((last, None))))


@st.composite
def weekly_hours(draw: st.DrawFn) -> AvailableHours:
    since = draw(st.integers(0, 21))
    return AvailableHours(draw(st.integers(0, 6)), time(since), time(draw(st.integers(since + 1, 23))))


@st.composite
def helpers(draw: st.DrawFn) -> Mapping[int, CandidateFacts]:
    return {
        one: CandidateFacts(
            trainer_id=one,
            sort_key=draw(st.sampled_from(("an", "binh"))),
            near=draw(st.booleans()),
            teaches_all=draw(st.booleans()),
            skills=draw(SKILLS),
            hours=tuple(draw(st.lists(weekly_hours(), max_size=8))),
            periods=tuple(draw(st.lists(periods(), max_size=2))),
            commitments=tuple(draw(st.lists(commitments(), max_size=3))),
            declined=False,
            absences=tuple(draw(st.lists(periods(), max_size=1))),
        )
        for one in range(1, draw(st.integers(1, 8)) + 1)
    }


@st.composite
def demands(draw: st.DrawFn) -> StaffingDemand:
    starts_at = draw(HOURS)
    ends_at = starts_at + timedelta(hours=draw(st.integers(1, 4)))
    return StaffingDemand(draw(st.sampled_from(ROLES)), draw(SKILLS), starts_at, ends_at)


def weighed_alone(
    facts: Mapping[int, CandidateFacts],
    demand: StaffingDemand,
    declined: frozenset[int],
    presumed: Mapping[int, list[Commitment]],
) -> list[int]:
    """The best of those who can be asked, each weighed with what is presumed of them."""
    known = [replace(each, declined=one in declined) for one, each in facts.items()]
    askable = [each for each in known if suitability_of(demand, each).can_be_asked]
    ranked = rank(
        suitability_of(
            demand, replace(each, commitments=(*each.commitments, *presumed.get(each.trainer_id, ())))
        )
        for each in askable
    )
    return [each.facts.trainer_id for each in ranked][:BEST]


@given(
    facts=helpers(),
    places=st.lists(st.tuples(demands(), st.frozensets(st.integers(1, 8), max_size=2)), max_size=5),
)
def test_ranking_is_that_of_weighing_each_alone(
    facts: Mapping[int, CandidateFacts], places: list[tuple[StaffingDemand, frozenset[int]]]
) -> None:
    ranking = HelperRanking(facts)
    presumed: defaultdict[int, list[Commitment]] = defaultdict(list)
    for demand, declined in places:
        found = ranking.best(demand, BEST, declined=declined, left_out=())

        assert found == weighed_alone(facts, demand, declined, presumed)
        for one in found[:2]:
            held = Commitment(1, "19753", "Lớp này", demand.starts_at, demand.ends_at)
            presumed[one].append(held)
            ranking.presume(one, held)


@given(facts=helpers(), demand=demands(), left_out=st.frozensets(st.integers(1, 8)))
def test_ranking_leaves_out_whom_it_is_told(
    facts: Mapping[int, CandidateFacts], demand: StaffingDemand, left_out: frozenset[int]
) -> None:
    everybody = HelperRanking(facts).best(demand, 8, declined=frozenset(), left_out=())
    found = HelperRanking(facts).best(demand, 8, declined=frozenset(), left_out=left_out)

    assert found == [one for one in everybody if one not in left_out]
