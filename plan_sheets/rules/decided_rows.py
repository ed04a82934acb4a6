"""A row of a plan sheet and what becomes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from lopso.kernel.i18n import gettext as _
from plan_sheets.rules.known_series import KnownSeries, RowDifference
from plan_sheets.rules.plan_rows import RowFault
from plan_sheets.rules.resolved_rows import ResolvedRow
from scheduling.rules.recurrence import Slot

RowState = Literal["new", "open", "changed", "known", "repeated", "skipped"]
ROW_STATES: tuple[RowState, ...] = ("open", "new", "changed", "known", "repeated", "skipped")


@dataclass(frozen=True, slots=True)
class WardSession:
    """A session that the ward has, of any state.

    Attributes:
        place: as `place_key` writes it. original_start: where its rule put it.
    """

    id: int
    series_id: int | None
    course_id: int | None
    place: str
    title: str
    slot: Slot
    original_start: datetime
    cancelled: bool
    seats: int


@dataclass(slots=True)
class DecidedRow:
    """A row and what becomes of it.

    Attributes:
        slots: the dates that will be planned. clashes: sentences on rooms that are taken.
        series: the series it is, or changes. changes: old and new. since: what was changed in Lớp Số since.
        like: number of the row that it repeats or goes on from.
    """

    found: ResolvedRow
    state: RowState
    slots: Sequence[Slot] = ()
    clashes: Sequence[str] = ()
    series: KnownSeries | None = None
    changes: Sequence[RowDifference] = ()
    since: Sequence[RowDifference] = ()
    like: str = ""
    warnings: list[str] = field(default_factory=list[str])

    @property
    def faults(self) -> Sequence[RowFault]:
        """What must be mended or looked at before it is planned."""
        doubts = () if self.found.answer.seen else self.found.doubts
        return [*self.found.faults, *doubts]

    @property
    def waits(self) -> bool:
        """Whether a person has to do something about it before it is planned or left as it is."""
        return self.state in ("open", "changed")


def name_of(row: DecidedRow) -> str:
    """Where a row stands in the file, in words."""
    file = row.found.file
    return _("%(sheet)s, dòng %(row)s", sheet=file.sheet, row=file.number)


def counts_of(decided: Sequence[DecidedRow]) -> Mapping[RowState, int]:
    """How many rows are in each state."""
    counts: dict[RowState, int] = dict.fromkeys(ROW_STATES, 0)
    for each in decided:
        counts[each.state] += 1
    return counts
