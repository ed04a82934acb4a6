"""Whom to call: people with a seat whom no text reaches."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Subquery, and_, case, func, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from learners.models import Learner
from notifications.models import Message, MessageAlso, MessageRecipient
from notifications.queries.audience import consent_withdrawn
from notifications.queries.opt_outs import opted_out
from notifications.rules.states import BY_STAFF, COMING, GONE
from scheduling.models import ClassSession, Enrolment


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody to call before a session.

    Attributes:
        phone: E.164; None: no telephone at all, somebody has to knock.
        why: "no_phone", "landline", "no_consent", "opted_out", the state of the text that failed, "held",
            "by_staff" (somebody chose not to send it), or "not_planned".
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

    Left out are those of whom somebody noted that they were called or met. By given name; one statement.
    Of a session that was called off only the text that says so counts.
    """
    topics = ("changes",) if session.cancelled_at is not None else ("reminders", "changes")
    told = _told([session.id])
    rows = await db.execute(
        select(
            Learner,
            consent_withdrawn(Learner.id),
            opted_out(Learner.phone, topics),
            told.c.how,
            told.c.error_code,
        )
        .join(Enrolment, Enrolment.learner_id == Learner.id)
        .outerjoin(told, told.c.learner_id == Learner.id)
        .where(Enrolment.session_id == session.id, *_not_reached(told))
        .order_by(Learner.sort_key, Learner.id)
    )
    return [
        Call(
            learner.id,
            f"{learner.title} {learner.full_name}".strip(),
            learner.phone,
            learner.phone_note,
            _why(learner, refused, silent, how or ()),
            error_code,
        )
        for learner, refused, silent, how, error_code in rows
    ]


async def unreached(db: AsyncSession, session_ids: Collection[int]) -> dict[int, int]:
    """How many people `calls_for` would list, by session; none are left out. One statement."""
    if not session_ids:
        return {}
    told = _told(session_ids)
    rows = await db.execute(
        select(Enrolment.session_id, func.count().label("people"))
        .join(Learner, Learner.id == Enrolment.learner_id)
        .outerjoin(
            told, and_(told.c.session_id == Enrolment.session_id, told.c.learner_id == Enrolment.learner_id)
        )
        .where(Enrolment.session_id.in_(session_ids), *_not_reached(told))
        .group_by(Enrolment.session_id)
    )
    return {row.session_id: row.people for row in rows}


def _told(session_ids: Collection[int]) -> Subquery:
    """By session and learner: what became of the texts about the session as it now stands."""
    how = case(
        (Message.state == "withdrawn", "by_staff"),
        (and_(Message.state == "planned", Message.held_at.is_not(None)), "held"),
        else_=Message.state,
    )
    spoken_of = union_all(
        select(Message.id, Message.session_id, Message.session_version).where(
            Message.session_id.in_(session_ids)
        ),
        select(MessageAlso.message_id, MessageAlso.session_id, MessageAlso.session_version).where(
            MessageAlso.session_id.in_(session_ids)
        ),
    ).subquery()
    return (
        select(
            spoken_of.c.session_id,
            MessageRecipient.learner_id,
            func.bool_or(
                or_(how.in_((*COMING, *GONE)), Message.resolution.in_(("called", "met", "not_needed")))
            ).label("reached"),
            func.array_agg(how).label("how"),
            func.max(Message.error_code).label("error_code"),
        )
        .join(Message, Message.id == MessageRecipient.message_id)
        .join(spoken_of, spoken_of.c.id == Message.id)
        .join(ClassSession, ClassSession.id == spoken_of.c.session_id)
        .where(
            spoken_of.c.session_version == ClassSession.version,
            or_(
                Message.state != "withdrawn",
                and_(Message.state_reason == BY_STAFF, Message.resolved_at.is_(None)),
            ),
            case(
                (ClassSession.cancelled_at.is_not(None), Message.purpose == "session_cancelled"),
                else_=Message.purpose.in_(("reminder_day_before", "reminder_same_day", "session_moved")),
            ),
        )
        .group_by(spoken_of.c.session_id, MessageRecipient.learner_id)
        .subquery()
    )


def _not_reached(told: Subquery) -> list[ColumnElement[bool]]:
    return [
        Enrolment.state == "enrolled",
        Learner.archived_at.is_(None),
        or_(told.c.reached.is_(None), ~told.c.reached),
    ]


def _why(learner: Learner, refused: bool, silent: bool, how: Sequence[str]) -> str:
    if learner.phone is None:
        return "no_phone"
    if refused:
        return "no_consent"
    if learner.phone_kind != "mobile":
        return "landline"
    if silent:
        return "opted_out"
    for each in ("failed", "undelivered", "ambiguous", "held", "by_staff", "expired", "suppressed"):
        if each in how:
            return each
    return "not_planned"
