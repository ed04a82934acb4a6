"""Who would be a good person to ask into a session, and why.

Facts in, a judgement out: the words for people are made from it in scheduling.labels.helpers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import IntEnum
from typing import Literal

from lopso.kernel import clock

Role = Literal["trainer", "helper"]


class Fit(IntEnum):
    """How well somebody's known skills meet what the session teaches."""

    FULL = 0
    PARTLY = 1
    NOT_KNOWN = 2


class Freedom(IntEnum):
    """What the stated weekly hours say about the session's time."""

    FREE = 0
    UNKNOWN = 1  # nothing stated: not the same as never free
    OUTSIDE = 2


@dataclass(frozen=True, slots=True)
class Demand:
    """What is looked for. Times in UTC; `skills` are ids of what the course teaches, empty when nothing."""

    role: Role
    skills: frozenset[int]
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """Wall-clock hours in Huế at which somebody is usually free; weekday 0 = Monday."""

    weekday: int
    since: time
    until: time


@dataclass(frozen=True, slots=True)
class Block:
    """Days, both included, in which a team works; None means without limit on that side."""

    first: date | None
    last: date | None

    def holds(self, day: date) -> bool:
        """Whether `day` lies inside."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class Engagement:
    """A session somebody is already asked into or has accepted. Times in UTC."""

    session_id: int
    ward_id: str
    title: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about one person.

    Attributes:
        sort_key: orders by given name.
        near: belongs to the session's own ward.
        blocks: one for each team the person is in now; empty when in none.
        engagements: standing ones of the session's week and any that overlap it.
        declined: has said no to this very session before.
    """

    trainer_id: int
    sort_key: str
    near: bool
    teaches_all: bool
    skills: frozenset[int]
    hours: tuple[WeeklyHours, ...]
    blocks: tuple[Block, ...]
    engagements: tuple[Engagement, ...]
    declined: bool


@dataclass(frozen=True, slots=True)
class Judgement:
    """The answer about one person, with everything its words need.

    Attributes:
        clash: the engagement that overlaps, earliest first; asking is then impossible.
        out_of_block: the person's team works only in this block, and the session lies outside it.
        taught: those of the wanted skills the person can teach.
        load: standing engagements in the week (Monday to Sunday in Huế) of the session.
    """

    facts: Facts
    clash: Engagement | None
    out_of_block: Block | None
    freedom: Freedom
    fit: Fit
    taught: frozenset[int]
    load: int

    @property
    def can_be_asked(self) -> bool:
        """Whether nothing stands in the way of asking."""
        return self.clash is None and self.out_of_block is None

    @property
    def free_and_suitable(self) -> bool:
        """Whether this is somebody to offer first."""
        return (
            self.can_be_asked
            and self.freedom is Freedom.FREE
            and self.fit is Fit.FULL
            and not self.facts.declined
        )


def judge(demand: Demand, facts: Facts) -> Judgement:
    """Weigh one person for one session."""
    day = clock.local_day(demand.starts_at)
    monday = clock.monday_of(day)
    week = [clock.start_of_day(monday), clock.start_of_day(monday + timedelta(days=7))]
    clashes = [
        engagement
        for engagement in facts.engagements
        if engagement.starts_at < demand.ends_at and demand.starts_at < engagement.ends_at
    ]
    taught = demand.skills if facts.teaches_all else demand.skills & facts.skills
    return Judgement(
        facts=facts,
        clash=min(clashes, key=lambda engagement: engagement.starts_at, default=None),
        out_of_block=closed_block(day, facts.blocks),
        freedom=_freedom(demand, facts.hours),
        fit=fit_of(demand.role, demand.skills, taught),
        taught=taught,
        load=sum(week[0] <= engagement.starts_at < week[1] for engagement in facts.engagements),
    )


def rank(judgements: Iterable[Judgement]) -> list[Judgement]:
    """Best first: the free and suitable, among them who has least to do that week, then by given name.

    One weak point weighs more than two half ones, so somebody qualified whose hours are unknown stands
    before somebody free who was never noted to teach this. Who cannot be asked comes last.
    """
    return sorted(judgements, key=_order)


def closed_block(day: date, blocks: Sequence[Block]) -> Block | None:
    """The block to name when `day` lies outside all of somebody's teams' blocks, else None.

    The nearest one that is still to come, else the last one.
    """
    if not blocks or any(block.holds(day) for block in blocks):
        return None
    coming = [block for block in blocks if block.first is not None and block.first > day]
    if coming:
        return min(coming, key=lambda block: block.first or day)
    return max(blocks, key=lambda block: block.last or date.min)


def _order(judgement: Judgement) -> tuple[bool, int, int, int, int, bool, str, int]:
    facts = judgement.facts
    unwilling = Freedom.OUTSIDE if facts.declined else Freedom.FREE
    freedom = max(judgement.freedom, unwilling)
    return (
        not judgement.can_be_asked,
        max(freedom, judgement.fit),
        freedom + judgement.fit,
        judgement.load,
        -len(judgement.taught),
        not facts.near,
        facts.sort_key,
        facts.trainer_id,
    )


def fit_of(role: Role, wanted: frozenset[int], taught: frozenset[int]) -> Fit:
    """How well somebody who can teach `taught` meets what a session teaches."""
    if role == "helper" or taught == wanted:
        return Fit.FULL  # helping beside the teacher needs no qualification of one's own
    return Fit.PARTLY if taught else Fit.NOT_KNOWN


def _freedom(demand: Demand, hours: Sequence[WeeklyHours]) -> Freedom:
    if not hours:
        return Freedom.UNKNOWN
    start, end = clock.local(demand.starts_at), clock.local(demand.ends_at)
    until = end.time() if end.date() == start.date() else time.max
    reached = start.time()
    for each in sorted(hours, key=lambda each: each.since):
        if each.weekday == start.weekday() and each.since <= reached < each.until:
            reached = each.until
    return Freedom.FREE if reached >= until else Freedom.OUTSIDE
