"""The week plan of a ward, a city, a province and a nation: seconds, proof, greedy beside it.

Each plan is judged again by `checking`, which knows the rules and not the solver. The goal for a city: at
most `GAP` per cent of the avoidable cost above the proven bound, in `SECONDS`. `--nation` adds the nation,
province by province (minutes).
"""

import argparse
import json
import resource
import sys
from collections.abc import Sequence
from time import perf_counter
from typing import Any

from benchmarks.generated_weeks import CITY, NATION, PROVINCE, WARD, Size, generated_week
from staffing.rules.week_plan.checking import cost_of
from staffing.rules.week_plan.greedy import greedy
from staffing.rules.week_plan.problem import WeekProblem, WeekSolution
from staffing.rules.week_plan.solver import solve

GAP = 0.5  # per cent
SECONDS = 5.0
WARD_SECONDS = 0.5
NATION_SECONDS, NATION_GAP = 300.0, 1.0
SEEDS = range(1, 6)


def solved(problem: WeekProblem, seconds: float) -> tuple[WeekSolution, float]:
    """The plan, judged again, and the seconds it took."""
    start = perf_counter()
    solution = solve(problem, nearness=GAP / 100, seconds=seconds)
    took = perf_counter() - start
    assert cost_of(problem, solution.chosen) == solution.cost
    return solution, took


def above(cost: float, bound: float, problem: WeekProblem) -> float:
    """Per cent of the avoidable cost by which `cost` is above the bound."""
    return round(100 * (cost - bound) / max(1.0, cost - problem.unavoidable), 3)


def measure(name: str, size: Size, seed: int, *, seconds: float, gap: float | None) -> dict[str, Any]:
    """One line of JSON; without a `gap` it is only reported."""
    problem = generated_week(size, seed)
    solution, took = solved(problem, seconds)
    found = above(solution.cost, solution.bound, problem)
    return {
        "measure": f"week plan, {name}",
        "seed": seed,
        "candidates": len(problem.who),
        "seconds": round(took, 2),
        "goal_seconds": seconds,
        "gap_percent": found,
        "greedy_percent": above(cost_of(problem, greedy(problem)), solution.bound, problem),
        "goal_percent": gap,
        "ok": gap is None or (found <= gap and took <= seconds),
    }


def measure_nation() -> dict[str, Any]:
    """Nobody travels between provinces, so each is a problem of its own."""
    took = cost = bound = unavoidable = 0.0
    for seed, size in enumerate(NATION):
        problem = generated_week(size, seed)
        solution, seconds = solved(problem, NATION_SECONDS)
        took += seconds
        cost += solution.cost
        bound += solution.bound
        unavoidable += problem.unavoidable
    gap = 100 * (cost - bound) / (cost - unavoidable)
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {
        "measure": "week plan, nation",
        "provinces": len(NATION),
        "seconds": round(took, 1),
        "gap_percent": round(gap, 3),
        "most_memory_mib": megabytes,
        "ok": took <= NATION_SECONDS and gap <= NATION_GAP and megabytes <= 1024,
    }


def measures(nation: bool) -> Sequence[dict[str, Any]]:
    """All of them, the small first."""
    return [
        measure("ward", WARD, 1, seconds=WARD_SECONDS, gap=GAP),
        *(measure("city", CITY, seed, seconds=SECONDS, gap=GAP) for seed in SEEDS),
        measure("province", PROVINCE, 1, seconds=60.0, gap=None),
        *([measure_nation()] if nation else []),
    ]


def main() -> int:
    """Print lines of JSON; 0 when the goals are met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nation", action="store_true")
    results = measures(parser.parse_args().nation)
    for each in results:
        print(json.dumps(each))
    return 0 if all(each["ok"] for each in results) else 1


if __name__ == "__main__":
    sys.exit(main())
