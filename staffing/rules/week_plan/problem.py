"""A week of open places and the people who could take them, as arrays."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Opening:
    """The free places of one role in one meeting.

    Attributes:
        meeting: index of the meeting.
        places: how many people are wanted.
        empty_cost: of each place that stays free.
    """

    meeting: int
    places: int
    empty_cost: int


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can be asked.

    Attributes:
        load: meetings already held or taken, which fairness counts; at least 0.
        most: how many more the week may bring.
    """

    load: int
    most: int


@dataclass(frozen=True)
class WeekProblem:
    """What a plan is made from.

    Attributes:
        clashes: symmetric, meetings × meetings: one person cannot be in both (travel included).
        who: person of each candidate, ascending.
        where: opening of each candidate; a person is a candidate for an opening at most once.
        cost: of each candidate, at least 0.
        fairness: the k-th meeting of a person whose load was h costs `fairness * (2 * (h + k) - 1)`:
            what the square of the load grows by.
    """

    openings: Sequence[Opening]
    people: Sequence[Person]
    clashes: Flags
    who: Ints
    where: Ints
    cost: Ints
    fairness: int

    @cached_property
    def meeting(self) -> Ints:
        """Meeting of each candidate."""
        return self.meeting_of_opening[self.where]

    @cached_property
    def meeting_of_opening(self) -> Ints:
        """Meeting of each opening."""
        return np.array([each.meeting for each in self.openings], np.int64)

    @cached_property
    def in_conflict(self) -> Flags:
        """`clashes`, and each meeting with itself: nobody has two roles in one."""
        return self.clashes | np.eye(len(self.clashes), dtype=np.bool_)

    @cached_property
    def unavoidable(self) -> int:
        """Cost of the places for which there are not candidates enough, whatever is planned."""
        candidates = np.bincount(self.where, minlength=len(self.openings))
        return sum(
            max(0, each.places - int(number)) * each.empty_cost
            for each, number in zip(self.openings, candidates, strict=True)
        )

    def candidates_of(self, person: int) -> slice:
        """Where the candidates of one person stand."""
        first, last = np.searchsorted(self.who, (person, person + 1))
        return slice(int(first), int(last))


@dataclass(frozen=True, slots=True)
class WeekSolution:
    """A plan and how good it is.

    Attributes:
        chosen: indices of the candidates who get a place, ascending.
        cost: of the plan.
        bound: no plan costs less.
        finished: whether the wanted nearness was proven before time ran out.
    """

    chosen: tuple[int, ...]
    cost: int
    bound: float
    finished: bool
