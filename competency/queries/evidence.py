"""Which demonstrations count, which are signed off, and which wait for that."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, select

from attendance.models import AttendanceMark
from attendance.queries import standing_mark
from competency.models import AwaitingSignOff, Demonstration, SignOff, SignOffEvidence
from learners.models import Learner


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


def stands_for(learner_id: Any, skill_id: Any) -> ColumnElement[bool]:
    """Condition of the one sign-off that stands for a learner and a skill."""
    return and_(SignOff.learner_id == learner_id, SignOff.skill_id == skill_id, SignOff.revoked_at.is_(None))


def is_signed() -> ColumnElement[bool]:
    """Whether a standing sign-off rests on a demonstration."""
    return exists().where(
        SignOffEvidence.demonstration_id == Demonstration.id,
        SignOff.id == SignOffEvidence.sign_off_id,
        SignOff.revoked_at.is_(None),
    )


def shown_and_waiting(*columns: Any) -> Select[*tuple[Any, ...]]:
    """`columns` of the skills that wait for an assessor, each with all its demonstrations.

    Of learners who are not archived: the queue shows no others. To be restricted to a ward, and joined with
    the sessions, by the caller.
    """
    return (
        select(*columns)
        .select_from(AwaitingSignOff)
        .join(Learner, and_(Learner.id == AwaitingSignOff.learner_id, Learner.archived_at.is_(None)))
        .join(
            Demonstration,
            and_(
                Demonstration.learner_id == AwaitingSignOff.learner_id,
                Demonstration.skill_id == AwaitingSignOff.skill_id,
                Demonstration.voided_at.is_(None),
            ),
        )
    )
