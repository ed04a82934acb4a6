"""When a roll may be called, and how marks are counted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

PRESENT_MARKS = ("present", "late", "left_early")
MARKS = (*PRESENT_MARKS, "excused", "absent", "cleared")
"""All marks; "cleared" removes the former mark."""

OPENS_BEFORE = timedelta(hours=2)
"""People arrive early, and the helper sets up the room: the roll opens this long before the class."""

HELPERS_CORRECT_FOR = timedelta(days=30)
"""How long after a class its helpers still see its names; later corrections go through the coordinator."""


def opens_at(starts_at: datetime) -> datetime:
    """When the roll of a class that begins at `starts_at` may first be called. UTC in, UTC out."""
    return starts_at - OPENS_BEFORE


def closes_for_helpers_at(ends_at: datetime) -> datetime:
    """When the roll of a class that ended at `ends_at` is no longer shown to its helpers. UTC."""
    return ends_at + HELPERS_CORRECT_FOR


def happened(claimed: datetime | None, now: datetime) -> datetime:
    """When a mark counts as made: what the phone says, but never later than `now`.

    The latest mark wins, so a phone whose clock runs ahead must not win for ever.
    """
    return now if claimed is None else min(claimed, now)


def is_present(mark: str | None) -> bool:
    """Whether `mark` says that the person was in the room; None is unmarked."""
    return mark in PRESENT_MARKS


@dataclass(frozen=True, slots=True)
class RollTally:
    """Counts of a roll, in people.

    Attributes:
        people: everybody on the roll: those with a seat, and walk-ins.
        present: in the room at some time (on time, late or left early).
        unmarked: without a mark.
    """

    people: int
    present: int
    unmarked: int


def tally(marks: Iterable[str | None]) -> RollTally:
    """Count the standing marks of a roll, one for each person; None and "cleared" are unmarked."""
    standing = list(marks)
    return RollTally(
        people=len(standing),
        present=sum(is_present(mark) for mark in standing),
        unmarked=sum(mark is None or mark == "cleared" for mark in standing),
    )
