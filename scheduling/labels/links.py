"""Addresses around a session, and of its learners."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from learners.models import Learner
from lopso.kernel import formatting
from lopso.kernel.clock import local, local_day, monday_of
from scheduling.models import ClassSession


def week_of(session: ClassSession) -> str:
    """Address of the week in which a session lies."""
    return f"/lich/{session.ward_id}?tuan={monday_of(local_day(session.starts_at))}"


def back_of(session: ClassSession, *, whole: bool) -> str:
    """Where one goes after a change: to the series when it was about that, else to the session."""
    if whole and session.series_id is not None:
        return f"/lich/{session.ward_id}/chuoi/{session.series_id}"
    return f"/buoi/{session.id}"


def change_back_address(session: ClassSession, before: Mapping[str, Any]) -> str:
    """The preview of a change that gives a session and those after it what they had before.

    Args:
        before: as `scheduling.queries.series_state` keeps a session.
    """
    start, end = (local(datetime.fromisoformat(before[name])) for name in ("starts_at", "ends_at"))
    names = ("title", "place", "capacity", "need_trainers", "need_helpers", "note")
    fields = {
        "pham_vi": "following",
        "day": start.date().isoformat(),
        "since": formatting.hour(start),
        "until": formatting.hour(end),
        "room": before["room_id"] or "",
        "market": before["market_id"] or "",
        **{name: before[name] for name in names},
    }
    return f"/buoi/{session.id}/sua/xem-truoc?{urlencode(fields)}"


def learner_page_of(learner: Learner) -> str:
    """The learner's page for staff."""
    return f"/nguoi-hoc/{learner.ward_id}/{learner.id}"
