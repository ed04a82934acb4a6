"""Labels of series."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from lopso.kernel.i18n import gettext as _
from scheduling.models import ClassSession
from scheduling.queries.series_list import SeriesState


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
