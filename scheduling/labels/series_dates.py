"""Dates of a rule before they become sessions, in words."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from lopso.kernel import formatting
from lopso.kernel.text import capitalized
from scheduling.labels.sessions import booking_label, day_off_label
from scheduling.queries.series import SeriesDate


@dataclass(frozen=True, slots=True)
class SeriesPreviewRow:
    """A date of the preview, in words; `there` links to what holds the room.

    Attributes:
        warnings: what prevents nothing, but should be known.
    """

    value: str
    day: str
    hours: str
    off: str | None
    skipped: bool
    past: bool
    there: Sequence[tuple[str, str]]
    closed: bool
    checked: bool
    warnings: Sequence[str] = ()


def date_row(
    found: SeriesDate,
    picked: Collection[datetime] | None,
    warnings: Sequence[str] = (),
    *,
    closed: bool | None = None,
) -> SeriesPreviewRow:
    """A date of a rule; ticked as it was, or where it is to come when nothing was ticked yet.

    Args:
        closed: whether it cannot be chosen; None: where it is passed over, or the room is taken.
    """
    closed = not found.possible if closed is None else closed
    slot, off = found.meeting.slot, found.meeting.day_off
    wanted = not found.past if picked is None else slot.starts_at in picked
    return SeriesPreviewRow(
        value=formatting.instant(slot.starts_at),
        day=capitalized(formatting.weekday_and_date(slot.day)),
        hours=formatting.hours(slot.starts_at, slot.ends_at),
        off=day_off_label(off) if off else None,
        skipped=found.meeting.skipped,
        past=found.past,
        there=[(f"/buoi/{each.session_id}", booking_label(each, slot.day)) for each in found.there],
        closed=closed,
        checked=not closed and wanted,
        warnings=warnings,
    )
