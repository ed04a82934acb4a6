"""Picks on the board of a week: somebody for a place in a session, many at once."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from itertools import combinations
from typing import NamedTuple

from scheduling.rules.commitments import AssignmentRole
from scheduling.rules.recurrence import Slot, overlap


class RoleInSession(NamedTuple):
    """What is looked for: a role in a session."""

    session_id: int
    role: AssignmentRole


class Pick(NamedTuple):
    """A helper for a role in a session."""

    session_id: int
    role: AssignmentRole
    trainer_id: int

    @property
    def place(self) -> RoleInSession:
        """The role that is to be filled."""
        return RoleInSession(self.session_id, self.role)


def overlapping_picks(picks: Iterable[Pick], times: Mapping[int, Slot]) -> dict[Pick, Pick]:
    """Picks of one person that overlap in time, each with the first other one that it meets.

    Times are half-open: a session may begin at the minute at which another ends.

    Args:
        times: of each session by its id; picks of other sessions are passed over.
    """
    by_person: dict[int, list[Pick]] = {}
    for pick in picks:
        if pick.session_id in times:
            by_person.setdefault(pick.trainer_id, []).append(pick)
    found: dict[Pick, Pick] = {}
    for theirs in by_person.values():
        for one, other in combinations(theirs, 2):
            if overlap(times[one.session_id], times[other.session_id]):
                found.setdefault(one, other)
                found.setdefault(other, one)
    return found


def too_many(picks: Collection[Pick], missing: Mapping[RoleInSession, int]) -> dict[RoleInSession, int]:
    """Roles for which more people are picked than are missing, each with how many are picked."""
    wanted = Counter(pick.place for pick in picks)
    return {place: number for place, number in wanted.items() if number > missing.get(place, 0)}
