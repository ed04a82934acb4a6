"""SQL: learners whom no message about a session reached or will reach."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, or_, select, union_all

from learners.models import Learner
from notifications.models import Message, MessageRecipient, MessageSession
from notifications.queries.message_outcomes import IS_CURRENT, IS_REACHED, OUTCOME
from notifications.queries.phone_calls import learner_was_called
from notifications.rules.states import PROBLEM_STATES, SENT_STATES
from scheduling.models import ClassSession, Enrolment


def outcomes_by_learner(session_ids: Collection[int] | Select[int]) -> Subquery:
    """By session and learner: whether messages about the session as it now stands reached them, and outcomes.

    Needs the parameter `now`.
    """
    mentions = _mentions(session_ids)
    return (
        select(
            mentions.c.session_id,
            MessageRecipient.learner_id,
            _is_reached().label("reached"),
            func.array_agg(OUTCOME).label("outcome"),
            func.max(Message.error_code).label("error_code"),
        )
        .join(Learner, Learner.id == MessageRecipient.learner_id)
        .join(Message, Message.id == MessageRecipient.message_id)
        .join(mentions, mentions.c.id == Message.id)
        .join(ClassSession, ClassSession.id == mentions.c.session_id)
        .where(
            mentions.c.session_version == ClassSession.version,
            MessageRecipient.learner_id.is_not(None),
            IS_CURRENT,
            case(
                (ClassSession.cancelled_at.is_not(None), Message.purpose == "session_cancelled"),
                else_=Message.purpose.in_(
                    (
                        "reminder_day_before",
                        "reminder_same_day",
                        "session_moved",
                        "session_reopened",
                        "waitlist_place",
                    )
                ),
            ),
        )
        .group_by(mentions.c.session_id, MessageRecipient.learner_id)
        .subquery()
    )


def is_unreached(outcomes: Subquery) -> list[ColumnElement[bool]]:
    """Conditions on `Enrolment` and `Learner`, outer-joined with `outcomes_by_learner`."""
    return [
        Enrolment.state == "enrolled",
        Learner.archived_at.is_(None),
        or_(outcomes.c.reached.is_(None), ~outcomes.c.reached),
        ~learner_was_called(),
    ]


def _mentions(session_ids: Collection[int] | Select[int]) -> Subquery:
    """Messages that speak of these sessions, with the version of the session that they speak of."""
    return union_all(
        select(Message.id, Message.session_id, Message.session_version).where(
            Message.session_id.in_(session_ids)
        ),
        select(MessageSession.message_id, MessageSession.session_id, MessageSession.session_version).where(
            MessageSession.session_id.in_(session_ids)
        ),
    ).subquery()


def _is_reached() -> ColumnElement[bool]:
    """Aggregate: whether some message was sent or will be, and none of the following holds.

    A free seat is news: who has not heard of it is not reached by a reminder still to come. Nor is, by one
    still to come, whoever an earlier message about the session did not reach: it may fail too.
    """
    a_seat = Message.purpose == "waitlist_place"
    reached = func.coalesce(func.bool_or(IS_REACHED).filter(~a_seat), False)
    sent = func.coalesce(func.bool_or(OUTCOME.in_(SENT_STATES)).filter(~a_seat), False)
    failed = and_(  # at a number that is no longer theirs it says nothing
        Message.state.in_(("failed", "undelivered", "ambiguous")), Message.to_phone == Learner.phone
    )
    # A budget that is used up will not pay for the next reminder either.
    unpaid = and_(Message.state == "suppressed", Message.state_reason == "budget")
    lost = or_(failed, unpaid, and_(a_seat, OUTCOME.in_((*PROBLEM_STATES, "overdue"))))
    unresolved = func.coalesce(func.bool_or(and_(lost, Message.resolved_at.is_(None))), False)
    return and_(reached, or_(sent, ~unresolved))
