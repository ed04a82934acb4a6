"""Health of an SMS provider, assessed from its recent calls, and the choice of a provider.

A provider is left quickly when it fails or slows down, and used again slowly, so that texts do not oscillate.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

HealthState = Literal["good", "slow", "down"]


@dataclass(frozen=True, slots=True)
class ProviderCall:
    """One call to a provider.

    Attributes:
        failure: a short code when there was no clear answer; empty when it accepted or refused the text.
    """

    ended_at: datetime
    seconds: float
    failure: str = ""


@dataclass(frozen=True, slots=True)
class HealthLimits:
    """Thresholds of a provider's health.

    Attributes:
        window: how far back calls count.
        in_row: number of consecutive failures after which it is down…
        share: …or this share of failures among `fewest` calls or more.
        slow: seconds; slower than this for one call in ten, and it is slow.
        away: the shortest time for which it is avoided, unless it is the only route.
        good_in_row: number of consecutive quick, clear answers after which it is good again.
        patience: texts wait for a suspension shorter than this instead of taking another provider.
        probe_every, probe_texts: interval and number of trial texts of an unhealthy provider.
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
class ProviderHealth:
    """State of a provider, since when, and a short code of the cause."""

    state: HealthState
    since: datetime
    why: str = ""


@dataclass(frozen=True, slots=True)
class ProviderOption:
    """A provider as the choice sees it; `closed_until`: it accepts no calls before."""

    name: str
    state: HealthState = "good"
    closed_until: datetime | None = None

    def opens_in(self, now: datetime) -> timedelta:
        """Time until it accepts calls; zero when it does."""
        return max(timedelta(), self.closed_until - now) if self.closed_until else timedelta()


def assess(
    current: ProviderHealth,
    calls: Sequence[ProviderCall],
    *,
    only_route: bool,
    now: datetime,
    limits: HealthLimits,
) -> ProviderHealth:
    """The provider's health after `calls`, oldest first; only calls since `current.since` count.

    Args:
        only_route: some message class has no other provider.
    """
    recent = [call for call in calls if call.ended_at >= max(current.since, now - limits.window)]
    if current.state != "down" and (why := _down(recent, limits)):
        return ProviderHealth("down", now, why)
    if current.state == "good":
        return ProviderHealth("slow", now, "slow") if _slow(recent, limits) else current
    rested = only_route or now - current.since >= limits.away
    return ProviderHealth("good", now) if rested and _well(recent, limits) else current


def choose_provider(
    route: Sequence[ProviderOption], *, now: datetime, limits: HealthLimits
) -> ProviderOption | None:
    """The provider to use now: the first good one, else a slow one; None: wait.

    A provider that is down is never chosen: it gets trial texts only.
    """
    for option in route:
        if option.state == "good" and (pause := option.opens_in(now)) <= limits.patience:
            return None if pause else option
    return next((option for option in route if option.state == "slow" and not option.opens_in(now)), None)


def _down(recent: Sequence[ProviderCall], limits: HealthLimits) -> str:
    failures = [call.failure for call in recent if call.failure]
    last = recent[-limits.in_row :]
    in_row = len(last) == limits.in_row and all(call.failure for call in last)
    many = len(recent) >= limits.fewest and len(failures) >= limits.share * len(recent)
    return Counter(failures).most_common(1)[0][0] if in_row or many else ""


def _slow(recent: Sequence[ProviderCall], limits: HealthLimits) -> bool:
    times = sorted(call.seconds for call in recent)
    return len(times) >= limits.fewest and times[len(times) * 9 // 10] > limits.slow


def _well(recent: Sequence[ProviderCall], limits: HealthLimits) -> bool:
    last = recent[-limits.good_in_row :]
    return len(last) == limits.good_in_row and all(
        not call.failure and call.seconds <= limits.slow / 2 for call in last
    )
