"""Whether a provider of texts is well, judged by its last calls, and which provider a text takes.

It is quickly left when it fails or drags, and slowly trusted again: else texts would swing to and fro.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Health = Literal["good", "slow", "down"]


@dataclass(frozen=True, slots=True)
class Call:
    """One call to a provider.

    Attributes:
        failure: a short code where it gave no clear answer; empty where it took or refused the text.
    """

    ended_at: datetime
    seconds: float
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """What is asked of a provider.

    Attributes:
        window: how far back calls count.
        in_row: so many failures one after the other, and it is down…
        share: …or this share of failures among `fewest` calls or more.
        slow: seconds; slower than this for one call in ten, and it is slow.
        away: the least time for which it is left alone, except where nobody else carries the texts.
        good_in_row: quick and clear answers, one after the other, after which it is well again.
        patience: for a pause shorter than this, texts wait instead of taking another way.
        probe_every, probe_texts: one that is not well is tried that often, with no more texts than that.
    """

    window: timedelta = timedelta(seconds=60)
    fewest: int = 10
    in_row: int = 5
    share: float = 0.5
    slow: float = 4.0
    away: timedelta = timedelta(seconds=60)
    good_in_row: int = 5
    patience: timedelta = timedelta(seconds=5)
    probe_every: timedelta = timedelta(seconds=10)
    probe_texts: int = 3


@dataclass(frozen=True, slots=True)
class Standing:
    """How a provider stands, since when, and by what short code."""

    health: Health
    since: datetime
    why: str = ""


@dataclass(frozen=True, slots=True)
class Door:
    """A provider as one who chooses sees it; closed: it asked for no calls before that instant."""

    name: str
    health: Health = "good"
    closed_until: datetime | None = None

    def opens_in(self, now: datetime) -> timedelta:
        """How long it stays closed; nothing when it is open."""
        return max(timedelta(), self.closed_until - now) if self.closed_until else timedelta()


def judged(
    standing: Standing, calls: Sequence[Call], *, alone: bool, now: datetime, limits: Limits
) -> Standing:
    """How the provider stands after `calls`, oldest first; only those since it stands so count.

    Args:
        alone: nobody else carries what it carries.
    """
    recent = [call for call in calls if call.ended_at >= max(standing.since, now - limits.window)]
    if standing.health != "down" and (why := _down(recent, limits)):
        return Standing("down", now, why)
    if standing.health == "good":
        return Standing("slow", now, "slow") if _slow(recent, limits) else standing
    rested = alone or now - standing.since >= limits.away
    return Standing("good", now) if rested and _well(recent, limits) else standing


def chosen(route: Sequence[Door], *, now: datetime, limits: Limits) -> Door | None:
    """The door a text takes now: the first that is well, else one that is slow; None: it waits.

    A door that is down is never chosen: it gets texts only as a trial.
    """
    for door in route:
        if door.health == "good" and (pause := door.opens_in(now)) <= limits.patience:
            return None if pause else door
    return next((door for door in route if door.health == "slow" and not door.opens_in(now)), None)


def _down(recent: Sequence[Call], limits: Limits) -> str:
    failures = [call.failure for call in recent if call.failure]
    last = recent[-limits.in_row :]
    in_row = len(last) == limits.in_row and all(call.failure for call in last)
    many = len(recent) >= limits.fewest and len(failures) >= limits.share * len(recent)
    return Counter(failures).most_common(1)[0][0] if in_row or many else ""


def _slow(recent: Sequence[Call], limits: Limits) -> bool:
    times = sorted(call.seconds for call in recent)
    return len(times) >= limits.fewest and times[len(times) * 9 // 10] > limits.slow


def _well(recent: Sequence[Call], limits: Limits) -> bool:
    last = recent[-limits.good_in_row :]
    return len(last) == limits.good_in_row and all(
        not call.failure and call.seconds <= limits.slow / 2 for call in last
    )
