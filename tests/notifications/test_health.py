"""Health of a provider by its calls, and the choice of a provider."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.rules.health import (
    HealthLimits,
    HealthState,
    ProviderCall,
    ProviderHealth,
    ProviderOption,
    assess,
    choose_provider,
)

START = datetime(2026, 11, 25, 11, 0, tzinfo=UTC)
LIMITS = HealthLimits()
GOOD = ProviderHealth("good", START)


def calls(*outcomes: str, seconds: float = 0.2, begin: datetime = START) -> list[ProviderCall]:
    """A call each second: "" for a clear answer, else the failure."""
    return [
        ProviderCall(begin + timedelta(seconds=n), seconds, failure)
        for n, failure in enumerate(outcomes, start=1)
    ]


def after(
    *happened: list[ProviderCall], current: ProviderHealth = GOOD, only_route: bool = False, later: float = 0
) -> ProviderHealth:
    """The health after these calls."""
    together = [call for each in happened for call in each]
    now = together[-1].ended_at + timedelta(seconds=later)
    return assess(current, together, only_route=only_route, now=now, limits=LIMITS)


def test_failures_in_a_row_or_by_share_mean_down() -> None:
    assert after(calls("", "500", "500", "500", "500")).state == "good"
    down = after(calls("", *["TimeoutError"] * 4, "500"))
    assert (down.state, down.why) == ("down", "TimeoutError")
    assert after(calls(*["", "500"] * 4)).state == "good"  # half of eight: too few to tell
    assert after(calls(*["", "500"] * 5)).state == "down"
    assert after(calls(*["", "", "500"] * 20)).state == "good"


def test_old_failures_do_not_count() -> None:
    assert after(calls(*["500"] * 4), calls("500", begin=START + timedelta(minutes=2))).state == "good"


def test_one_slow_call_in_ten_means_slow() -> None:
    quick, dragging = calls(*[""] * 17), calls("", "", "", seconds=6, begin=START + timedelta(seconds=17))
    slow = after(quick, dragging)
    assert (slow.state, slow.why) == ("slow", "slow")
    assert after(calls(*[""] * 9, seconds=9)).state == "good"  # too few to tell


@pytest.mark.parametrize("health", ["slow", "down"])
def test_health_recovers_after_a_pause_and_quick_answers(health: HealthState) -> None:
    ill = ProviderHealth(health, START, "x")
    well = [""] * 5
    assert after(calls(*well), current=ill) == ill  # no rest
    rested = START + timedelta(seconds=60)
    assert after(calls("", "", "500", "", ""), current=ill, later=60).state == health
    assert after(calls(*well, seconds=3, begin=rested), current=ill).state == health  # clear, not quick
    assert after(calls(*well, begin=rested), current=ill) == ProviderHealth(
        "good", rested + timedelta(seconds=5)
    )
    assert after(calls(*well), current=ill, only_route=True).state == "good"  # nobody else: no rest


@given(st.lists(st.sampled_from(["", "500", "reset"]), min_size=1, max_size=120))
def test_health_does_not_oscillate(outcomes: list[str]) -> None:
    current, turns = GOOD, list[datetime]()
    seen: list[ProviderCall] = []
    for call in calls(*outcomes):
        seen.append(call)
        found = assess(current, seen, only_route=False, now=call.ended_at, limits=LIMITS)
        if current.state == "down" and found.state == "good":
            turns.append(call.ended_at)
            assert call.ended_at - current.since >= LIMITS.away
            assert not any(each.failure for each in seen[-LIMITS.good_in_row :])
        current = found
    assert len(turns) <= len(outcomes) // 60


def test_choice_is_the_first_healthy_open_provider() -> None:
    def take(*route: ProviderOption) -> str | None:
        option = choose_provider(route, now=START, limits=LIMITS)
        return option and option.name

    soon, late = START + timedelta(seconds=3), START + timedelta(seconds=30)
    assert take(ProviderOption("a"), ProviderOption("b")) == "a"
    assert take(ProviderOption("a", "down"), ProviderOption("b")) == "b"
    assert take(ProviderOption("a", "slow"), ProviderOption("b")) == "b"
    assert take(ProviderOption("a", closed_until=START), ProviderOption("b")) == "a"
    assert take(ProviderOption("a", closed_until=soon), ProviderOption("b")) is None  # worth waiting for
    assert take(ProviderOption("a", closed_until=late), ProviderOption("b")) == "b"
    assert take(ProviderOption("a", "down"), ProviderOption("b", "slow")) == "b"
    assert take(ProviderOption("a", "slow")) == "a"
    assert take(ProviderOption("a", "slow", late), ProviderOption("b", "down")) is None
    assert take(ProviderOption("a", "down")) is None
