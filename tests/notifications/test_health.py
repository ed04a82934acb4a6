"""When a provider is left, when it is trusted again, and which one a text takes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.rules.health import Call, Door, Health, Limits, Standing, chosen, judged

START = datetime(2026, 11, 25, 11, 0, tzinfo=UTC)
LIMITS = Limits()
GOOD = Standing("good", START)


def calls(*outcomes: str, seconds: float = 0.2, begin: datetime = START) -> list[Call]:
    """A call each second: "" for a clear answer, else the failure."""
    return [
        Call(begin + timedelta(seconds=n), seconds, failure) for n, failure in enumerate(outcomes, start=1)
    ]


def after(
    *happened: list[Call], standing: Standing = GOOD, alone: bool = False, later: float = 0
) -> Standing:
    """How it stands once these calls were made."""
    together = [call for each in happened for call in each]
    now = together[-1].ended_at + timedelta(seconds=later)
    return judged(standing, together, alone=alone, now=now, limits=LIMITS)


def test_five_failures_in_a_row_or_half_of_ten_put_it_down() -> None:
    assert after(calls("", "500", "500", "500", "500")).health == "good"
    down = after(calls("", *["TimeoutError"] * 4, "500"))
    assert (down.health, down.why) == ("down", "TimeoutError")
    assert after(calls(*["", "500"] * 4)).health == "good"  # half of eight: too few to tell
    assert after(calls(*["", "500"] * 5)).health == "down"
    assert after(calls(*["", "", "500"] * 20)).health == "good"


def test_what_failed_a_while_ago_no_longer_counts() -> None:
    assert after(calls(*["500"] * 4), calls("500", begin=START + timedelta(minutes=2))).health == "good"


def test_one_call_in_ten_that_drags_makes_it_slow() -> None:
    quick, dragging = calls(*[""] * 17), calls("", "", "", seconds=6, begin=START + timedelta(seconds=17))
    slow = after(quick, dragging)
    assert (slow.health, slow.why) == ("slow", "slow")
    assert after(calls(*[""] * 9, seconds=9)).health == "good"  # too few to tell


@pytest.mark.parametrize("health", ["slow", "down"])
def test_it_is_trusted_again_only_after_a_rest_and_a_row_of_quick_answers(health: Health) -> None:
    ill = Standing(health, START, "x")
    well = [""] * 5
    assert after(calls(*well), standing=ill) == ill  # no rest
    rested = START + timedelta(seconds=60)
    assert after(calls("", "", "500", "", ""), standing=ill, later=60).health == health
    assert after(calls(*well, seconds=3, begin=rested), standing=ill).health == health  # clear, not quick
    assert after(calls(*well, begin=rested), standing=ill) == Standing("good", rested + timedelta(seconds=5))
    assert after(calls(*well), standing=ill, alone=True).health == "good"  # nobody else: no rest


@given(st.lists(st.sampled_from(["", "500", "reset"]), min_size=1, max_size=120))
def test_it_never_swings_more_often_than_once_in_its_time_away(outcomes: list[str]) -> None:
    standing, turns = GOOD, list[datetime]()
    seen: list[Call] = []
    for call in calls(*outcomes):
        seen.append(call)
        found = judged(standing, seen, alone=False, now=call.ended_at, limits=LIMITS)
        if standing.health == "down" and found.health == "good":
            turns.append(call.ended_at)
            assert call.ended_at - standing.since >= LIMITS.away
            assert not any(each.failure for each in seen[-LIMITS.good_in_row :])
        standing = found
    assert len(turns) <= len(outcomes) // 60


def test_a_text_takes_the_first_that_is_well_and_open() -> None:
    def take(*route: Door) -> str | None:
        door = chosen(route, now=START, limits=LIMITS)
        return door and door.name

    soon, late = START + timedelta(seconds=3), START + timedelta(seconds=30)
    assert take(Door("a"), Door("b")) == "a"
    assert take(Door("a", "down"), Door("b")) == "b"
    assert take(Door("a", "slow"), Door("b")) == "b"
    assert take(Door("a", closed_until=START), Door("b")) == "a"
    assert take(Door("a", closed_until=soon), Door("b")) is None  # worth waiting for
    assert take(Door("a", closed_until=late), Door("b")) == "b"
    assert take(Door("a", "down"), Door("b", "slow")) == "b"
    assert take(Door("a", "slow")) == "a"
    assert take(Door("a", "slow", late), Door("b", "down")) is None
    assert take(Door("a", "down")) is None
