"""What a form says beside its fields about the day, the time and the room typed so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from lopso.kernel import formatting
from lopso.kernel.i18n import gettext as _
from scheduling.labels.sessions import booking_label, day_off_label
from scheduling.queries.availability import NOBODY_NEEDED, StaffOverview
from scheduling.rules.clashes import Booking
from scheduling.rules.recurrence import DayOff, Slot, overlap

SUNDAY = 6
ROOMS_NAMED = 3


@dataclass(frozen=True, slots=True)
class RoomOverview:
    """A room on the day that was typed.

    Attributes:
        taken: whether something is in it at the time that was typed; None without a time.
        held: what is in it that day, and whether that is at the same time.
    """

    name: str
    taken: bool | None
    held: Sequence[tuple[str, bool]]


@dataclass(frozen=True, slots=True)
class SlotOverview:
    """The part beside the fields: `notes` are (kind of note, sentence); `free_rooms` say which others are."""

    when: str = ""
    notes: Sequence[tuple[str, str]] = ()
    room: RoomOverview | None = None
    no_room: str = ""
    free_rooms: str = ""
    staff: StaffOverview = NOBODY_NEEDED

    @property
    def empty(self) -> bool:
        """Whether nothing was typed that says a day."""
        return not (self.when or self.notes)

    @property
    def short(self) -> str:
        """The same in a few words, for the line under which it is folded away."""
        found: list[str] = []
        if self.room is not None and self.room.taken is not None:
            found.append(_("phòng bận") if self.room.taken else _("phòng trống"))
        if self.staff.roles:
            enough = all(each.enough for each in self.staff.roles)
            found.append(_("đủ người") if enough else _("thiếu người"))
        return ", ".join(found)


def when_label(day: date | None, slot: Slot | None) -> str:
    """ "thứ Năm 26/11/2026, 08h30 – 10h00"; the day alone while there is no time."""
    if day is None:
        return ""
    words = formatting.weekday_and_date(day)
    return f"{words}, {formatting.hours(slot.starts_at, slot.ends_at)}" if slot else words


def day_notes(day: date, slot: Slot | None, off: DayOff | None, *, now: datetime) -> list[tuple[str, str]]:
    """What is unusual about a day and a time, each with the kind of its note."""
    found: list[tuple[str, str]] = []
    if slot is not None and slot.starts_at <= now:
        found.append(("warn", _("Ngày giờ này đã qua.")))
    if off is not None:
        found.append(("warn", _("Hôm đó là ngày nghỉ: %(name)s.", name=day_off_label(off))))
    elif day.weekday() == SUNDAY:
        found.append(("info", _("Hôm đó là Chủ nhật.")))
    return found


def room_overview(name: str, held: Sequence[Booking], *, day: date, slot: Slot | None) -> RoomOverview:
    """A room and what is in it on `day`."""
    overlaps = [slot is not None and overlap(each, slot) for each in held]
    words = [booking_label(each, day) for each in held]
    return RoomOverview(
        name, None if slot is None else any(overlaps), list(zip(words, overlaps, strict=True))
    )


def free_rooms_label(names: Sequence[str], *, others: bool) -> str:
    """Which rooms are free then, the first ones by name; `others`: besides one that was chosen."""
    if not names:
        return _("Không còn phòng nào trống lúc đó.")
    named = "; ".join(names[:ROOMS_NAMED])
    if more := len(names) - ROOMS_NAMED:
        named = _("%(names)s và %(n)s phòng khác", names=named, n=more) if more > 0 else named
    if others:
        return _("Phòng khác còn trống lúc đó: %(names)s.", names=named)
    return _("Phòng còn trống lúc đó: %(names)s.", names=named)
