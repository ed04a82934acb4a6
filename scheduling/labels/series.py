"""Labels of series."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from lopso.kernel import formatting
from lopso.kernel.clock import local_day, monday_of
from lopso.kernel.i18n import gettext as _
from lopso.kernel.text import capitalized
from scheduling.labels.sessions import slots_label
from scheduling.models import ClassSession
from scheduling.queries.series_list import SeriesState
from scheduling.rules.recurrence import Slot, WeeklySlot


def series_state_labels() -> Mapping[SeriesState, str]:
    """What a state is called, in the order in which people look for them."""
    return {
        "running": _("Đang học"),
        "upcoming": _("Sắp mở"),
        "draft": _("Bản nháp"),
        "over": _("Đã xong"),
    }


@dataclass(frozen=True, slots=True)
class MeetingMark:
    """A session of a series as one field of its strip."""

    session: ClassSession
    state: Literal["cancelled", "held", "draft", "ready"]
    label: str


def meeting_mark(session: ClassSession, now: datetime) -> MeetingMark:
    """How far one session is."""
    if session.cancelled_at:
        return MeetingMark(session, "cancelled", _("đã hủy"))
    if session.published_at is None:
        return MeetingMark(session, "draft", _("bản nháp"))
    if session.ends_at <= now:
        return MeetingMark(session, "held", _("đã học"))
    if session.starts_at <= now:
        return MeetingMark(session, "ready", _("đang học"))
    return MeetingMark(session, "ready", _("sắp tới"))


def weekday_options(session: ClassSession) -> list[tuple[int, str]]:
    """The weekdays to which meetings like this one can go, each with the day in the session's week."""
    ruled = local_day(session.rule_start or session.starts_at)
    monday = monday_of(ruled)
    days = [monday + timedelta(days=number) for number in range(7)]
    return [
        (
            day.weekday(),
            _(
                "%(weekday)s, từ %(day)s",
                weekday=capitalized(formatting.weekday(day)),
                day=formatting.day(day),
            ),
        )
        for day in days
        if day != ruled
    ]


def meeting_twice_label(slot: WeeklySlot) -> str:
    """The sentence for a weekly time at which two meetings of a series would fall together."""
    return _(
        "Chuỗi này đã có buổi %(when)s; hai buổi không thể cùng một giờ. Xin chọn ngày khác hoặc đổi giờ.",
        when=slots_label([slot]),
    )


def same_time_label(slot: Slot) -> str:
    """The sentence for a date on which another meeting of the series takes place at that time."""
    return _(
        "%(when)s: chuỗi này đã có một buổi vào giờ đó.",
        when=capitalized(formatting.day_and_hours(slot.starts_at, slot.ends_at)),
    )
