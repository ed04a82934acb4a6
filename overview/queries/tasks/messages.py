"""Tasks about texts: people to call before a session, texts that did not arrive."""

from typing import Any

from sqlalchemy import Select, and_, func, literal, or_, select, union_all

from learners.models import Learner
from notifications.models import Message
from notifications.queries.unreached_helpers import unreached_helpers
from notifications.queries.unreached_learners import is_unreached, outcomes_by_learner
from notifications.rules.states import PROBLEM_STATES
from overview.queries.statements import AnySelect
from overview.queries.tasks.rows import (
    NOW,
    WARD,
    instant,
    session_columns,
    task_columns,
    with_places,
)
from scheduling.models import ClassSession, Enrolment


def to_call() -> AnySelect:
    """Sessions of the next two days with people whom no text reached or will reach."""
    unreached = _unreached().subquery()
    people = (
        select(unreached.c.session_id, func.count().label("people"))
        .group_by(unreached.c.session_id)
        .subquery("to_call")
    )
    rows = session_columns(detail={"people": people.c.people}).join_from(
        ClassSession, people, people.c.session_id == ClassSession.id
    )
    return with_places(rows)


def _soon() -> Select[int]:
    return select(ClassSession.id).where(
        ClassSession.ward_id == WARD,
        ClassSession.starts_at > NOW,
        ClassSession.starts_at < instant("call_until"),
        ClassSession.published_at.is_not(None),
        ClassSession.cancelled_at.is_(None),
    )


def _unreached() -> Any:
    outcomes = outcomes_by_learner(_soon())
    learners = (
        select(Enrolment.session_id)
        .join(Learner, Learner.id == Enrolment.learner_id)
        .outerjoin(
            outcomes,
            and_(
                outcomes.c.session_id == Enrolment.session_id, outcomes.c.learner_id == Enrolment.learner_id
            ),
        )
        .where(Enrolment.session_id.in_(_soon()), *is_unreached(outcomes))
    )
    return union_all(learners, select(unreached_helpers(_soon()).c.session_id))


def failed() -> AnySelect:
    """Texts of the last week that did not arrive, by session; those of the next two days are to be called."""
    messages = (
        select(
            Message.session_id,
            func.min(Message.id).label("message_id"),
            func.count().label("number"),
            func.max(Message.due_at).label("due_at"),
        )
        .where(
            Message.ward_id == WARD,
            Message.due_at >= instant("week_ago"),
            Message.due_at <= NOW,
            Message.state.in_(PROBLEM_STATES),
            Message.resolved_at.is_(None),
            or_(Message.session_id.is_(None), Message.session_id.not_in(_soon())),
        )
        # Each text that speaks of no session is a task of its own.
        .group_by(Message.session_id, func.coalesce(Message.session_id, -Message.id))
        .subquery("failed_messages")
    )
    return (
        task_columns(
            messages.c.due_at,
            session_id=messages.c.session_id,
            subject_id=messages.c.message_id,
            name=func.coalesce(ClassSession.title, literal("")),
            detail={"number": messages.c.number, "starts": ClassSession.starts_at},
        )
        .select_from(messages)
        .outerjoin(ClassSession, ClassSession.id == messages.c.session_id)
    )
