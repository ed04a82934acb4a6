"""The call list of a session: learners with a seat, and helpers, whom no message reaches."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    and_,
    func,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession

from learners.models import Learner
from lopso.kernel.phone import read_phone
from notifications.queries.opt_outs import opted_out
from notifications.queries.unreached_helpers import unreached_helpers
from notifications.queries.unreached_learners import is_unreached, outcomes_by_learner
from scheduling.models import ClassSession, Enrolment
from trainers.models import Trainer
from wordings.queries.recipients import consent_withdrawn

LISTED = 500
"""Most learners, and most helpers, on one list."""


@dataclass(frozen=True, slots=True)
class LearnerCallEntry:
    """A learner to call before a session.

    Attributes:
        phone: E.164; None: no phone, somebody has to go there.
        why: "no_phone", "landline", "no_consent", "opted_out", the state of the failed message, "held",
            "by_staff" (staff chose not to send it), "overdue", or "not_planned".
        error_code: the provider's reason, of a failed message.
    """

    learner_id: int
    name: str
    phone: str | None
    phone_note: str
    why: str
    error_code: str | None


@dataclass(frozen=True, slots=True)
class HelperCallEntry:
    """A helper to call; `why` is "no_phone", "landline", "opted_out" or the state of the message.

    `purpose` is that of the message; None: there is none.
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
    """Enrolled learners whom no message about the session as it is now reached or will reach.

    Also those who have not heard that they left the waiting list, though a reminder is still to come. Left
    out are those noted as called or met. Of a cancelled session only the cancellation notice counts. By
    given name, `LISTED` at most; one statement.
    """
    topics = ("changes",) if session.cancelled_at is not None else ("reminders", "changes")
    outcomes = outcomes_by_learner([session.id])
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
        .where(Enrolment.session_id == session.id, *is_unreached(outcomes))
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
    """Helpers of a published session whom messages do not reach.

    Those offered or assigned who have no mobile or opted out of duties; and those whom an offer, a move, a
    cancellation or a removal notice did not reach. By given name, `LISTED` at most; one statement.
    """
    people = unreached_helpers([session.id])
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
    """Number of learners and helpers to call, by session, without a limit; one statement."""
    if not session_ids:
        return {}
    outcomes = outcomes_by_learner(session_ids)
    learners = (
        select(Enrolment.session_id, func.count().label("people"))
        .join(Learner, Learner.id == Enrolment.learner_id)
        .outerjoin(
            outcomes,
            and_(
                outcomes.c.session_id == Enrolment.session_id, outcomes.c.learner_id == Enrolment.learner_id
            ),
        )
        .where(Enrolment.session_id.in_(session_ids), *is_unreached(outcomes))
        .group_by(Enrolment.session_id)
    )
    helping = unreached_helpers(session_ids)
    helpers = select(helping.c.session_id, func.count()).group_by(helping.c.session_id)
    number: dict[int, int] = {}
    for session_id, people in await db.execute(union_all(learners, helpers), {"now": now}):
        number[session_id] = number.get(session_id, 0) + people
    return number


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
