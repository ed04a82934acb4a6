"""A plan that takes the cheapest next place each time: quick, and never far from sensible."""

from collections import defaultdict
from collections.abc import Sequence
from heapq import heapify, heappop, heappush

from staffing.rules.week_plan.problem import WeekProblem


class PartialPlan:
    """Places given so far; refuses what breaks a rule."""

    def __init__(self, problem: WeekProblem) -> None:
        self.problem = problem
        self.chosen: list[int] = []
        self._free = [each.places for each in problem.openings]
        self._meetings: defaultdict[int, list[int]] = defaultdict(list)

    def can_take(self, candidate: int) -> bool:
        """Whether there is a place, and the person has time and is asked for no more than allowed."""
        problem = self.problem
        person, opening = int(problem.who[candidate]), int(problem.where[candidate])
        held = self._meetings[person]
        return (
            self._free[opening] > 0
            and len(held) < problem.people[person].most
            and not problem.in_conflict[problem.meeting[candidate], held].any()
        )

    def take(self, candidate: int) -> None:
        """Give the place; `can_take` must hold."""
        self.chosen.append(candidate)
        self._free[self.problem.where[candidate]] -= 1
        self._meetings[int(self.problem.who[candidate])].append(int(self.problem.meeting[candidate]))

    def price(self, candidate: int) -> int:
        """What the plan's cost would change by."""
        problem = self.problem
        person, opening = int(problem.who[candidate]), int(problem.where[candidate])
        load = problem.people[person].load + len(self._meetings[person])
        fairness = problem.fairness * (2 * load + 1)
        return int(problem.cost[candidate]) + fairness - problem.openings[opening].empty_cost


def greedy(problem: WeekProblem, first: Sequence[int] = ()) -> list[int]:
    """Indices of the chosen candidates, ascending.

    Args:
        first: candidates who get their places before all others, in this order, where the rules allow it.
    """
    plan = PartialPlan(problem)
    for each in first:
        if plan.can_take(each):
            plan.take(each)
    waiting = [(plan.price(each), each) for each in range(len(problem.who))]
    heapify(waiting)
    while waiting and waiting[0][0] < 0:
        price, candidate = heappop(waiting)
        if not plan.can_take(candidate):
            continue
        now = plan.price(candidate)  # it only rises, with the person's load
        if now > price:
            heappush(waiting, (now, candidate))
        else:
            plan.take(candidate)
    return sorted(plan.chosen)
