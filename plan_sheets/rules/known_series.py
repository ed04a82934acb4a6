"""Series that a row of a plan sheet may be, and what the row says otherwise."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from lopso.kernel.parsing import read_id
from lopso.kernel.text import fold
from plan_sheets.rules.resolved_rows import ResolvedRow
from scheduling.rules.plan import SessionPlace
from scheduling.rules.recurrence import WeeklySlot

_ALIKE = 2  # of place, weekly times, first day, number of meetings


class RowDifference(NamedTuple):
    """One thing that is not the same: its column, and what it was and is, as `SeriesFacts` has them."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class KnownSeries:
    """A series of the ward.

    Attributes:
        place: as `place_key` writes it. times: in order of the week.
        first, last: days of its first and last meeting. total: its meetings that stand.
        stated_texts: `PlanRow.key` of the row it was made from; "" when it was not made from a sheet.
        stated_facts: `facts_of` at that time.
    """

    id: int
    course_id: int | None
    title: str
    place: str
    times: Sequence[WeeklySlot]
    starts_on: date
    ends_on: date | None
    meetings: int | None
    first: date
    last: date
    total: int
    seats: int
    stated_texts: str = ""
    stated_facts: Mapping[str, str] | None = None


def place_key(place: SessionPlace | None) -> str:
    """What tells places apart; "" for none."""
    if place is None:
        return ""
    if place.room_id is not None:
        return f"room:{place.room_id}"
    return f"words:{fold(place.words)}" if place.market_id is None else f"market:{place.market_id}"


def times_text(slots: Sequence[WeeklySlot]) -> str:
    """Weekly times as facts have them: "0 08:30 120; 2 08:30 120"."""
    return "; ".join(
        f"{each.weekday} {each.starts_at.isoformat('minutes')} {each.duration_minutes}"
        for each in sorted(slots)
    )


def facts_of(series: KnownSeries) -> dict[str, str]:
    """What a sheet may change of a series, by column."""
    end = str(series.meetings) if series.meetings else series.ends_on.isoformat() if series.ends_on else ""
    return {
        "place": series.place,
        "times": times_text(series.times),
        "starts": series.starts_on.isoformat(),
        "meetings": end,
        "seats": str(series.seats),
    }


def facts_of_row(found: ResolvedRow) -> dict[str, str]:
    """The same of a row that is understood."""
    rule = found.rule
    if rule is None:
        return {}
    end = str(rule.meetings) if rule.meetings else rule.ends_on.isoformat() if rule.ends_on else ""
    seats = found.details.capacity if found.details and found.reading.seats else None
    return {
        "place": place_key(found.place),
        "times": times_text(rule.slots),
        "starts": rule.starts_on.isoformat(),
        "meetings": end,
        **({"seats": str(seats)} if seats else {}),
    }


def find_series(
    found: ResolvedRow,
    series: Sequence[KnownSeries],
    taken: Collection[int],
    *,
    exact: bool,
) -> KnownSeries | None:
    """The series that a row is: by the code that our own sheets carry, else the only one that it is like.

    Args:
        taken: ids of series that other rows are.
        exact: only when the row says nothing else than the series is.
    """
    free = [each for each in series if each.id not in taken]
    code = read_id(found.file.row.text("code").lstrip("Cc# "))
    coded = next((each for each in free if each.id == code), None)
    if exact:
        same = coded is not None and found.rule is not None and not changes_of(found, coded)
        return coded if same else None
    if coded is not None:
        return coded if found.rule is not None else None
    if found.rule is None or not found.slots or found.course is None:
        return None
    scored = [(_likeness(found, each), each) for each in free if each.course_id == found.course]
    best = max((score for score, _each in scored), default=0)
    likest = [each for score, each in scored if score == best]
    return likest[0] if best >= _ALIKE and len(likest) == 1 else None


def changes_of(found: ResolvedRow, series: KnownSeries) -> list[RowDifference]:
    """What a row says otherwise than its series is."""
    before, after = facts_of(series), facts_of_row(found)
    if found.slots and found.slots[0].day == series.first:
        after["starts"] = before["starts"]  # another day of the same week begins the same series
    if len(found.slots) == series.total and (found.rule is None or found.rule.meetings != series.meetings):
        after["meetings"] = before["meetings"]  # until a day, or as many meetings as that gives
    return [RowDifference(name, before[name], after[name]) for name in after if after[name] != before[name]]


def changes_since(series: KnownSeries) -> list[RowDifference]:
    """What was changed in Lớp Số since the series was made from a sheet."""
    if series.stated_facts is None:
        return []
    now, then = facts_of(series), series.stated_facts
    return [
        RowDifference(name, then[name], now[name]) for name in now if then.get(name, now[name]) != now[name]
    ]


def _likeness(found: ResolvedRow, series: KnownSeries) -> int:
    first, last = found.slots[0].day, found.slots[-1].day
    if first > series.last or last < series.first:  # another term
        return 0
    differing = {change.field for change in changes_of(found, series)}
    return sum(name not in differing for name in ("place", "times", "starts", "meetings"))
