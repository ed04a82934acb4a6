"""The cheapest plan of a week: linear programming with rows and columns added as they are needed.

Most candidates never come near a place: only the cheapest few of each opening enter the programme first,
others when its prices say that they would make it cheaper. Rows that forbid clashes are added for people who
would be in two places at once. Its optimum is a bound for every plan; what is fractional in it, which is
little, is settled by branch and bound among the candidates that the bound leaves in question.
"""

from time import monotonic

import numpy as np

from staffing.rules.week_plan.checking import cost_of
from staffing.rules.week_plan.greedy import greedy
from staffing.rules.week_plan.problem import Floats, Ints, WeekProblem, WeekSolution
from staffing.rules.week_plan.programme import TOLERANCE, LinearProgramme

FIRST_OF_OPENING = 8
ADDED_TO_OPENING = 10


def solve(problem: WeekProblem, *, nearness: float = 0.005, seconds: float = 20.0) -> WeekSolution:
    """The best plan that was found, and a bound for every other.

    Args:
        nearness: share of the avoidable cost by which the plan may miss the bound; 0 asks for the best.
        seconds: after which the best plan so far is returned, with the bound proven so far.
    """
    search = _Search(problem, nearness, monotonic() + seconds)
    search.propose(greedy(problem))
    search.relax()
    search.branch()
    return WeekSolution(tuple(search.best), search.cost, search.bound, search.near_enough)


class _Search:
    """The best plan and the best bound so far."""

    def __init__(self, problem: WeekProblem, nearness: float, until: float) -> None:
        self.problem = problem
        self.nearness = nearness
        self.until = until
        self.best: list[int] = []
        self.cost = cost_of(problem, [])
        self.bound = 0.0
        self.programme = LinearProgramme(problem)

    @property
    def near_enough(self) -> bool:
        """Whether the best plan is as near to the bound as was asked for."""
        return self.cost - self.bound <= self.allowed

    @property
    def allowed(self) -> float:
        """How far the best plan may lie above the bound; costs are whole, so less than one is nothing."""
        return max(self.nearness * (self.cost - self.problem.unavoidable), 1 - TOLERANCE)

    @property
    def left(self) -> float:
        """Seconds."""
        return self.until - monotonic()

    def propose(self, plan: list[int]) -> None:
        """Keep `plan` if it is cheaper than the best."""
        cost = cost_of(self.problem, plan)
        if cost < self.cost:
            self.best, self.cost = plan, cost

    def relax(self) -> None:
        """Bring the bound up to the optimum without whole shares, and take the plan nearest to it."""
        programme, problem = self.programme, self.problem
        programme.add_candidates(
            _cheapest(problem, problem.cost + _fairness_at_least(problem), FIRST_OF_OPENING)
        )
        while self.left > 0:
            optimum = programme.solve()
            reduced = programme.reduced_costs()
            self.bound = max(
                self.bound, optimum + _missed(problem, np.where(programme.has_column, 0.0, reduced))
            )
            if self._grow(reduced):
                continue
            self.propose(greedy(problem, _by_share(programme)))
            return

    def _grow(self, reduced: Floats) -> bool:
        """Add what the optimum lacks; whether there was anything."""
        programme = self.programme
        useful = np.where((reduced < -TOLERANCE) & ~programme.has_column, reduced, np.inf)
        wanted = _cheapest(self.problem, useful, ADDED_TO_OPENING)
        if len(wanted):
            programme.add_candidates(wanted)
            return True
        in_two_places = _in_two_places(programme)
        if len(in_two_places):
            programme.add_cliques(in_two_places)
            return True
        return False

    def branch(self) -> None:
        """Look for a plan with whole shares among the candidates who could be part of a better one."""
        if self.near_enough or self.left <= 0:
            return
        programme, to_beat = self.programme, self.cost
        in_question = programme.reduced_costs() <= to_beat - self.bound
        programme.add_candidates((in_question & ~programme.has_column).nonzero()[0])
        while self.left > 0:
            found, bound = programme.solve_whole(self.left, self.allowed)
            self.bound = max(self.bound, min(to_beat, bound))
            if not found:
                return
            self.propose(greedy(self.problem, _by_share(programme)))
            in_two_places = _in_two_places(programme)
            if not len(in_two_places):
                return
            programme.add_cliques(in_two_places)


def _cheapest(problem: WeekProblem, prices: Floats, number: int) -> Ints:
    """The `number` candidates of each opening with the lowest finite prices."""
    order = np.lexsort((prices, problem.where))
    openings = problem.where[order]
    first = np.searchsorted(openings, openings)
    rank = np.arange(len(order)) - first
    return np.sort(order[(rank < number) & np.isfinite(prices[order])])


def _fairness_at_least(problem: WeekProblem) -> Floats:
    """What each candidate's first meeting costs for the person's load."""
    loads = np.array([each.load for each in problem.people], np.float64)
    return problem.fairness * (2 * loads[problem.who] + 1)


def _missed(problem: WeekProblem, reduced: Floats) -> float:
    """How far the optimum with the present columns may lie above that with all: at most 0."""
    lowest = np.zeros(len(problem.openings))
    np.minimum.at(lowest, problem.where, reduced)
    return float(sum(least * each.places for least, each in zip(lowest, problem.openings, strict=True)))


def _by_share(programme: LinearProgramme) -> list[int]:
    """Candidates with a share in the last solution, the largest first."""
    shares = programme.shares()
    order = np.argsort(-shares, kind="stable")
    return [int(programme.added[each]) for each in order if shares[each] > TOLERANCE]


def _in_two_places(programme: LinearProgramme) -> Ints:
    """People who have shares in meetings in conflict, and no rows yet that forbid it."""
    problem = programme.problem
    chosen = programme.added[programme.shares() > TOLERANCE]
    chosen = np.sort(chosen[~programme.has_cliques[problem.who[chosen]]])
    starts = np.diff(problem.who[chosen], prepend=-1).nonzero()[0]
    found: list[int] = []
    for own in np.split(chosen, starts)[1:]:
        meetings = problem.meeting[own]
        if np.triu(problem.in_conflict[np.ix_(meetings, meetings)], 1).any():
            found.append(int(problem.who[own[0]]))
    return np.array(found, np.int64)
