"""Rows of a plan sheet before and after they are resolved, and the names of a ward they are resolved with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from plan_sheets.rules.answers import RowAnswer
from plan_sheets.rules.plan_rows import DAY_FIELDS, PlanReading, PlanRow, RowFault
from scheduling.rules.plan import SessionPlace, SessionTemplate
from scheduling.rules.recurrence import DayOff, Slot, WeeklyRule

CELLS = (
    *("course", "place", "weekday", "hours", "when", "starts", "ends", "meetings", "seats", "helper"),
    *DAY_FIELDS,
)
"""Fields of which a person may type another text."""


@dataclass(frozen=True, slots=True)
class FileRow:
    """A row of the file: what names it, where it stands, what it says.

    Attributes:
        course_above: it names no course; `row` has that of the row above it.
    """

    reference: str
    sheet: str
    number: int
    row: PlanRow
    cells: Sequence[str] = ()
    course_above: bool = False


@dataclass(frozen=True, slots=True)
class NamedCourse:
    """A course that can be planned: title and usual length."""

    title: str
    minutes: int


@dataclass(frozen=True, slots=True)
class NamedRoom:
    """A room: as screens call it, the names it may go by, its seats."""

    label: str
    names: Sequence[str]
    seats: int


@dataclass(frozen=True, slots=True)
class WardNames:
    """What names of a sheet may mean in a ward, by id; days off by day."""

    courses: Mapping[int, NamedCourse]
    rooms: Mapping[int, NamedRoom]
    helpers: Mapping[int, str]
    days_off: Mapping[date, DayOff]


@dataclass(slots=True)
class ResolvedRow:
    """A row with what it means in this ward.

    Attributes:
        answer: what a person said about it.
        course, helper: ids; None while it is not clear which. place: None likewise.
        near_courses, near_rooms, near_helpers: ids that the names may mean.
        details, rule: None while something is missing.
        slots: the dates wanted, earliest first, days off passed over.
        faults, doubts, notes: as in `PlanReading`, with those of this step.
    """

    file: FileRow
    answer: RowAnswer
    reading: PlanReading
    course: int | None = None
    place: SessionPlace | None = None
    helper: int | None = None
    near_courses: Sequence[int] = ()
    near_rooms: Sequence[int] = ()
    near_helpers: Sequence[int] = ()
    details: SessionTemplate | None = None
    rule: WeeklyRule | None = None
    slots: Sequence[Slot] = ()
    faults: list[RowFault] = field(default_factory=list[RowFault])
    doubts: list[RowFault] = field(default_factory=list[RowFault])
    notes: list[str] = field(default_factory=list[str])

    @property
    def row(self) -> PlanRow:
        """The texts, with what a person typed in their place."""
        return with_texts(self.file.row, self.answer.texts)


def with_texts(row: PlanRow, texts: Mapping[str, str]) -> PlanRow:
    """The row with other texts; "" clears one."""
    return replace(row, texts={name: text for name, text in {**row.texts, **texts}.items() if text})
