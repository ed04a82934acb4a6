"""What a person's calendar should hold, what it was told, and so what a mail has to say.

The rules of a calendar (RFC 5546): an appointment keeps its UID for life; a change has a higher SEQUENCE;
only what was invited to can be taken back. "Told" here includes "perhaps told". Every plan has a number of
its own, told or not: feeds show it at once.
"""

from dataclasses import dataclass
from typing import Literal

from invitations.rules.feeds import (
    Noted,
    helper_uid,
    learner_uid,
    number,
    officer_uid,
)

Kind = Literal["trainer", "learner", "user"]
Person = tuple[Kind, int]
"""A helper, a learner, or somebody of the staff who wants the ward's sessions; with their id."""

Purpose = Literal["invitation", "change", "cancellation"]
State = Literal["invited", "cancelled"]

_UIDS = {"trainer": helper_uid, "learner": learner_uid, "user": officer_uid}


@dataclass(frozen=True, slots=True)
class Invitee:
    """Somebody whose calendar should hold a session, and where they read mail."""

    session_id: int
    person: Person
    address: str


@dataclass(frozen=True, slots=True)
class Told:
    """What was last told of an appointment, perhaps; `purpose` "cancellation" took it back.

    `certain`: the mail server took the mail.
    """

    purpose: Purpose
    sequence: int
    session_version: int
    address: str
    certain: bool

    @property
    def holds(self) -> bool:
        """Whether a calendar perhaps holds the appointment."""
        return self.purpose != "cancellation" or not self.certain


@dataclass(frozen=True, slots=True)
class Standing:
    """An appointment as last planned (`state`, `session_version`, `address`) and as told.

    `end_planned`: a mail that takes it back waits, or is on its way.
    """

    id: int
    session_id: int
    person: Person
    sequence: int
    state: State
    session_version: int
    address: str
    end_planned: bool
    told: Told | None


@dataclass(frozen=True, slots=True)
class Farewell:
    """What goes to an address under which somebody is known no more: the appointment leaves it."""

    address: str
    sequence: int


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of an appointment; `letter` is the mail this needs, None when nobody need be told."""

    session_id: int
    person: Person
    invite_id: int | None
    state: State
    sequence: int
    session_version: int
    address: str
    letter: Purpose | None
    farewell: Farewell | None = None


@dataclass(frozen=True, slots=True)
class Untold:
    """An appointment of which a mail failed; `address` where its person reads now, None when unknown."""

    invite_id: int
    address: str | None


def uid(session_id: int, person: Person) -> str:
    """The identity of an appointment, for life: the same in mails and in calendar feeds."""
    kind, person_id = person
    return _UIDS[kind](session_id, person_id)


def step(
    wanted: Invitee | None,
    standing: Standing | None,
    *,
    version: int,
    untold: Untold | None = None,
    reworded: bool = False,
) -> Step | None:
    """What has to change, or None when all is as it should be.

    Args:
        wanted: None when this person's calendar should not hold the session.
        version: of the session, as it is now.
        untold: a person of the office wants it to be told again.
        reworded: what calendars show has changed, although the version is the same.
    """
    if wanted is None:
        return None if standing is None else _taken_back(standing, version, untold)
    if standing is None:
        first = number(version, None, holds=True)
        return Step(
            wanted.session_id,
            wanted.person,
            None,
            "invited",
            first,
            version,
            wanted.address,
            "invitation",
        )
    planned = (standing.state, standing.session_version, standing.address)
    as_planned = planned == ("invited", version, wanted.address)
    if as_planned and untold is None and not reworded:
        return None
    letter: Purpose | None = "invitation"
    sequence = _next(standing, version, holds=True)
    farewell = None
    told = standing.told
    if told is not None and told.holds and told.address != wanted.address:
        # Lower than the invitation: one calendar may read both addresses, in whatever order.
        farewell = Farewell(told.address, sequence)
        sequence += 1
    elif told is not None and told.purpose != "cancellation":
        letter = "change"
        if as_planned and told.certain and told.sequence == standing.sequence and not reworded:
            return None
        # Taken off and put back before the mail about it went, and nothing else.
        as_told = told.certain and told.session_version == version and standing.sequence == told.sequence + 1
        if as_told and not as_planned and not reworded:
            letter = None
    return Step(
        standing.session_id,
        standing.person,
        standing.id,
        "invited",
        sequence,
        version,
        wanted.address,
        letter,
        farewell,
    )


def _taken_back(standing: Standing, version: int, untold: Untold | None) -> Step | None:
    told = standing.told
    holds = told is not None and told.holds
    if standing.state == "cancelled" and (not holds or standing.end_planned):
        return None
    # Taken back where it was told, whatever address the person has by now; where that address failed, the
    # calendar that knows the appointment perhaps reads another.
    address = told.address if told is not None else standing.address
    return Step(
        standing.session_id,
        standing.person,
        standing.id,
        "cancelled",
        _next(standing, version, holds=False),
        version,
        (untold.address if untold else None) or address,
        "cancellation" if holds else None,
    )


def _next(standing: Standing, version: int, *, holds: bool) -> int:
    """A number higher than what mails and feeds said before of anything else."""
    noted = Noted(standing.sequence, standing.session_version, standing.state == "invited")
    shown = number(version, noted, holds=holds)
    return max(shown + (not noted.holds), standing.sequence + 1)
