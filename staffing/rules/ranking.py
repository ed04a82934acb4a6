"""The best helpers for each of many sessions: what is known of a helper is looked at once for all of them.

The order is that of `staffing.rules.suitability.rank`; a property test compares them.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Set
from datetime import date, datetime, time
from functools import cached_property
from heapq import nsmallest
from itertools import product

from scheduling.rules.commitments import AssignmentRole, Commitment
from scheduling.rules.recurrence import overlap
from staffing.rules.suitability import (
    ActivePeriod,
    CandidateFacts,
    FreeTime,
    SkillMatch,
    StaffingDemand,
    clock_times,
    covers,
    day_of,
    period_outside,
    skill_match,
    week_of,
)

Ids = Set[int]
"""Trainer ids."""


class HelperRanking:
    """Ranks the same helpers for one place after the other.

    Each place may presume that some are asked for the places before it (`presume`).

    Args:
        facts: by trainer id; commitments cover the weeks of all sessions that are asked for.
    """

    def __init__(self, facts: Mapping[int, CandidateFacts]) -> None:
        self._facts = facts
        self._everybody = frozenset(facts)
        self._presumed: defaultdict[int, list[Commitment]] = defaultdict(list)
        self._loads: dict[tuple[datetime, datetime], Counter[int]] = {}
        self._free: dict[tuple[int, time, time], Mapping[FreeTime, Ids]] = {}
        self._absent: dict[date, Ids] = {}
        self._askable: dict[tuple[datetime, datetime], Ids] = {}
        self._standings: dict[frozenset[int], Mapping[int, int]] = {}
        self._matches: dict[frozenset[int], Mapping[SkillMatch, Ids]] = {}

    def best(
        self, demand: StaffingDemand, number: int, *, declined: Ids, left_out: Collection[int]
    ) -> list[int]:
        """The first `number` of those who can be asked; whom a place before needs then comes last.

        Args:
            declined: who said no to this session before.
        """
        askable = self._askable_at(demand) - set(left_out)
        crossed = {one for one, held in self._presumed.items() if any(overlap(demand, each) for each in held)}
        loads, standing = self._loads_in(week_of(day_of(demand.starts_at))), self._standing(demand.skills)
        most = len(self._everybody)

        def order(one: int) -> int:
            return loads[one] * most + standing[one]

        found: list[int] = []
        for among in (askable - crossed, askable & crossed):
            for group in self._groups(demand, declined):
                found += nsmallest(number - len(found), among & group, key=order)
                if len(found) == number:
                    return found
        return found

    def presume(self, trainer_id: int, commitment: Commitment) -> None:
        """Rank from now on as if a helper were asked into that session."""
        self._presumed[trainer_id].append(commitment)
        for (monday, sunday), loads in self._loads.items():
            loads[trainer_id] += monday <= commitment.starts_at < sunday

    def _groups(self, demand: StaffingDemand, declined: Ids) -> Iterator[Ids]:
        """Everybody, those who suit best first: one weak point weighs more than two half ones."""
        free_times = self._by_free_time(demand)
        if declined:
            free_times = {free: ids - declined for free, ids in free_times.items()}
            free_times[FreeTime.OUTSIDE] |= declined
        matches = self._by_match(demand.role, demand.skills)
        for pairs in _PAIRS_IN_ORDER:
            yield frozenset().union(*(free_times[free] & matches[match] for free, match in pairs))

    def _askable_at(self, demand: StaffingDemand) -> Ids:
        """Whom no commitment, no absence and no closed period keeps from a session."""
        at = (demand.starts_at, demand.ends_at)
        if at not in self._askable:
            busy = {one for one, held in self._commitments if overlap(demand, held)}
            self._askable[at] = self._everybody - busy - self._absent_on(day_of(demand.starts_at))
        return self._askable[at]

    def _absent_on(self, day: date) -> Ids:
        if day not in self._absent:
            away = {one for one, absence in self._absences if absence.holds(day)}
            for periods, ids in self._by_periods.items():
                if period_outside(day, periods) is not None:
                    away.update(ids)
            self._absent[day] = away
        return self._absent[day]

    def _by_free_time(self, demand: StaffingDemand) -> Mapping[FreeTime, Ids]:
        at = weekday, since, until = clock_times(demand.starts_at, demand.ends_at)
        if at not in self._free:
            free = {one for one, hours in self._hours[weekday].items() if covers(hours, since, until)}
            self._free[at] = {
                FreeTime.FREE: free,
                FreeTime.UNKNOWN: self._everybody - self._with_hours,
                FreeTime.OUTSIDE: self._with_hours - free,
            }
        return self._free[at]

    def _by_match(self, role: AssignmentRole, skills: frozenset[int]) -> Mapping[SkillMatch, Ids]:
        if role == "helper":
            return {SkillMatch.FULL: self._everybody, SkillMatch.PARTLY: set(), SkillMatch.NOT_KNOWN: set()}
        if skills not in self._matches:
            found: dict[SkillMatch, set[int]] = {each: set() for each in SkillMatch}
            for one, facts in self._facts.items():
                found[skill_match(role, skills, facts.can_teach(skills))].add(one)
            self._matches[skills] = found
        return self._matches[skills]

    def _standing(self, skills: frozenset[int]) -> Mapping[int, int]:
        """The place of each among those who suit alike and have as many sessions: 0 is first."""
        if skills not in self._standings:
            taught = {one: len(facts.can_teach(skills)) for one, facts in self._facts.items()}
            ordered = sorted(self._by_name, key=lambda one: -taught[one])
            self._standings[skills] = {one: place for place, one in enumerate(ordered)}
        return self._standings[skills]

    def _loads_in(self, week: tuple[datetime, datetime]) -> Counter[int]:
        """How many sessions each has in a week, those presumed among them."""
        if week not in self._loads:
            presumed = ((one, each) for one, held in self._presumed.items() for each in held)
            self._loads[week] = Counter(
                one
                for pairs in (self._commitments, presumed)
                for one, each in pairs
                if week[0] <= each.starts_at < week[1]
            )
        return self._loads[week]

    @cached_property
    def _by_name(self) -> list[int]:
        """Those of the session's ward first, then by given name."""
        ordered = sorted(
            self._facts.values(), key=lambda each: (not each.near, each.sort_key, each.trainer_id)
        )
        return [each.trainer_id for each in ordered]

    @cached_property
    def _commitments(self) -> list[tuple[int, Commitment]]:
        return [(one, each) for one, facts in self._facts.items() for each in facts.commitments]

    @cached_property
    def _absences(self) -> list[tuple[int, ActivePeriod]]:
        return [(one, each) for one, facts in self._facts.items() for each in facts.absences]

    @cached_property
    def _by_periods(self) -> Mapping[tuple[ActivePeriod, ...], list[int]]:
        """Helpers by the periods of their teams; most have those of many others."""
        found: defaultdict[tuple[ActivePeriod, ...], list[int]] = defaultdict(list)
        for one, facts in self._facts.items():
            found[facts.periods].append(one)
        return found

    @cached_property
    def _with_hours(self) -> Ids:
        return {one for one, facts in self._facts.items() if facts.hours}

    @cached_property
    def _hours(self) -> Mapping[int, Mapping[int, list[tuple[time, time]]]]:
        """Hours of each helper, earliest first, by weekday and trainer id."""
        found: dict[int, defaultdict[int, list[tuple[time, time]]]] = {
            weekday: defaultdict(list) for weekday in range(7)
        }
        for one, facts in self._facts.items():
            for each in facts.hours:
                found[each.weekday][one].append((each.since, each.until))
        for of_day in found.values():
            for hours in of_day.values():
                hours.sort()
        return found


def _pairs_in_order() -> list[list[tuple[FreeTime, SkillMatch]]]:
    """What free time and skills say together, best first; alike ones in one list."""
    groups: defaultdict[tuple[int, int], list[tuple[FreeTime, SkillMatch]]] = defaultdict(list)
    for free, match in product(FreeTime, SkillMatch):
        groups[max(free, match), free + match].append((free, match))
    return [pairs for _weight, pairs in sorted(groups.items())]


_PAIRS_IN_ORDER = _pairs_in_order()
