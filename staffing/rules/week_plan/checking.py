"""Whether a plan keeps the rules, and what it costs: counted from the rules alone, without the solver."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import combinations

from staffing.rules.week_plan.problem import WeekProblem


class BrokenPlan(ValueError):
    """A plan that asks the impossible of somebody."""


def cost_of(problem: WeekProblem, chosen: Sequence[int]) -> int:
    """What a plan costs.

    Args:
        chosen: indices of candidates.

    Raises:
        BrokenPlan: somebody has more meetings than is allowed or has to be in two places at once; or an
            opening gets more people than it wants.
    """
    taken = Counter(int(problem.where[each]) for each in chosen)
    for number, opening in enumerate(problem.openings):
        if taken[number] > opening.places:
            raise BrokenPlan(f"opening {number} has {taken[number]} people for {opening.places} places")
    empty = sum(
        (opening.places - taken[number]) * opening.empty_cost
        for number, opening in enumerate(problem.openings)
    )
    return empty + sum(int(problem.cost[each]) for each in chosen) + _cost_of_loads(problem, chosen)


def _cost_of_loads(problem: WeekProblem, chosen: Sequence[int]) -> int:
    meetings: defaultdict[int, list[int]] = defaultdict(list)
    for each in chosen:
        meetings[int(problem.who[each])].append(int(problem.meeting[each]))
    cost = 0
    for person, held in meetings.items():
        facts = problem.people[person]
        if len(held) > facts.most:
            raise BrokenPlan(f"person {person} has {len(held)} meetings, at most {facts.most} are allowed")
        for one, other in combinations(held, 2):
            if one == other or problem.clashes[one, other]:
                raise BrokenPlan(f"person {person} has to be in meetings {one} and {other} at once")
        cost += sum(problem.fairness * (2 * (facts.load + k) - 1) for k in range(1, len(held) + 1))
    return cost
