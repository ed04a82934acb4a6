"""Whom to call: people with a seat, and helpers, whom no text reaches."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Interval,
    Subquery,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    union,
    union_all,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from learners.models import Learner
from lopso.kernel.db import UtcDateTime
from lopso.kernel.phone import read_phone
from notifications.models import Message, MessageRecipient, MessageSession
from notifications.queries.message_conditions import FIRST_DUE
from notifications.queries.opt_outs import opted_out
from notifications.rules.states import BY_STAFF, PENDING_STATES, PROBLEM_STATES, SENT_STATES
from scheduling.models import ASSIGNMENT_ACTIVE, Assignment, ClassSession, Enrolment
from trainers.models import Trainer
from wordings.queries.recipients import consent_withdrawn
from wordings.rules.facts import OFFERS

LISTED = 500
"""The most people of a kind on one list: more is no evening's telephoning."""

OVERDUE_AFTER = timedelta(hours=2)
"""A text that should have gone so long ago waits for a provider that may not come back in time…"""

OVERDUE_SHARE = 0.25
"""…or for this part of the time in which it is of use, where that is less."""

_MOBILE = r"^\+84[35789][0-9]{8}$"
_HELPER_NEWS = ("helper_cancelled", "assignment_withdrawn")


@dataclass(frozen=True, slots=True)
class LearnerCallEntry:
    """A learner to call before a session.

    Attributes:
        phone: E.164; None: there is no phone, somebody has to go there.
        why: "no_phone", "landline", "no_consent", "opted_out", the state of the text that failed, "held",
            "by_staff" (somebody chose not to send it), "overdue" (it should have gone), or "not_planned".
        error_code: the provider's reason, with a failed text.
    """

    learner_id: int
    name: str
    phone: str | None
    phone_note: str
    why: str
    error_code: str | None


@dataclass(frozen=True, slots=True)
class HelperCallEntry:
    """A helper to call; `why` is "no_phone", "landline", "opted_out" or the state of the text.

    `purpose` is what the text was to say; None: there is none.
    """

    trainer_id: int
    name: str
    phone: str | None
    why: str
    purpose: str | None
    error_code: str | None


async def learners_to_call(
    db: AsyncSession, session: ClassSession, *, now: datetime
) -> Sequence[LearnerCallEntry]:
    """Enrolled learners whom no text about the session as it now stands reached or will reach.

    Those too who have not heard that they left the waiting list, though a reminder is still to come. Left out
    are those of whom somebody noted that they were called or met. By given name, `LISTED` at most; one
    statement. Of a session that was called off only the text that says so counts.
    """
    topics = ("changes",) if session.cancelled_at is not None else ("reminders", "changes")
    outcomes = _learner_outcomes([session.id])
    rows = await db.execute(
        select(
            Learner,
            consent_withdrawn(Learner.id),
            opted_out(Learner.phone, topics),
            outcomes.c.outcome,
            outcomes.c.error_code,
        )
        .join(Enrolment, Enrolment.learner_id == Learner.id)
        .outerjoin(outcomes, outcomes.c.learner_id == Learner.id)
        .where(Enrolment.session_id == session.id, *_learner_unreached(outcomes))
        .order_by(Learner.sort_key, Learner.id)
        .limit(LISTED),
        {"now": now},
    )
    return [
        LearnerCallEntry(
            learner.id,
            f"{learner.title} {learner.full_name}".strip(),
            learner.phone,
            learner.phone_note,
            _learner_reason(learner, refused, silent, outcome or ()),
            error_code,
        )
        for learner, refused, silent, outcome, error_code in rows
    ]


async def helpers_to_call(
    db: AsyncSession, session: ClassSession, *, now: datetime
) -> Sequence[HelperCallEntry]:
    """Helpers of a published session whom texts do not reach. By given name, `LISTED` at most; one statement.

    Those asked or taking part who have no mobile or want no texts about duties; and those whom some news did
    not reach: that they are asked, that the session moved or is off, that they need not come.
    """
    people = _unreached_helpers([session.id])
    rows = await db.execute(
        select(
            Trainer,
            opted_out(Trainer.phone, ("duties",)),
            people.c.outcome,
            people.c.purpose,
            people.c.error_code,
        )
        .join(people, people.c.trainer_id == Trainer.id)
        .order_by(Trainer.sort_key, Trainer.id)
        .limit(LISTED),
        {"now": now},
    )
    return [
        HelperCallEntry(
            trainer.id,
            trainer.full_name,
            trainer.phone,
            _helper_reason(trainer, silent, outcome or ()),
            purpose,
            error_code,
        )
        for trainer, silent, outcome, purpose, error_code in rows
    ]


