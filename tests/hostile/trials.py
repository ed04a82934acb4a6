"""Trials with drawn values: some in `make test`, ten times as many in `make test-long`."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.hostile.hostile_site import HostileSite

Trial: TypeAlias = Callable[[HostileSite, st.DataObject], Awaitable[None]]
Test: TypeAlias = Callable[..., None]

FEW, MANY = 100, 1000

_examples = settings(
    max_examples=FEW,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    report_multiple_bugs=False,
)


def few_and_many(trial: Trial, *, few: int = FEW) -> tuple[Test, Test]:
    """Two tests that make the trial again and again; the second is a long one."""

    async def some(site: HostileSite, data: st.DataObject) -> None:
        await trial(site, data)

    async def many(site: HostileSite, data: st.DataObject) -> None:
        await trial(site, data)

    drawn = given(data=st.data())
    return (
        settings(_examples, max_examples=few)(drawn(some)),
        pytest.mark.long(settings(_examples, max_examples=MANY)(drawn(many))),
    )
