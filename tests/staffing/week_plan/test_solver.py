"""The best plan of small weeks, compared with all plans there are."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from staffing.rules.week_plan.checking import BrokenPlan, cost_of
from staffing.rules.week_plan.greedy import greedy
from staffing.rules.week_plan.problem import Opening, Person, WeekProblem
from staffing.rules.week_plan.solver import solve

MOST_CANDIDATES = 8


@st.composite
def small_weeks(draw: st.DrawFn) -> WeekProblem:
    """Up to 4 meetings, 6 openings, 4 people and 8 candidates; few values of cost, so that many are equal."""
    meetings = draw(st.integers(1, 4))
    openings = draw(
        st.lists(
            st.builds(
                Opening,
                meeting=st.integers(0, meetings - 1),
                places=st.integers(1, 3),
                empty_cost=st.sampled_from([0, 5, 30, 300]),
            ),
            min_size=1,
            max_size=6,
        )
    )
    people = draw(st.lists(st.builds(Person, st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=4))
    pairs = [(person, opening) for person in range(len(people)) for opening in range(len(openings))]
    chosen = sorted(draw(st.sets(st.sampled_from(pairs), max_size=MOST_CANDIDATES)))
    clashes = np.zeros((meetings, meetings), np.bool_)
    for one, other in combinations(range(meetings), 2):
        clashes[one, other] = clashes[other, one] = draw(st.booleans())
    costs = draw(st.lists(st.sampled_from([0, 1, 4, 20]), min_size=len(chosen), max_size=len(chosen)))
    return WeekProblem(
        openings=openings,
        people=people,
        clashes=clashes,
        who=np.array([person for person, _opening in chosen], np.int64),
        where=np.array([opening for _person, opening in chosen], np.int64),
        cost=np.array(costs, np.int64),
        fairness=draw(st.sampled_from([0, 1, 3])),
    )


def cheapest(problem: WeekProblem) -> int:
    """By trying every set of candidates."""
    costs: list[int] = []
    everybody = range(len(problem.who))
    for number in range(len(everybody) + 1):
        for plan in combinations(everybody, number):
            try:
                costs.append(cost_of(problem, plan))
            except BrokenPlan:
                continue
    return min(costs)


@given(small_weeks())
def test_solver_finds_the_cheapest_of_all_plans(problem: WeekProblem):
    solution = solve(problem, nearness=0)

    best = cheapest(problem)
    assert solution.finished
    assert solution.cost == cost_of(problem, solution.chosen) == best
    assert solution.bound <= best + 1e-6
    assert problem.unavoidable <= best


@given(small_weeks())
def test_greedy_plan_keeps_the_rules_and_is_never_below_the_bound(problem: WeekProblem):
    plan = greedy(problem)

    assert cost_of(problem, plan) >= solve(problem).bound - 1e-6


@given(small_weeks())
def test_bound_holds_when_time_runs_out_at_once(problem: WeekProblem):
    solution = solve(problem, seconds=0)

    assert solution.cost == cost_of(problem, greedy(problem))
    assert solution.bound <= cheapest(problem)


def week_of_two(*, clash: bool = False, most: int = 2) -> WeekProblem:
    """Two meetings with one place each, and one person for both."""
    return WeekProblem(
        openings=[Opening(0, 1, 100), Opening(1, 1, 100)],
        people=[Person(0, most)],
        clashes=np.array([[False, clash], [clash, False]]),
        who=np.array([0, 0]),
        where=np.array([0, 1]),
        cost=np.array([1, 2]),
        fairness=1,
    )


def test_cost_counts_places_people_and_load():
    assert cost_of(week_of_two(), []) == 200
    assert cost_of(week_of_two(), [1]) == 100 + 2 + 1
    assert cost_of(week_of_two(), [0, 1]) == 1 + 2 + 1 + 3


@pytest.mark.parametrize(
    ("problem", "plan"),
    [
        pytest.param(week_of_two(clash=True), [0, 1], id="two places at once"),
        pytest.param(week_of_two(most=1), [0, 1], id="more than allowed"),
        pytest.param(week_of_two(), [0, 0], id="more people than places"),
    ],
)
def test_broken_plan_is_refused(problem: WeekProblem, plan: list[int]):
    with pytest.raises(BrokenPlan):
        cost_of(problem, plan)


def test_each_clash_lies_in_a_clique():
    """Three meetings in a row of which the middle one meets both others."""
    problem = WeekProblem(
        openings=[Opening(meeting, 1, 100) for meeting in range(3)],
        people=[Person(0, 3)],
        clashes=np.array([[False, True, False], [True, False, True], [False, True, False]]),
        who=np.zeros(3, np.int64),
        where=np.arange(3),
        cost=np.array([5, 0, 5]),
        fairness=0,
    )

    assert solve(problem, nearness=0).chosen == (0, 2)


def test_best_plan_is_proven_where_shares_cannot_be_whole():
    """Five meetings in a ring, each at the time of the next: the relaxed optimum gives each a half."""
    ring = np.zeros((5, 5), np.bool_)
    for meeting in range(5):
        ring[meeting, (meeting + 1) % 5] = ring[(meeting + 1) % 5, meeting] = True
    problem = WeekProblem(
        openings=[Opening(meeting, 1, 100) for meeting in range(5)],
        people=[Person(0, 5)],
        clashes=ring,
        who=np.zeros(5, np.int64),
        where=np.arange(5),
        cost=np.zeros(5, np.int64),
        fairness=0,
    )

    solution = solve(problem, nearness=0)

    assert (solution.cost, solution.bound, solution.finished) == (300, 300, True)


def test_solver_writes_nothing(capfd: pytest.CaptureFixture[str]):
    solve(week_of_two())

    assert capfd.readouterr() == ("", "")
