"""Tasks about sessions: people who fell out or do not answer, people missing, rolls not called."""

from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from attendance.queries import latest_marks
from overview.queries.statements import AnySelect
from overview.queries.tasks.rows import (
    NOW,
    READER,
    WARD,
    instant,
    is_coming,
    session_columns,
    with_places,
)
from scheduling.models import Assignment, ClassSession
from scheduling.queries.dropouts import has_dropped_out, missing_in_role, role_lacks_people
from trainers.models import Trainer

TIME_TO_ANSWER = 24
"""The part of the time left in which an answer is awaited: a twenty-fourth."""

_Later = aliased(Assignment)


def declined() -> AnySelect:
    """The last to drop out of a role in which somebody is missing; one task for a session and role."""
    rows = session_columns(
        subject_id=Assignment.id,
        detail={"person": Trainer.full_name, "reason": Assignment.reason, "role": Assignment.role},
    ).join_from(ClassSession, Assignment, Assignment.session_id == ClassSession.id)
    dropped_out_later = (
        select(_Later.id)
        .where(
            _Later.session_id == Assignment.session_id,
            _Later.role == Assignment.role,
            _Later.id > Assignment.id,
            has_dropped_out(_Later),
        )
        .exists()
    )
    return with_places(rows.join(Trainer, Trainer.id == Assignment.trainer_id)).where(
        *is_coming(), has_dropped_out(), role_lacks_people(), ~dropped_out_later
    )


def short() -> AnySelect:
    """Sessions with people missing of whom nobody dropped out; the others are tasks of `declined`."""
    trainers, helpers = missing_in_role("trainer"), missing_in_role("helper")
    rows = session_columns(detail={"trainers": trainers, "helpers": helpers})
    somebody_dropped_out = (
        select(Assignment.id)
        .where(Assignment.session_id == ClassSession.id, has_dropped_out(), role_lacks_people())
        .correlate(ClassSession)
        .exists()
    )
    return with_places(rows.select_from(ClassSession)).where(
        *is_coming(), trainers + helpers > 0, ~somebody_dropped_out
    )


def unanswered() -> AnySelect:
    """People who have had time to answer: an hour for a session tomorrow, seven for one in a week."""
    rows = session_columns(
        subject_id=Assignment.id,
        detail={"person": Trainer.full_name, "role": Assignment.role, "asked": Assignment.offered_at},
    ).join_from(ClassSession, Assignment, Assignment.session_id == ClassSession.id)
    return with_places(rows.join(Trainer, Trainer.id == Assignment.trainer_id)).where(
        *is_coming(),
        ClassSession.published_at.is_not(None),
        Assignment.state == "offered",
        func.extract("epoch", NOW - Assignment.offered_at) * TIME_TO_ANSWER
        > func.extract("epoch", ClassSession.starts_at - NOW),
    )


def without_roll() -> AnySelect:
    """Sessions that are over, with people enrolled and nobody marked."""
    rows = with_places(session_columns(detail={"people": ClassSession.seats_taken}).select_from(ClassSession))
    return rows.where(ClassSession.ward_id == WARD, *_over_without_marks())


def _over_without_marks() -> tuple[ColumnElement[bool], ...]:
    standing = latest_marks(ClassSession.id).correlate(ClassSession).subquery()
    marked = select(standing.c.id).where(standing.c.mark != "cleared").exists()
    return (
        ClassSession.starts_at > instant("since"),
        ClassSession.ends_at <= NOW,
        ClassSession.published_at.is_not(None),
        ClassSession.cancelled_at.is_(None),
        ClassSession.seats_taken > 0,
        ~marked,
    )


def own_unanswered() -> AnySelect:
    """Sessions the reader is asked into and has not answered."""
    return _own("offered").where(ClassSession.starts_at > NOW, ClassSession.cancelled_at.is_(None))


def own_without_roll() -> AnySelect:
    """Sessions the reader helped in that are over, with nobody marked."""
    return _own("accepted").where(*_over_without_marks())


def _own(state: str) -> AnySelect:
    detail: dict[str, Any] = {"people": ClassSession.seats_taken, "role": Assignment.role}
    rows = session_columns(subject_id=Assignment.id, detail=detail).join_from(
        ClassSession, Assignment, Assignment.session_id == ClassSession.id
    )
    return with_places(rows.join(Trainer, Trainer.id == Assignment.trainer_id)).where(
        Trainer.user_id == READER,
        Trainer.left_at.is_(None),
        Assignment.state == state,
        Assignment.starts_at > instant("since"),
        ClassSession.published_at.is_not(None),
        func.coalesce(READER, 0) > 0,
    )


def next_of_ward() -> AnySelect:
    """The next published session of the ward."""
    return _next(session_columns().select_from(ClassSession)).where(ClassSession.ward_id == WARD)


def next_own() -> AnySelect:
    """The next session the reader has accepted."""
    rows = session_columns().join_from(ClassSession, Assignment, Assignment.session_id == ClassSession.id)
    return _next(rows.join(Trainer, Trainer.id == Assignment.trainer_id)).where(
        Trainer.user_id == READER, Trainer.left_at.is_(None), Assignment.state == "accepted"
    )


def _next(rows: AnySelect) -> AnySelect:
    return (
        with_places(rows)
        .where(
            ClassSession.starts_at > NOW,
            ClassSession.published_at.is_not(None),
            ClassSession.cancelled_at.is_(None),
        )
        .order_by(ClassSession.starts_at, ClassSession.id)
        .limit(1)
    )