async def count_unreached(db: AsyncSession, session_ids: Collection[int], *, now: datetime) -> dict[int, int]:
    """How many learners and helpers there are to call, by session; none are left out. One statement."""
    if not session_ids:
        return {}
    outcomes = _learner_outcomes(session_ids)
    learners = (
        select(Enrolment.session_id, func.count().label("people"))
        .join(Learner, Learner.id == Enrolment.learner_id)
        .outerjoin(
            outcomes,
            and_(
                outcomes.c.session_id == Enrolment.session_id, outcomes.c.learner_id == Enrolment.learner_id
            ),
        )
        .where(Enrolment.session_id.in_(session_ids), *_learner_unreached(outcomes))
        .group_by(Enrolment.session_id)
    )
    helping = _unreached_helpers(session_ids)
    helpers = select(helping.c.session_id, func.count()).group_by(helping.c.session_id)
    number: dict[int, int] = {}
    for session_id, people in await db.execute(union_all(learners, helpers), {"now": now}):
        number[session_id] = number.get(session_id, 0) + people
    return number


_OVERDUE_PART = (Message.useless_after - FIRST_DUE).op("*", precedence=8, return_type=Interval())(
    OVERDUE_SHARE
)
_OVERDUE = FIRST_DUE + func.least(literal(OVERDUE_AFTER), _OVERDUE_PART) < bindparam("now", type_=UtcDateTime)
_OUTCOME = case(
    (Message.state == "withdrawn", "by_staff"),
    (and_(Message.state == "planned", Message.held_at.is_not(None)), "held"),
    (and_(Message.state == "planned", _OVERDUE), "overdue"),
    else_=Message.state,
)
_IS_REACHED = or_(
    _OUTCOME.in_((*PENDING_STATES, *SENT_STATES)), Message.resolution.in_(("called", "met", "not_needed"))
)
_IS_CURRENT = or_(
    Message.state != "withdrawn", and_(Message.state_reason == BY_STAFF, Message.resolved_at.is_(None))
)


def _learner_outcomes(session_ids: Collection[int]) -> Subquery:
    """By session and learner: what became of the texts about the session as it now stands.

    A seat that came free is news: who has not heard of it is not reached by a reminder that is still to come.
    Nor is, by one still to come, whoever an earlier text about the session did not reach: it may fail too.
    """
    a_seat = Message.purpose == "waitlist_place"
    reached = func.coalesce(func.bool_or(_IS_REACHED).filter(~a_seat), False)
    gone = func.coalesce(func.bool_or(_OUTCOME.in_(SENT_STATES)).filter(~a_seat), False)
    failed = and_(  # at a number that is no longer theirs it says nothing
        Message.state.in_(("failed", "undelivered", "ambiguous")), Message.to_phone == Learner.phone
    )
    # What the ward has no money for this month will find none for the next reminder either.
    unpaid = and_(Message.state == "suppressed", Message.state_reason == "budget")
    lost = or_(failed, unpaid, and_(a_seat, _OUTCOME.in_((*PROBLEM_STATES, "overdue"))))
    unheard = func.coalesce(func.bool_or(and_(lost, Message.resolved_at.is_(None))), False)
    spoken_of = union_all(
        select(Message.id, Message.session_id, Message.session_version).where(
            Message.session_id.in_(session_ids)
        ),
        select(MessageSession.message_id, MessageSession.session_id, MessageSession.session_version).where(
            MessageSession.session_id.in_(session_ids)
        ),
    ).subquery()
    return (
        select(
            spoken_of.c.session_id,
            MessageRecipient.learner_id,
            and_(reached, or_(gone, ~unheard)).label("reached"),
            func.array_agg(_OUTCOME).label("outcome"),
            func.max(Message.error_code).label("error_code"),
        )
        .join(Learner, Learner.id == MessageRecipient.learner_id)
        .join(Message, Message.id == MessageRecipient.message_id)
        .join(spoken_of, spoken_of.c.id == Message.id)
        .join(ClassSession, ClassSession.id == spoken_of.c.session_id)
        .where(
            spoken_of.c.session_version == ClassSession.version,
            MessageRecipient.learner_id.is_not(None),
            _IS_CURRENT,
            case(
                (ClassSession.cancelled_at.is_not(None), Message.purpose == "session_cancelled"),
                else_=Message.purpose.in_(
                    ("reminder_day_before", "reminder_same_day", "session_moved", "waitlist_place")
                ),
            ),
        )
        .group_by(spoken_of.c.session_id, MessageRecipient.learner_id)
        .subquery()
    )


