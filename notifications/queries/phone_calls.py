"""SQL: whom staff called about a session as it now stands."""

from typing import Any

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import aliased

from notifications.models import PhoneCall
from scheduling.models import ClassSession, Enrolment


def learner_was_called() -> ColumnElement[bool]:
    """Of an Enrolment: whether the learner was called since they have that seat."""
    return _was_called(
        PhoneCall.session_id == Enrolment.session_id,
        PhoneCall.learner_id == Enrolment.learner_id,
        PhoneCall.noted_at >= Enrolment.queued_at,
    )


def helper_was_called(session_id: Any, trainer_id: Any, since: Any) -> ColumnElement[bool]:
    """Whether a helper was called after `since`, the instant of what they are to know; null: at any time."""
    return _was_called(
        PhoneCall.session_id == session_id,
        PhoneCall.trainer_id == trainer_id,
        (PhoneCall.noted_at >= since).is_not(False),
    )


def _was_called(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    standing = aliased(ClassSession)
    return (
        select(PhoneCall.id)
        .join(
            standing,
            and_(standing.id == PhoneCall.session_id, standing.version == PhoneCall.session_version),
        )
        .where(*conditions)
        .exists()
    )
