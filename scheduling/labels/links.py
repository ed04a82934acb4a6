"""Addresses around a session, and of its learners."""

from learners.models import Learner
from lopso.kernel.clock import local_day, monday_of
from scheduling.models import ClassSession


def week_of(session: ClassSession) -> str:
    """Address of the week in which a session lies."""
    return f"/lich/{session.ward_id}?tuan={monday_of(local_day(session.starts_at))}"


def back_of(session: ClassSession, *, whole: bool) -> str:
    """Where one goes after a change: to the series when it was about that, else to the session."""
    if whole and session.series_id is not None:
        return f"/lich/{session.ward_id}/chuoi/{session.series_id}"
    return f"/buoi/{session.id}"


def learner_page_of(learner: Learner) -> str:
    """The learner's page for staff."""
    return f"/nguoi-hoc/{learner.ward_id}/{learner.id}"
