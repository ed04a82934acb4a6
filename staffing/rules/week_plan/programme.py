"""The linear programme of a week, which grows by columns (candidates) and rows (clashes)."""

import highspy
import numpy as np

from staffing.rules.week_plan.cliques import cliques
from staffing.rules.week_plan.problem import Flags, Floats, Ints, WeekProblem

TOLERANCE = 1e-6


class _SilentHighs(highspy.Highs):
    """Writes nothing to standard output; the library greets as soon as its callbacks are enabled."""

    def enableCallbacks(self) -> None:
        self.silent()
        super().enableCallbacks()


class LinearProgramme:
    """Columns: empty places of each opening, meetings of each person by number, candidates as they are added.

    Rows: places of each opening, meetings of each person, cliques of the people they were asked for.
    """

    def __init__(self, problem: WeekProblem) -> None:
        self.problem = problem
        self.added: Ints = np.empty(0, np.int64)
        self.has_column: Flags = np.zeros(len(problem.who), np.bool_)
        self.has_cliques: Flags = np.zeros(len(problem.people), np.bool_)
        self._in_clique: Ints = np.empty(0, np.int64)
        self._row_of_clique: Ints = np.empty(0, np.int64)
        self._highs = _SilentHighs()
        self._start()

    def _start(self) -> None:
        openings, people = self.problem.openings, self.problem.people
        places = np.array([each.places for each in openings], np.float64)
        rows = np.concatenate((places, np.zeros(len(people))))
        self._add_rows(rows, rows, [np.empty(0, np.int64)] * len(rows))
        empty_cost = np.array([each.empty_cost for each in openings], np.float64)
        self._add_columns(empty_cost, places, np.arange(len(openings)), 1.0)
        steps = [(person, k) for person, each in enumerate(people) for k in range(1, each.most + 1)]
        costs = [self.problem.fairness * (2 * (people[person].load + k) - 1) for person, k in steps]
        rows_of = np.array([len(openings) + person for person, _k in steps], np.int64)
        self._add_columns(np.array(costs, np.float64), np.ones(len(steps)), rows_of, -1.0)
        self._fixed_columns = len(openings) + len(steps)

    def _add_rows(self, lower: Floats, upper: Floats, columns: list[Ints]) -> None:
        starts = np.cumsum([0, *(len(each) for each in columns[:-1])])
        index = np.concatenate(columns) if columns else np.empty(0, np.int64)
        self._highs.addRows(
            len(lower),
            lower,
            upper,
            len(index),
            starts.astype(np.int32),
            index.astype(np.int32),
            np.ones(len(index)),
        )

    def _add_columns(self, costs: Floats, upper: Floats, rows: Ints, value: float) -> None:
        """Columns with one entry each."""
        number = len(costs)
        self._highs.addCols(
            number,
            costs,
            np.zeros(number),
            upper,
            number,
            np.arange(number, dtype=np.int32),
            rows.astype(np.int32),
            np.full(number, value),
        )

    def add_candidates(self, wanted: Ints) -> None:
        """Columns for candidates that have none yet."""
        if not len(wanted):
            return
        problem = self.problem
        number = len(wanted)
        position = np.full(len(problem.who), -1, np.int64)
        position[wanted] = np.arange(number)
        in_clique = position[self._in_clique] >= 0
        columns = np.concatenate((np.tile(np.arange(number), 2), position[self._in_clique[in_clique]]))
        rows = np.concatenate(
            (
                problem.where[wanted],
                len(problem.openings) + problem.who[wanted],
                self._row_of_clique[in_clique],
            )
        )
        order = np.argsort(columns, kind="stable")
        starts = np.searchsorted(columns[order], np.arange(number))
        self._highs.addCols(
            number,
            problem.cost[wanted].astype(np.float64),
            np.zeros(number),
            np.ones(number),
            len(rows),
            starts.astype(np.int32),
            rows[order].astype(np.int32),
            np.ones(len(rows)),
        )
        self.added = np.concatenate((self.added, wanted))
        self.has_column[wanted] = True

    def add_cliques(self, people: Ints) -> None:
        """Forbid clashes to people who are not bound by such rows yet."""
        column_of = np.full(len(self.problem.who), -1, np.int64)
        column_of[self.added] = self._fixed_columns + np.arange(len(self.added))
        members = [each for person in people for each in self._cliques_of(int(person))]
        first_row = self._highs.getNumRow()
        self._in_clique = np.concatenate((self._in_clique, *members))
        rows = np.repeat(first_row + np.arange(len(members)), [len(each) for each in members])
        self._row_of_clique = np.concatenate((self._row_of_clique, rows))
        columns = [column_of[each] for each in members]
        number = len(members)
        self._add_rows(np.full(number, -np.inf), np.ones(number), [each[each >= 0] for each in columns])
        self.has_cliques[people] = True

    def _cliques_of(self, person: int) -> list[Ints]:
        """Candidates of each clique of the person's meetings."""
        own = self.problem.candidates_of(person)
        meetings = self.problem.meeting[own]
        return [
            own.start + np.isin(meetings, clique).nonzero()[0]
            for clique in cliques(self.problem.in_conflict, np.unique(meetings))
        ]

    def solve(self) -> float:
        """The optimum with the rows and columns there are."""
        self._highs.run()
        return float(self._highs.getInfo().objective_function_value)

    def reduced_costs(self) -> Floats:
        """Of every candidate, with a column or without, at the last optimum."""
        problem = self.problem
        dual = np.array(self._highs.getSolution().row_dual)
        reduced: Floats = (
            problem.cost.astype(np.float64) - dual[problem.where] - dual[len(problem.openings) + problem.who]
        )
        np.subtract.at(reduced, self._in_clique, dual[self._row_of_clique])
        return reduced

    def shares(self) -> Floats:
        """How much of its place each candidate of `added` gets in the last solution: 0 to 1."""
        return np.array(self._highs.getSolution().col_value)[self._fixed_columns :]

    def solve_whole(self, seconds: float, allowed: float) -> tuple[bool, float]:
        """Solve again with whole shares only.

        Args:
            seconds: at most.
            allowed: how far the solution may lie above the best.

        Returns:
            Whether there is a solution (time may have run out before any was found), and a bound for all with
            these rows and columns.
        """
        highs = self._highs
        columns = highs.getNumCol()
        whole = np.full(columns, int(highspy.HighsVarType.kInteger), np.uint8)
        highs.changeColsIntegrality(columns, np.arange(columns, dtype=np.int32), whole)
        highs.setOptionValue("mip_rel_gap", 0.0)
        highs.setOptionValue("mip_abs_gap", allowed)
        highs.setOptionValue("time_limit", highs.getRunTime() + seconds)
        highs.run()
        facts = highs.getInfo()
        found = facts.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        return bool(found), float(facts.mip_dual_bound)
