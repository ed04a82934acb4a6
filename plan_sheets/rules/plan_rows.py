"""A row of a plan sheet: its texts, and the weekly plan they mean."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import NamedTuple

from lopso.kernel.parsing import Period

NO_PERIOD = Period()
DAY_FIELDS = tuple(f"day{number}" for number in range(7))
"""Columns of one weekday each, 0 = Monday: a tick, or the hours on that day."""


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A row as it stands in the file: texts by field, and what its sheet's titles say about the time."""

    texts: Mapping[str, str]
    period: Period = NO_PERIOD

    def text(self, field: str) -> str:
        """The text of a field, "" where there is none."""
        return self.texts.get(field, "")

    @property
    def key(self) -> str:
        """Equal for rows that say the same."""
        return json.dumps([sorted(self.texts.items()), self.period.month, list(self.period.years)])


class RowFault(NamedTuple):
    """What is wrong or unclear: the field, what stands there, and a sentence."""

    field: str
    value: str
    sentence: str


class PlannedTime(NamedTuple):
    """A weekly time, wall-clock in Huế, weekday 0 = Monday; `minutes` is None where no end is said."""

    weekday: int
    start: time
    minutes: int | None


@dataclass(frozen=True, slots=True)
class PlanReading:
    """What a row means.

    Attributes:
        times: in order of the week. starts_on, ends_on, meetings: as in a weekly rule.
        faults: why it cannot be planned as it stands. doubts: what a person should look at first.
        notes: how something was understood.
    """

    times: tuple[PlannedTime, ...]
    starts_on: date | None
    ends_on: date | None
    meetings: int | None
    seats: int | None
    guessed_year: bool
    faults: tuple[RowFault, ...]
    doubts: tuple[RowFault, ...]
    notes: tuple[str, ...]
