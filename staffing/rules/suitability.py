"""How well a helper suits a session, and why.

The reasons that people read are made from the result in staffing.labels.helpers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import IntEnum
from functools import lru_cache

from lopso.kernel import clock
from scheduling.rules.commitments import AssignmentRole, Commitment
from scheduling.rules.recurrence import overlap


class SkillMatch(IntEnum):
    """How well somebody's known skills meet what the session teaches."""

    FULL = 0
    PARTLY = 1
    NOT_KNOWN = 2


class FreeTime(IntEnum):
    """What the stated weekly hours say about the session's time."""

    FREE = 0
    UNKNOWN = 1  # nothing stated: not the same as never free
    OUTSIDE = 2


@dataclass(frozen=True, slots=True)
class StaffingDemand:
    """What is looked for. Times in UTC; `skills` are ids of what the course teaches, empty when nothing."""

    role: AssignmentRole
    skills: frozenset[int]
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class AvailableHours:
    """Wall-clock hours in Huế at which somebody is usually free; weekday 0 = Monday."""

    weekday: int
    since: time
    until: time


@dataclass(frozen=True, slots=True)
class ActivePeriod:
    """Days, both included, in which a team works; None means without limit on that side."""

    first: date | None
    last: date | None

    def holds(self, day: date) -> bool:
        """Whether `day` lies inside."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class CandidateFacts:
    """What is known about one person.

    Attributes:
        sort_key: orders by given name.
        near: belongs to the session's own ward.
        periods: one for each team the person is in now; empty when in none.
        commitments: active ones of the session's week and any that overlap it.
        declined: has said no to this very session before.
        absences: days on which the person said to be away.
    """

    trainer_id: int
    sort_key: str
    near: bool
    teaches_all: bool
    skills: frozenset[int]
    hours: tuple[AvailableHours, ...]
    periods: tuple[ActivePeriod, ...]
    commitments: tuple[Commitment, ...]
    declined: bool
    absences: tuple[ActivePeriod, ...] = ()

    def can_teach(self, skills: frozenset[int]) -> frozenset[int]:
        """Those of `skills` the person can teach."""
        return skills if self.teaches_all else skills & self.skills


@dataclass(frozen=True, slots=True)
class Suitability:
    """How well one person suits a session, with everything its labels need.

    Attributes:
        clash: the commitment that overlaps, earliest first; they cannot be assigned then.
        outside_period: the person's team works only in this period, and the session lies outside it.
        taught: those of the wanted skills the person can teach.
        load: active commitments in the week (Monday to Sunday in Huế) of the session.
        away: the absence in which the session lies.
    """

    facts: CandidateFacts
    clash: Commitment | None
    outside_period: ActivePeriod | None
    free_time: FreeTime
    skill_match: SkillMatch
    taught: frozenset[int]
    load: int
    away: ActivePeriod | None = None

    @property
    def can_be_asked(self) -> bool:
        """Whether there is neither a clash, nor a closed period, nor an absence."""
        return self.clash is None and self.outside_period is None and self.away is None


def suitability_of(demand: StaffingDemand, facts: CandidateFacts) -> Suitability:
    """How well one person suits one session."""
    day = day_of(demand.starts_at)
    clash, load = _held(demand, facts.commitments, week_of(day))
    taught = facts.can_teach(demand.skills)
    return Suitability(
        facts=facts,
        clash=clash,
        outside_period=period_outside(day, facts.periods),
        free_time=_free_time(demand, facts.hours),
        skill_match=skill_match(demand.role, demand.skills, taught),
        taught=taught,
        load=load,
        away=next((each for each in facts.absences if each.holds(day)), None) if facts.absences else None,
    )


def _held(
    demand: StaffingDemand, commitments: Sequence[Commitment], week: tuple[datetime, datetime]
) -> tuple[Commitment | None, int]:
    """The earliest commitment that overlaps, and how many there are in the week."""
    if not commitments:
        return None, 0
    clashes = [each for each in commitments if overlap(demand, each)]
    load = sum(week[0] <= each.starts_at < week[1] for each in commitments)
    return min(clashes, key=lambda each: each.starts_at, default=None), load


def rank(suitabilities: Iterable[Suitability]) -> list[Suitability]:
    """Best first: the free and suitable, among them who has least to do that week, then by given name.

    One weak point weighs more than two half ones, so somebody qualified whose hours are unknown comes
    before somebody free who is not known to teach this. Who cannot be asked comes last.
    """
    return sorted(suitabilities, key=_order)


def period_outside(day: date, periods: Sequence[ActivePeriod]) -> ActivePeriod | None:
    """The period to name when `day` lies outside all of somebody's teams' periods, else None.

    The nearest one that is still to come, else the last one.
    """
    if not periods or any(period.holds(day) for period in periods):
        return None
    coming = [period for period in periods if period.first is not None and period.first > day]
    if coming:
        return min(coming, key=lambda period: period.first or day)
    return max(periods, key=lambda period: period.last or date.min)


def _order(suitability: Suitability) -> tuple[bool, int, int, int, int, bool, str, int]:
    facts = suitability.facts
    free_time = FreeTime.OUTSIDE if facts.declined else suitability.free_time
    match = suitability.skill_match
    return (
        not suitability.can_be_asked,
        max(free_time, match),
        free_time + match,
        suitability.load,
        -len(suitability.taught),
        not facts.near,
        facts.sort_key,
        facts.trainer_id,
    )


def skill_match(role: AssignmentRole, wanted: frozenset[int], taught: frozenset[int]) -> SkillMatch:
    """How well somebody who can teach `taught` meets what a session teaches."""
    if role == "helper" or taught == wanted:
        return SkillMatch.FULL  # helping beside the teacher needs no qualification of one's own
    return SkillMatch.PARTLY if taught else SkillMatch.NOT_KNOWN


def _free_time(demand: StaffingDemand, hours: Sequence[AvailableHours]) -> FreeTime:
    if not hours:
        return FreeTime.UNKNOWN
    weekday, since, until = clock_times(demand.starts_at, demand.ends_at)
    of_day = sorted((each.since, each.until) for each in hours if each.weekday == weekday)
    return FreeTime.FREE if covers(of_day, since, until) else FreeTime.OUTSIDE


def covers(hours: Sequence[tuple[time, time]], since: time, until: time) -> bool:
    """Whether hours of one day, earliest first, leave no gap from `since` to `until`."""
    reached = since
    for begin, end in hours:
        if begin <= reached < end:
            reached = end
    return bool(hours) and reached >= until


# The same few times are asked for each of a thousand people.
_SESSIONS_KEPT = 256


@lru_cache(_SESSIONS_KEPT)
def day_of(starts_at: datetime) -> date:
    """The day in Huế."""
    return clock.local_day(starts_at)


@lru_cache(_SESSIONS_KEPT)
def week_of(day: date) -> tuple[datetime, datetime]:
    """Its Monday, and the next one, in UTC."""
    monday = clock.monday_of(day)
    return clock.start_of_day(monday), clock.start_of_day(monday + timedelta(days=7))


@lru_cache(_SESSIONS_KEPT)
def clock_times(starts_at: datetime, ends_at: datetime) -> tuple[int, time, time]:
    """Weekday, start and end on the wall clock in Huế; a session over midnight ends with the day."""
    start, end = clock.local(starts_at), clock.local(ends_at)
    return start.weekday(), start.time(), end.time() if end.date() == start.date() else time.max
