"""The form of a weekly series."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from lopso.kernel import formatting
from lopso.kernel.clock import monday_of
from lopso.kernel.i18n import gettext as _
from scheduling.forms.details import read_details
from scheduling.forms.typed import Mistakes, Typed, read_date, read_number, read_time
from scheduling.queries.choices import Choices
from scheduling.rules.plan import SeriesPlan
from scheduling.rules.recurrence import (
    LONGEST_SERIES,
    MOST_MEETINGS,
    WeeklyRule,
    WeeklySlot,
    overlapping,
)

MOST_ROWS = 6
USUAL_MINUTES = 90


@dataclass(frozen=True, slots=True)
class SlotRow:
    """A line of the form: several weekdays at one time, as typed."""

    number: int
    days: Sequence[str]
    since: str
    until: str

    @property
    def empty(self) -> bool:
        """Whether nothing was put in it."""
        return not (self.days or self.since or self.until)


def rows_of(form: Typed) -> list[SlotRow]:
    """The lines to show: those filled in, one more when asked for, at most `MOST_ROWS`."""
    wanted = min(MOST_ROWS, max(1, read_number(form.text("rows")) or 1))
    rows = [
        SlotRow(
            number,
            [day for day in form.many(f"day{number}") if day in "0123456" and len(day) == 1],
            form.text(f"from{number}"),
            form.text(f"until{number}"),
        )
        for number in range(MOST_ROWS)
    ]
    used = max((row.number + 1 for row in rows if not row.empty), default=1)
    return rows[: max(used, wanted)]


def fresh(now_day: date) -> dict[str, object]:
    """What an empty form proposes: eight meetings from next Monday on, days off passed over."""
    return {
        "kind": "ward_class",
        "starts_on": formatting.full_date(monday_of(now_day) + timedelta(days=7)),
        "meetings": "8",
        "skip": "1",
    }


def read_series(form: Typed, choices: Choices) -> SeriesPlan:
    """The plan as typed.

    Raises:
        InvalidInput: something is missing or makes no sense, each said at its field.
        NotFound: a room, market or course that is not offered in this ward.
    """
    mistakes = Mistakes()
    details = read_details(form, choices, mistakes)
    course = choices.courses.get(details.course_id) if details.course_id else None
    slots = _slots(form, course.duration_minutes if course else USUAL_MINUTES, mistakes)
    starts_on = read_date(form.text("starts_on"))
    if starts_on is None:
        mistakes.at("starts_on", _("Xin ghi ngày bắt đầu, ví dụ 07/12/2026."))
    ends_on, meetings = _end(form, starts_on, mistakes)
    mistakes.stop()
    rule = WeeklyRule(slots, starts_on or date.min, ends_on, meetings)
    return SeriesPlan(details, rule, skips_holidays=form.text("skip") == "1")


def _slots(form: Typed, usual_minutes: int, mistakes: Mistakes) -> tuple[WeeklySlot, ...]:
    slots: list[WeeklySlot] = []
    for row in rows_of(form):
        if row.empty:
            continue
        since = read_time(row.since)
        if not row.days:
            mistakes.at(f"day{row.number}", _("Xin chọn ngày trong tuần cho giờ này."))
        if since is None:
            mistakes.at(f"from{row.number}", _("Xin ghi giờ bắt đầu, ví dụ 8h30."))
            continue
        minutes = usual_minutes
        if row.until:
            until = read_time(row.until)
            if until is None:
                mistakes.at(f"until{row.number}", _("Xin ghi giờ kết thúc, ví dụ 10h."))
                continue
            minutes = (until.hour - since.hour) * 60 + until.minute - since.minute
            if minutes <= 0:
                mistakes.at(f"until{row.number}", _("Giờ kết thúc phải sau giờ bắt đầu."))
                continue
            if not 15 <= minutes <= 720:
                mistakes.at(f"until{row.number}", _("Một buổi dài từ 15 phút đến 12 giờ."))
                continue
        slots += [WeeklySlot(int(day), since, minutes) for day in dict.fromkeys(row.days)]
    if not slots and not any(name.startswith(("day", "from", "until")) for name in mistakes.fields):
        mistakes.at("day0", _("Xin chọn ít nhất một ngày trong tuần và giờ học."))
    elif slots and overlapping(slots):
        mistakes.at("day0", _("Có hai khung giờ trùng nhau trong cùng một ngày."))
    return tuple(sorted(slots))


def _end(form: Typed, starts_on: date | None, mistakes: Mistakes) -> tuple[date | None, int | None]:
    until, number = form.text("ends_on"), form.text("meetings")
    if bool(until) == bool(number):
        mistakes.at("meetings", _("Ghi số buổi, hoặc ngày kết thúc: một trong hai."))
        return None, 1
    if number:
        meetings = read_number(number)
        if meetings is None or not 1 <= meetings <= MOST_MEETINGS:
            mistakes.at("meetings", _("Số buổi từ 1 đến %(n)s.", n=MOST_MEETINGS))
            return None, 1
        return None, meetings
    ends_on = read_date(until)
    if ends_on is None:
        mistakes.at("ends_on", _("Xin ghi ngày kết thúc, ví dụ 31/12/2026."))
    elif starts_on is not None and ends_on < starts_on:
        mistakes.at("ends_on", _("Ngày kết thúc phải sau ngày bắt đầu."))
    elif starts_on is not None and ends_on > starts_on + LONGEST_SERIES:
        mistakes.at("ends_on", _("Một chuỗi kéo dài nhiều nhất hai năm."))
    return ends_on or date.max, None
