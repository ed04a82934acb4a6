"""SQL: helpers whom a message about a session did not reach, or who get none."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, or_, select, union
from sqlalchemy.dialects.postgresql import distinct_on

from notifications.models import Message, MessageRecipient
from notifications.queries.message_outcomes import IS_CURRENT, IS_REACHED, OUTCOME
from notifications.queries.opt_outs import opted_out
from notifications.queries.phone_calls import helper_was_called
from scheduling.models import ASSIGNMENT_ACTIVE, Assignment, ClassSession
from trainers.models import Trainer
from wordings.rules.facts import OFFERS

_MOBILE = r"^\+84[35789][0-9]{8}$"
_STILL_SENT_AFTER_CANCELLATION = ("helper_cancelled", "assignment_withdrawn")


def unreached_helpers(session_ids: Collection[int] | Select[int]) -> Subquery:
    """By session and helper: purpose, outcomes and error code of the message that did not reach them, if any.

    Needs the parameter `now`.
    """
    missed = _missed_messages(session_ids)
    people = union(
        select(missed.c.session_id, missed.c.trainer_id), _without_messages(session_ids)
    ).subquery()
    return (
        select(
            people.c.session_id,
            people.c.trainer_id,
            missed.c.outcome,
            missed.c.purpose,
            missed.c.error_code,
        )
        .ext(distinct_on(people.c.session_id, people.c.trainer_id))
        .outerjoin(
            missed,
            and_(missed.c.session_id == people.c.session_id, missed.c.trainer_id == people.c.trainer_id),
        )
        .where(~helper_was_called(people.c.session_id, people.c.trainer_id, missed.c.made_at))
        .order_by(
            people.c.session_id,
            people.c.trainer_id,
            missed.c.purpose.in_(_STILL_SENT_AFTER_CANCELLATION).desc(),
        )
        .subquery()
    )


def _missed_messages(session_ids: Collection[int] | Select[int]) -> Subquery:
    """By session, helper and purpose: what became of messages none of which reached them."""
    return (
        select(
            Message.session_id,
            MessageRecipient.trainer_id,
            Message.purpose,
            func.array_agg(OUTCOME).label("outcome"),
            func.max(Message.error_code).label("error_code"),
            func.max(Message.created_at).label("made_at"),
        )
        .join(Message, Message.id == MessageRecipient.message_id)
        .join(ClassSession, ClassSession.id == Message.session_id)
        .where(
            Message.session_id.in_(session_ids),
            Message.session_version == ClassSession.version,
            MessageRecipient.trainer_id.is_not(None),
            IS_CURRENT,
            or_(ClassSession.cancelled_at.is_(None), Message.purpose.in_(_STILL_SENT_AFTER_CANCELLATION)),
            _still_concerned(),
        )
        .group_by(Message.session_id, MessageRecipient.trainer_id, Message.purpose)
        .having(~func.bool_or(IS_REACHED))
        .subquery()
    )


def _still_concerned() -> ColumnElement[bool]:
    """Whether the message still concerns its recipient, who may have answered or be in the session again."""
    here = select(Assignment.id).where(
        Assignment.session_id == Message.session_id,
        Assignment.trainer_id == MessageRecipient.trainer_id,
    )
    active = here.where(Assignment.state.in_(ASSIGNMENT_ACTIVE)).exists()
    return case(
        (Message.purpose.in_(OFFERS), here.where(Assignment.state == "offered").exists()),
        (Message.purpose == "assignment_withdrawn", ~active),
        else_=active,
    )


def _without_messages(session_ids: Collection[int] | Select[int]) -> Select[int, int]:
    """Helpers of published sessions who have no mobile, or want no messages about duties."""
    return (
        select(Assignment.session_id, Assignment.trainer_id)
        .join(Trainer, Trainer.id == Assignment.trainer_id)
        .join(ClassSession, ClassSession.id == Assignment.session_id)
        .where(
            Assignment.session_id.in_(session_ids),
            Assignment.state.in_(ASSIGNMENT_ACTIVE),
            ClassSession.published_at.is_not(None),
            or_(
                Trainer.phone.is_(None),
                ~Trainer.phone.regexp_match(_MOBILE),
                opted_out(Trainer.phone, ("duties",)),
            ),
        )
    )
