"""The week's open places and the helpers of a ward as a problem to solve, and its solution as picks."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from scheduling.rules.commitments import AssignmentRole
from staffing.rules.picks import Pick, RoleInSession
from staffing.rules.suitability import FreeTime, SkillMatch, Suitability
from staffing.rules.week_plan.places import MOST_IN_A_WEEK, OpenPlace, PlannedSession, WeekPlan, WhyEmpty
from staffing.rules.week_plan.problem import Flags, Opening, Person, WeekProblem
from staffing.rules.week_plan.solver import solve

FROM_PLACE_TO_PLACE = timedelta(minutes=15)
FROM_WARD_TO_WARD = timedelta(minutes=45)

EMPTY_COST: Mapping[AssignmentRole, int] = {"trainer": 1000, "helper": 300}
FREE_TIME_COST: Mapping[FreeTime, int] = {FreeTime.FREE: 0, FreeTime.UNKNOWN: 15, FreeTime.OUTSIDE: 120}
SKILL_COST: Mapping[SkillMatch, int] = {SkillMatch.FULL: 0, SkillMatch.PARTLY: 40, SkillMatch.NOT_KNOWN: 150}
OTHER_WARD_COST = 30
NEW_TO_SERIES_COST = 20
FAIRNESS = 3


@dataclass(frozen=True, slots=True)
class _Option:
    """A candidate for an open place that would be possible beside the fixed picks."""

    trainer_id: int
    place: int
    cost: int


def plan_of(
    places: Sequence[OpenPlace], fixed: Collection[Pick], *, without: Collection[Pick] = (), seconds: float
) -> WeekPlan:
    """The best picks for `places`, around those that are fixed.

    Args:
        fixed: kept as they are, also where they are unwise; those of other places are passed over.
        without: not proposed.
        seconds: to think; the best plan so far is taken then.
    """
    kept = frozenset(fixed) & {
        Pick(*place.key, each.facts.trainer_id) for place in places for each in place.candidates
    }
    sessions = list({each.session.id: each.session for each in places}.values())
    possible = (each for each in _options(places, kept) if _pick(places, each) not in without)
    options = sorted(possible, key=lambda each: (each.trainer_id, each.place))
    loads = _loads(places, kept)
    problem = _problem(places, sessions, options, loads, kept)
    solution = solve(problem, seconds=seconds)
    chosen = [options[each] for each in solution.chosen]
    picks = kept.union(_pick(places, each) for each in chosen)
    loads.update(each.trainer_id for each in chosen)
    return WeekPlan(
        picks=picks,
        empty=_empty(places, options, picks),
        loads={each: loads[each] for each in {pick.trainer_id for pick in picks}},
        proven=solution.finished,
    )


def _pick(places: Sequence[OpenPlace], option: _Option) -> Pick:
    return Pick(*places[option.place].key, option.trainer_id)


def _problem(
    places: Sequence[OpenPlace],
    sessions: Sequence[PlannedSession],
    options: Sequence[_Option],
    loads: Counter[int],
    kept: Collection[Pick],
) -> WeekProblem:
    meeting = {each.id: number for number, each in enumerate(sessions)}
    taken = Counter(pick.place for pick in kept)
    person = {each: number for number, each in enumerate(sorted({one.trainer_id for one in options}))}
    return WeekProblem(
        openings=[
            Opening(meeting[each.session.id], max(0, each.missing - taken[each.key]), EMPTY_COST[each.role])
            for each in places
        ],
        people=[Person(loads[each], max(0, MOST_IN_A_WEEK - loads[each])) for each in person],
        clashes=_clashes(sessions),
        who=np.array([person[each.trainer_id] for each in options], np.int64),
        where=np.array([each.place for each in options], np.int64),
        cost=np.array([each.cost for each in options], np.int64),
        fairness=FAIRNESS,
    )


def _options(places: Sequence[OpenPlace], kept: Collection[Pick]) -> Iterator[_Option]:
    sessions = {each.session.id: each.session for each in places}
    held: defaultdict[int, list[PlannedSession]] = defaultdict(list)
    for pick in kept:
        held[pick.trainer_id].append(sessions[pick.session_id])
    for number, place in enumerate(places):
        for each in place.candidates:
            trainer_id = each.facts.trainer_id
            free = each.can_be_asked and _can_come_from_elsewhere(place.session, each)
            if free and not any(_too_near(place.session, other) for other in held[trainer_id]):
                yield _Option(trainer_id, number, _cost(place, each))


def _cost(place: OpenPlace, candidate: Suitability) -> int:
    trainer_id, regulars = candidate.facts.trainer_id, place.session.regulars
    return (
        FREE_TIME_COST[candidate.free_time]
        + SKILL_COST[candidate.skill_match]
        + (0 if candidate.facts.near else OTHER_WARD_COST)
        + (NEW_TO_SERIES_COST if regulars and trainer_id not in regulars else 0)
    )


def _loads(places: Sequence[OpenPlace], kept: Collection[Pick]) -> Counter[int]:
    """Sessions of the week that people have without the plan, by trainer id."""
    promised = {each.facts.trainer_id: each.load for place in places for each in place.candidates}
    return Counter(promised) + Counter(pick.trainer_id for pick in kept)


def _clashes(sessions: Sequence[PlannedSession]) -> Flags:
    return np.array(
        [[one is not other and _too_near(one, other) for other in sessions] for one in sessions], np.bool_
    ).reshape(len(sessions), len(sessions))


def _too_near(one: PlannedSession, other: PlannedSession) -> bool:
    """Whether nobody can be in both, one after the other."""
    if one.ward_id != other.ward_id:
        way = FROM_WARD_TO_WARD
    else:
        way = timedelta(0) if one.site == other.site else FROM_PLACE_TO_PLACE
    return one.starts_at < other.ends_at + way and other.starts_at < one.ends_at + way


def _can_come_from_elsewhere(session: PlannedSession, candidate: Suitability) -> bool:
    """Whether no promised session in another ward is too near; what overlaps is a clash already."""
    return not any(
        each.ward_id != session.ward_id
        and session.starts_at < each.ends_at + FROM_WARD_TO_WARD
        and each.starts_at < session.ends_at + FROM_WARD_TO_WARD
        for each in candidate.facts.commitments
    )


def _empty(
    places: Sequence[OpenPlace], options: Sequence[_Option], picks: Collection[Pick]
) -> Mapping[RoleInSession, tuple[int, WhyEmpty]]:
    taken = Counter(pick.place for pick in picks)
    possible = Counter(each.place for each in options)
    empty: dict[RoleInSession, tuple[int, WhyEmpty]] = {}
    for number, place in enumerate(places):
        left = place.missing - taken[place.key]
        if left > 0:
            spare = possible[number] > taken[place.key]
            empty[place.key] = left, WhyEmpty.NEEDED_ELSEWHERE if spare else WhyEmpty.NOBODY_FREE
    return empty
