"""What a person's calendar should hold, what it was told, and so what a mail has to say.

The rules of a calendar (RFC 5546): an appointment keeps its UID for life; a change has a higher SEQUENCE;
only what was invited to can be taken back. "Told" here includes "perhaps told": a number that may have
reached a calendar never stands for anything else.
"""

from dataclasses import dataclass
from typing import Literal

from scheduling.rules.feeds import helper_uid, learner_uid, officer_uid

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
    """What was last told of an appointment, perhaps; `purpose` "cancellation" took it back."""

    purpose: Purpose
    sequence: int
    session_version: int
    address: str


@dataclass(frozen=True, slots=True)
class Standing:
    """An appointment as last planned (`state`, `session_version`, `address`) and as told."""

    id: int
    session_id: int
    person: Person
    sequence: int
    state: State
    session_version: int
    address: str
    told: Told | None


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


def uid(session_id: int, person: Person) -> str:
    """The identity of an appointment, for life: the same in mails and in calendar feeds."""
    kind, person_id = person
    return _UIDS[kind](session_id, person_id)


def step(wanted: Invitee | None, standing: Standing | None, *, version: int) -> Step | None:
    """What has to change, or None when all is as it should be.

    Args:
        wanted: None when this person's calendar should not hold the session.
        version: of the session, as it is now.
    """
    if wanted is None:
        return None if standing is None else _taken_back(standing, version)
    if standing is None:
        return Step(
            wanted.session_id,
            wanted.person,
            None,
            "invited",
            0,
            version,
            wanted.address,
            "invitation",
        )
    planned = (standing.state, standing.session_version, standing.address)
    if planned == ("invited", version, wanted.address):
        return None
    letter: Purpose | None = "invitation"
    sequence = _next(standing)
    told = standing.told
    if told is not None and told.purpose != "cancellation" and told.address == wanted.address:
        letter = "change"
        if told.session_version == version:  # taken off and put back before the mail about it went
            letter, sequence = None, standing.sequence
    return Step(
        standing.session_id,
        standing.person,
        standing.id,
        "invited",
        sequence,
        version,
        wanted.address,
        letter,
    )


def _taken_back(standing: Standing, version: int) -> Step | None:
    if standing.state == "cancelled":
        return None
    told = standing.told
    holds = told is not None and told.purpose != "cancellation"
    return Step(
        standing.session_id,
        standing.person,
        standing.id,
        "cancelled",
        _next(standing) if holds else standing.sequence,
        version,
        # Taken back where it was told, whatever address the person has by now.
        told.address if told is not None else standing.address,
        "cancellation" if holds else None,
    )


def _next(standing: Standing) -> int:
    """The lowest number that was never told."""
    return standing.sequence if standing.told is None else max(standing.sequence, standing.told.sequence + 1)
