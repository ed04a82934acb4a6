"""Rooms that are taken at the times of a row: by the ward's sessions, and by other rows of the file."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from lopso.kernel import formatting
from lopso.kernel.i18n import gettext as _
from lopso.kernel.text import capitalized
from plan_sheets.rules.decided_rows import DecidedRow, WardSession, name_of
from plan_sheets.rules.known_series import place_key
from scheduling.rules.clashes import Booking, clashing
from scheduling.rules.recurrence import Slot, overlap

_SHOWN_CLASHES = 3


def find_clashes(decided: Sequence[DecidedRow], sessions: Sequence[WardSession]) -> None:
    """Rooms that are taken: by the ward's sessions, and by other rows."""
    booked: defaultdict[str, list[Booking]] = defaultdict(list)
    for session in sessions:
        if not session.cancelled:
            slot = session.slot
            booked[session.place].append(Booking(session.id, session.title, slot.starts_at, slot.ends_at))
    wanted = [each for each in decided if each.state == "new" and each.slots and not each.found.faults]
    by_place: defaultdict[str, list[tuple[Slot, DecidedRow]]] = defaultdict(list)
    for each in wanted:
        place = place_key(each.found.place)
        taken = clashing(each.slots, booked[place]) if place.startswith("room:") else {}
        _settle(each, taken, [_taken_by(slot, there) for slot, there in taken.items()])
        by_place[place] += [(slot, each) for slot in each.slots]
    for of_place in by_place.values():
        _clashes_between(sorted(of_place, key=lambda pair: (pair[0], pair[1].found.file.reference)))


def _taken_by(slot: Slot, there: Sequence[Booking]) -> str:
    return _(
        "%(when)s: phòng đã có “%(title)s”.",
        when=capitalized(formatting.day_and_hours(slot.starts_at, slot.ends_at)),
        title=there[0].title,
    )


def _settle(row: DecidedRow, taken: Iterable[Slot], sentences: Sequence[str]) -> None:
    """Leave the dates out where the person said so; else they are clashes."""
    left_out = set(taken)
    if not left_out:
        return
    if row.found.answer.drop:
        row.slots = [slot for slot in row.slots if slot not in left_out]
        row.warnings.append(_("Bỏ %(n)s buổi trùng phòng.", n=formatting.number(len(left_out))))
    else:
        row.clashes = _few([*row.clashes, *sentences])


def _few(sentences: Sequence[str]) -> list[str]:
    if len(sentences) <= _SHOWN_CLASHES:
        return list(sentences)
    more = _("Còn %(n)s buổi trùng nữa.", n=len(sentences) - _SHOWN_CLASHES)
    return [*sentences[:_SHOWN_CLASHES], more]


def _clashes_between(in_order: Sequence[tuple[Slot, DecidedRow]]) -> None:
    """Two rows of the file in one place at one time: both say so, unless one of them gives way."""
    clashes: defaultdict[tuple[str, str], list[tuple[Slot, DecidedRow, DecidedRow]]] = defaultdict(list)
    for at, (slot, row) in enumerate(in_order):
        for other_slot, other in in_order[at + 1 :]:
            if other_slot.starts_at >= slot.ends_at:
                break
            if other is not row:
                key = (row.found.file.reference, other.found.file.reference)
                clashes[min(key), max(key)].append((slot, row, other))
    for found in clashes.values():
        _settle_between(found)


def _settle_between(found: Sequence[tuple[Slot, DecidedRow, DecidedRow]]) -> None:
    _slot, one, other = found[0]
    giving_way = next((each for each in (other, one) if each.found.answer.drop), None)
    for row, rival in ((one, other), (other, one)):
        if giving_way is not None and row is not giving_way:
            continue
        times = {slot for slot, *_rows in found}
        taken = [mine for mine in row.slots if any(overlap(mine, slot) for slot in times)]
        said = [
            _(
                "%(when)s: cùng nơi học với dòng khác của tệp (%(other)s: %(course)s).",
                when=capitalized(formatting.day_and_hours(slot.starts_at, slot.ends_at)),
                other=name_of(rival),
                course=rival.found.row.text("course"),
            )
            for slot in taken
        ]
        _settle(row, taken, said)
