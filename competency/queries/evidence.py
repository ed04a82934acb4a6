"""Which demonstrations count."""

from typing import Any

from sqlalchemy import ColumnElement, false, func

from attendance.models import AttendanceMark
from attendance.queries import standing_mark
from competency.models import Demonstration


def still_present() -> ColumnElement[Any]:
    """Whether the learner of a demonstration is still marked present in its session."""
    present = standing_mark(
        AttendanceMark.is_present,
        session_id=Demonstration.session_id,
        learner_id=Demonstration.learner_id,
    )
    return func.coalesce(present.scalar_subquery(), false())


def counts() -> tuple[ColumnElement[bool], ...]:
    """Conditions under which a demonstration counts: it was not voided, and its learner was present."""
    return Demonstration.voided_at.is_(None), still_present()
