"""The open places of a ward's week, and a plan for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from scheduling.rules.commitments import AssignmentRole
from staffing.rules.picks import Pick, RoleInSession
from staffing.rules.suitability import Suitability

MOST_IN_A_WEEK = 4
"""Sessions that a plan gives one person, with those already promised; by hand more can be given."""


@dataclass(frozen=True, slots=True)
class PlannedSession:
    """A session whose places are to be filled.

    Attributes:
        site: the room's venue or whatever else tells places apart; sessions at one site need no way between.
        regulars: trainer ids of those who were in its series lately; empty when there are none.
    """

    id: int
    ward_id: str
    site: str
    starts_at: datetime
    ends_at: datetime
    regulars: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class OpenPlace:
    """A role to fill in a session.

    Attributes:
        missing: how many people are wanted, picks included.
        candidates: who is not in the session yet and has not declined it; of one person at most one.
    """

    session: PlannedSession
    role: AssignmentRole
    missing: int
    candidates: Sequence[Suitability]

    @property
    def key(self) -> RoleInSession:
        """Session and role."""
        return RoleInSession(self.session.id, self.role)


class WhyEmpty(Enum):
    """Why a place stays free."""

    NOBODY_FREE = "nobody_free"
    NEEDED_ELSEWHERE = "needed_elsewhere"


@dataclass(frozen=True, slots=True)
class WeekPlan:
    """Whom to ask into what.

    Attributes:
        picks: those that were given, and the new ones.
        empty: the places that stay free, how many and why.
        loads: sessions of the week by trainer id, those already promised included, of all who are picked.
        proven: no other plan is better by more than a small share of what any plan could save.
    """

    picks: frozenset[Pick]
    empty: Mapping[RoleInSession, tuple[int, WhyEmpty]]
    loads: Mapping[int, int]
    proven: bool
