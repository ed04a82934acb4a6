"""Recipients of messages about sessions. Each function is one statement for any number."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, false, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from learners.models import Consent, Learner
from lopso.kernel.phone import read_phone
from scheduling.models import ASSIGNMENT_ACTIVE, Assignment, Enrolment
from trainers.models import Trainer
from wordings.rules.addressing import Addressee
from wordings.rules.facts import Recipient


async def learners_to_text(db: AsyncSession, session_ids: Collection[int]) -> dict[int, list[Recipient]]:
    """Per session the enrolled learners with a mobile who did not withdraw their consent to texts."""
    rows = await db.execute(
        select(Enrolment.session_id, Learner)
        .join(Learner, Learner.id == Enrolment.learner_id)
        .where(
            Enrolment.session_id.in_(session_ids),
            Enrolment.state == "enrolled",
            *_reachable(),
        )
        .order_by(Enrolment.session_id, Learner.id)
    )
    found: dict[int, list[Recipient]] = {}
    for session_id, learner in rows:
        found.setdefault(session_id, []).append(_recipient(learner))
    return found


async def helpers_to_text(
    db: AsyncSession,
    session_ids: Collection[int],
    *,
    states: Collection[str] = ASSIGNMENT_ACTIVE,
) -> dict[int, list[Recipient]]:
    """Per session the helpers with a mobile whose assignment is in one of `states`."""
    rows = await db.execute(
        select(Assignment.session_id, Assignment.role, Trainer)
        .join(Trainer, Trainer.id == Assignment.trainer_id)
        .where(
            Assignment.session_id.in_(session_ids),
            Assignment.state.in_(states),
            Trainer.phone.is_not(None),
            Trainer.left_at.is_(None),
        )
        .order_by(Assignment.session_id, Trainer.id)
    )
    found: dict[int, dict[int, Recipient]] = {}
    for session_id, role, trainer in rows:
        if trainer.phone and read_phone(trainer.phone).kind == "mobile":
            title = {"female": "chị", "male": "anh"}.get(trainer.sex or "", "anh/chị")
            person = Addressee(trainer.full_name, title)
            recipient = Recipient(trainer.phone, person, trainer_id=trainer.id, role=role)
            found.setdefault(session_id, {}).setdefault(trainer.id, recipient)
    return {session_id: list(people.values()) for session_id, people in found.items()}


async def roles_of(db: AsyncSession, session_ids: Collection[int]) -> dict[tuple[int, int | None], str]:
    """The role of each helper offered or assigned in these sessions, by session and trainer id."""
    rows = await db.execute(
        select(Assignment.session_id, Assignment.trainer_id, Assignment.role).where(
            Assignment.session_id.in_(session_ids), Assignment.state.in_(ASSIGNMENT_ACTIVE)
        )
    )
    return {(row.session_id, row.trainer_id): row.role for row in rows}


async def learners_by_id(db: AsyncSession, learner_ids: Collection[int]) -> dict[int, Recipient]:
    """Those of these learners who have a mobile and did not withdraw their consent to texts."""
    found = await db.scalars(
        select(Learner).where(Learner.id.in_(learner_ids), *_reachable()).order_by(Learner.id)
    )
    return {learner.id: _recipient(learner) for learner in found}


def _reachable() -> list[ColumnElement[bool]]:
    return [
        Learner.phone_kind == "mobile",
        Learner.phone.startswith("+84"),
        Learner.archived_at.is_(None),
        ~consent_withdrawn(Learner.id),
    ]


def _recipient(learner: Learner) -> Recipient:
    person = Addressee(learner.full_name, learner.title, learner.sex, learner.birth_year)
    return Recipient(learner.phone or "", person, learner_id=learner.id)


def consent_withdrawn(
    learner_id: InstrumentedAttribute[int] | InstrumentedAttribute[int | None],
) -> ColumnElement[bool]:
    """Whether this learner withdrew the consent to texts and gave none since."""
    # An aggregate: an EXISTS may be answered by reading the consents of everybody once.
    all_taken_back = (
        select(func.bool_and(Consent.withdrawn_at.is_not(None)))
        .where(Consent.learner_id == learner_id, Consent.purpose == "sms", Consent.voided_at.is_(None))
        .scalar_subquery()
    )
    return func.coalesce(all_taken_back, false())