def _unreached_helpers(session_ids: Collection[int]) -> Subquery:
    """By session and helper: what became of the texts that did not reach them, if there are any."""
    here = (
        Assignment.session_id == Message.session_id,
        Assignment.trainer_id == MessageRecipient.trainer_id,
    )
    active = select(Assignment.id).where(*here, Assignment.state.in_(ASSIGNMENT_ACTIVE)).exists()
    asked = select(Assignment.id).where(*here, Assignment.state == "offered").exists()
    unheard = (
        select(
            Message.session_id,
            MessageRecipient.trainer_id,
            Message.purpose,
            func.array_agg(_OUTCOME).label("outcome"),
            func.max(Message.error_code).label("error_code"),
        )
        .join(Message, Message.id == MessageRecipient.message_id)
        .join(ClassSession, ClassSession.id == Message.session_id)
        .where(
            Message.session_id.in_(session_ids),
            Message.session_version == ClassSession.version,
            MessageRecipient.trainer_id.is_not(None),
            _IS_CURRENT,
            or_(ClassSession.cancelled_at.is_(None), Message.purpose.in_(_HELPER_NEWS)),
            # Whom the text no longer concerns: they answered, or stand in the session again.
            case(
                (Message.purpose.in_(OFFERS), asked),
                (Message.purpose == "assignment_withdrawn", ~active),
                else_=active,
            ),
        )
        .group_by(Message.session_id, MessageRecipient.trainer_id, Message.purpose)
        .having(~func.bool_or(_IS_REACHED))
        .subquery()
    )
    never = (
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
    people = union(select(unheard.c.session_id, unheard.c.trainer_id), never).subquery()
    return (
        select(
            people.c.session_id,
            people.c.trainer_id,
            unheard.c.outcome,
            unheard.c.purpose,
            unheard.c.error_code,
        )
        .ext(distinct_on(people.c.session_id, people.c.trainer_id))
        .outerjoin(
            unheard,
            and_(unheard.c.session_id == people.c.session_id, unheard.c.trainer_id == people.c.trainer_id),
        )
        .order_by(people.c.session_id, people.c.trainer_id, unheard.c.purpose.in_(_HELPER_NEWS).desc())
        .subquery()
    )


def _learner_unreached(outcomes: Subquery) -> list[ColumnElement[bool]]:
    return [
        Enrolment.state == "enrolled",
        Learner.archived_at.is_(None),
        or_(outcomes.c.reached.is_(None), ~outcomes.c.reached),
    ]


def _learner_reason(learner: Learner, refused: bool, silent: bool, outcome: Sequence[str]) -> str:
    if learner.phone is None:
        return "no_phone"
    if refused:
        return "no_consent"
    if learner.phone_kind != "mobile":
        return "landline"
    if silent:
        return "opted_out"
    return _worst_outcome(outcome)


def _helper_reason(trainer: Trainer, silent: bool, outcome: Sequence[str]) -> str:
    if trainer.phone is None:
        return "no_phone"
    if read_phone(trainer.phone).kind != "mobile":
        return "landline"
    return "opted_out" if silent else _worst_outcome(outcome)


def _worst_outcome(outcome: Sequence[str]) -> str:
    for each in (
        "failed",
        "undelivered",
        "ambiguous",
        "held",
        "overdue",
        "by_staff",
        "expired",
        "suppressed",
    ):
        if each in outcome:
            return each
    return "not_planned"
