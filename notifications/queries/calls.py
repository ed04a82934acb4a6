"""Whom to call: people with a seat whom no text reaches."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from learners.models import Learner
from notifications.models import Message, MessageRecipient
from notifications.queries.audience import consent_withdrawn
from notifications.queries.opt_outs import opted_out
from notifications.rules.states import COMING, GONE
from scheduling.models import ClassSession, Enrolment


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody to call before a session.

    Attributes:
        phone: E.164; None: no telephone at all, somebody has to knock.
        why: "no_phone", "landline", "no_consent", "opted_out", the state of the text that failed, or
            "not_planned".
        error_code: the provider's reason, with a failed text.
    """

    learner_id: int
    name: str
    phone: str | None
    phone_note: str
    why: str
    error_code: str | None


async def calls_for(db: AsyncSession, session: ClassSession) -> Sequence[Call]:
    """Enrolled learners whom no text about the session as it now stands reached or will reach.

    By given name; one statement. Of a session that was called off only the text that says so counts.
    """
    news = (
        Message.purpose == "session_cancelled"
        if session.cancelled_at is not None
        else Message.purpose.in_(("reminder_day_before", "reminder_same_day", "session_moved"))
    )
    topics = ("changes",) if session.cancelled_at is not None else ("reminders", "changes")
    told = (
        select(
            MessageRecipient.learner_id,
            func.bool_or(Message.state.in_((*COMING, *GONE))).label("reached"),
            func.array_agg(Message.state).label("states"),
            func.max(Message.error_code).label("error_code"),
        )
        .join(Message, Message.id == MessageRecipient.message_id)
        .where(
            Message.session_id == session.id,
            Message.session_version == session.version,
            Message.state != "withdrawn",
            news,
        )
        .group_by(MessageRecipient.learner_id)
        .subquery()
    )
    rows = await db.execute(
        select(
            Learner,
            consent_withdrawn(Learner.id),
            opted_out(Learner.phone, topics),
            told.c.states,
            told.c.error_code,
        )
        .join(Enrolment, Enrolment.learner_id == Learner.id)
        .outerjoin(told, told.c.learner_id == Learner.id)
        .where(
            Enrolment.session_id == session.id,
            Enrolment.state == "enrolled",
            Learner.archived_at.is_(None),
            or_(told.c.reached.is_(None), and_(told.c.reached.is_not(None), ~told.c.reached)),
        )
        .order_by(Learner.sort_key, Learner.id)
    )
    return [
        Call(
            learner.id,
            f"{learner.title} {learner.full_name}".strip(),
            learner.phone,
            learner.phone_note,
            _why(learner, refused, silent, states or ()),
            error_code,
        )
        for learner, refused, silent, states, error_code in rows
    ]


def _why(learner: Learner, refused: bool, silent: bool, states: Sequence[str]) -> str:
    if learner.phone is None:
        return "no_phone"
    if refused:
        return "no_consent"
    if learner.phone_kind != "mobile":
        return "landline"
    if silent:
        return "opted_out"
    for state in ("failed", "undelivered", "ambiguous", "expired", "suppressed"):
        if state in states:
            return state
    return "not_planned"
