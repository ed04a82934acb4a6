"""Weeks of open places to plan, from a seed: wards with travel between them, sessions, volunteers.

Times are minutes from Monday 00:00. The same seed gives the same week.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from staffing.rules.week_plan.problem import Opening, Person, WeekProblem

EMPTY_LEADER, EMPTY_HELPER = 1000, 300
ANOTHER_LEADER = 20
FAIRNESS = 3
BETWEEN_SESSIONS = 10  # minutes beside the travel
TOPICS = 8
DAY = 24 * 60
BLOCKS = {"dawn": (270, 450), "morning": (450, 690), "afternoon": (810, 1035), "evening": (1035, 1290)}


@dataclass(frozen=True, slots=True)
class Size:
    """How large a week is."""

    wards: int
    sessions: int
    people: int


WARD = Size(1, 10, 30)
CITY = Size(40, 400, 1_200)
PROVINCE = Size(97, 970, 2_940)
NATION = [PROVINCE] * 34


@dataclass(frozen=True, slots=True)
class GeneratedSession:
    """One meeting and whom it needs."""

    ward: int
    starts: int
    ends: int
    topic: int
    helpers: int


@dataclass(frozen=True, slots=True)
class Volunteer:
    """Somebody with free hours, `(starts, ends)` each."""

    ward: int
    free: Sequence[tuple[int, int]]
    leads: frozenset[int]
    load: int
    most: int
    farthest: int


def generated_week(size: Size, seed: int) -> WeekProblem:
    """A problem of that size."""
    dice = random.Random(f"{size}-{seed}")
    travel = _travel(dice, size.wards)
    sessions = [_session(dice, number % size.wards) for number in range(size.sessions)]
    people = [_volunteer(dice, number % size.wards, size.wards) for number in range(size.people)]
    openings = [
        opening
        for number, each in enumerate(sessions)
        for opening in (Opening(number, 1, EMPTY_LEADER), Opening(number, each.helpers, EMPTY_HELPER))
    ]
    candidates = [
        (person, opening, cost)
        for person, volunteer in enumerate(people)
        for opening, cost in _costs(dice, volunteer, sessions, travel)
    ]
    who, where, cost = np.array(candidates, np.int64).reshape(-1, 3).T
    return WeekProblem(
        openings=openings,
        people=[Person(each.load, each.most) for each in people],
        clashes=_clashes(sessions, travel),
        who=who,
        where=where,
        cost=cost,
        fairness=FAIRNESS,
    )


def _travel(dice: random.Random, wards: int) -> Sequence[Sequence[int]]:
    """Minutes between wards: most are near the centre, some far away."""
    places: list[tuple[float, float]] = []
    for _ward in range(wards):
        distance, angle = (
            dice.choice([dice.uniform(0, 8), dice.uniform(0, 20), dice.uniform(10, 50)]),
            dice.random(),
        )
        places.append((distance * math.cos(math.tau * angle), distance * math.sin(math.tau * angle)))
    return [[0 if a is b else 5 + round(2.2 * math.dist(a, b)) for b in places] for a in places]


def _session(dice: random.Random, ward: int) -> GeneratedSession:
    block = dice.choices(list(BLOCKS), (10, 12, 12, 66))[0]
    day = dice.randrange(7) if block in {"dawn", "evening"} else dice.choice((1, 3, 5, 5, 6, 6))
    since, until = BLOCKS[block]
    minutes = dice.choice((75, 90, 90, 120))
    starts = day * DAY + dice.randrange(since, until - minutes + 1, 15)
    return GeneratedSession(
        ward, starts, starts + minutes, dice.randrange(TOPICS), dice.choices((1, 2, 3), (35, 45, 20))[0]
    )


def _volunteer(dice: random.Random, ward: int, wards: int) -> Volunteer:
    often = dice.choice((0.1, 0.2, 0.35))
    free = [
        (day * DAY + since, day * DAY + until)
        for day in range(7)
        for since, until in BLOCKS.values()
        if dice.random() < often * (1.5 if day >= 5 else 1)
    ]
    leads = (
        frozenset(dice.sample(range(TOPICS), dice.randint(2, 6)))
        if dice.random() < 0.25
        else frozenset[int]()
    )
    return Volunteer(
        ward=ward if dice.random() < 0.8 else dice.randrange(wards),
        free=free,
        leads=leads,
        load=dice.choice((0, 0, 1, 1, 2, 3)),
        most=dice.choices((1, 2, 3, 4), (30, 40, 20, 10))[0],
        farthest=dice.choice((0, 10, 15, 20, 30, 40)),
    )


def _costs(
    dice: random.Random,
    volunteer: Volunteer,
    sessions: Sequence[GeneratedSession],
    travel: Sequence[Sequence[int]],
) -> list[tuple[int, int]]:
    """The openings that suit somebody, each with its cost: travel, and a leader who is new there."""
    found: list[tuple[int, int]] = []
    for number, session in enumerate(sessions):
        minutes = travel[volunteer.ward][session.ward]
        if minutes > volunteer.farthest:
            continue
        if not any(since <= session.starts and session.ends <= until for since, until in volunteer.free):
            continue
        if session.topic in volunteer.leads:
            found.append((2 * number, minutes + (0 if dice.random() < 0.2 else ANOTHER_LEADER)))
        found.append((2 * number + 1, minutes))
    return found


def _clashes(sessions: Sequence[GeneratedSession], travel: Sequence[Sequence[int]]) -> np.ndarray:
    starts = np.array([each.starts for each in sessions])
    ends = np.array([each.ends for each in sessions])
    wards = np.array([each.ward for each in sessions])
    arrives = ends[:, None] + BETWEEN_SESSIONS + np.array(travel)[np.ix_(wards, wards)]
    too_late = arrives > starts[None, :]  # for the second, after the first
    clashes = too_late & too_late.T
    np.fill_diagonal(clashes, False)
    return clashes
