"""Rows of a plan sheet in words."""

from collections.abc import Mapping
from datetime import date, time

from lopso.kernel import formatting
from lopso.kernel.i18n import gettext as _
from plan_sheets.labels.fields import field_labels
from plan_sheets.rules.decided_rows import DecidedRow, RowState
from plan_sheets.rules.known_series import RowDifference
from plan_sheets.rules.resolved_rows import WardNames
from scheduling.labels.sessions import slots_label
from scheduling.rules.recurrence import WeeklySlot


def state_labels() -> Mapping[RowState, str]:
    """What the rows of each state are called, those for a person first."""
    return {
        "open": _("Cần xem lại"),
        "new": _("Sẽ lập"),
        "changed": _("Đã đổi"),
        "known": _("Đã có"),
        "repeated": _("Lặp lại"),
        "skipped": _("Bỏ qua"),
    }


def place_label(place: str, names: WardNames) -> str:
    """A place as facts have it, in words."""
    kind, _colon, rest = place.partition(":")
    room = names.rooms.get(int(rest)) if kind == "room" else None
    return room.label if room else rest if kind == "words" else _("nơi khác")


def row_place(row: DecidedRow, names: WardNames) -> str:
    """Where the meetings of a row are, as written while that is not clear."""
    place = row.found.place
    room = names.rooms.get(place.room_id or 0) if place else None
    return room.label if room else row.found.row.text("place")


def row_rule(row: DecidedRow) -> str:
    """The weekly times and the meetings of a row, as written while they are not clear."""
    rule = row.found.rule
    if rule is None:
        parts = (row.found.row.text(field) for field in ("weekday", "hours", "when", "starts", "meetings"))
        return ", ".join(part for part in parts if part)
    slots = row.slots or row.found.slots
    if not slots:
        return slots_label(rule.slots)
    return _(
        "%(times)s; %(n)s buổi, %(first)s – %(last)s",
        times=slots_label(rule.slots),
        n=formatting.number(len(slots)),
        first=formatting.full_date(slots[0].day),
        last=formatting.full_date(slots[-1].day),
    )


def difference_label(difference: RowDifference, names: WardNames) -> tuple[str, str, str]:
    """Column, old and new in words."""
    label = _("Lịch học") if difference.field == "times" else field_labels()[difference.field]
    return (
        label,
        _fact(difference.field, difference.before, names),
        _fact(difference.field, difference.after, names),
    )


def _fact(field: str, fact: str, names: WardNames) -> str:
    if field == "place":
        return place_label(fact, names)
    if field == "seats":
        return fact
    if field != "times":
        return _("%(n)s buổi", n=fact) if fact.isdigit() else formatting.full_date(date.fromisoformat(fact))
    slots = [each.split() for each in fact.split("; ") if each]
    return slots_label(
        [WeeklySlot(int(day), time.fromisoformat(hour), int(minutes)) for day, hour, minutes in slots]
    )
