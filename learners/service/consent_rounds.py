"""Consents of many learners, noted at once from their forms, and voided when that was an error."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import ReturningInsert

from learners.models import Consent, Learner
from learners.queries.consents import UnaskedFilters, answer_missing, unasked
from learners.service.consents import CONSENT_TEXT
from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.errors import NotFound

MOST = 5000
"""Learners of one round."""


@dataclass(frozen=True, slots=True)
class GivenConsents:
    """What people agreed to, when and how: "paper" or "spoken"; `evidence`: where the paper is."""

    purposes: Sequence[str]
    granted_at: datetime
    how: str
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class ConsentRound:
    """What was noted at once: the id to void it by, and of how many learners."""

    id: UUID
    people: int


async def note_consents(
    db: AsyncSession,
    ward_id: str,
    filters: UnaskedFilters,
    given: GivenConsents,
    *,
    learner_ids: Collection[int] | None,
    by: Actor,
    now: datetime,
) -> ConsentRound:
    """Note that learners agreed; an answer given before stays as it is. Does not commit.

    No event: who was never asked gets the same texts as who agreed.

    Args:
        filters: which of the ward's learners without an answer. learner_ids: only these; None: all of them,
            `MOST` at most.
    """
    wanted = select(Learner.id).where(*unasked(ward_id, filters, given.purposes))
    if learner_ids is not None:
        wanted = wanted.where(Learner.id.in_(learner_ids))
    ids = (
        await db.scalars(wanted.order_by(Learner.id).limit(MOST).with_for_update(key_share=True, of=Learner))
    ).all()
    made, people = uuid4(), set[int]()
    for purpose in given.purposes:
        people |= set(await db.scalars(_noted(ids, purpose, given, made, by)))
    if people:
        facts = {"purposes": list(given.purposes), "how": given.how, "people": len(people)}
        _note(db, ward_id, made, "consent_round.noted", by=by, now=now, **facts)
        await db.flush()
    return ConsentRound(made, len(people))


def _noted(
    ids: Sequence[int], purpose: str, given: GivenConsents, round_id: UUID, by: Actor
) -> ReturningInsert[int]:
    """Add a consent for those of these learners who were not asked; their ids."""
    values = {
        "purpose": purpose,
        "text_version": CONSENT_TEXT,
        "legal_basis": "consent",
        "how": given.how,
        "evidence": given.evidence,
        "collected_by": by.user_id,
        "granted_at": given.granted_at,
        "round_id": round_id,
    }
    learners = select(
        Learner.ward_id,
        Learner.id,
        *(literal(value, Consent.__table__.c[name].type) for name, value in values.items()),
    ).where(Learner.id.in_(ids), answer_missing((purpose,)))
    return (
        insert(Consent)
        .from_select(["ward_id", "learner_id", *values], learners)
        .on_conflict_do_nothing()
        .returning(Consent.learner_id)
    )


async def void_round(db: AsyncSession, ward_id: str, round_id: UUID, *, by: Actor, now: datetime) -> int:
    """Void what was noted at once, in error: these learners were never asked. How many. Does not commit.

    An answer that was withdrawn since stays. Voiding again changes nothing.

    Raises:
        NotFound: no such round in this ward.
    """
    noted = (Consent.ward_id == ward_id, Consent.round_id == round_id)
    if await db.scalar(select(Consent.id).where(*noted).limit(1)) is None:
        raise NotFound
    voided = update(Consent).where(*noted, Consent.withdrawn_at.is_(None))
    rows = await db.scalars(
        voided.values(withdrawn_at=now, voided_at=now)
        .returning(Consent.learner_id)
        .execution_options(synchronize_session=False)
    )
    people = len(set(rows))
    if people:
        _note(db, ward_id, round_id, "consent_round.voided", by=by, now=now, people=people)
        await db.flush()
    return people


def _note(
    db: AsyncSession, ward_id: str, round_id: UUID, action: str, *, by: Actor, now: datetime, **facts: object
) -> None:
    audit.note(db, audit.Subject("consent_round", round_id, ward_id), action, by=by, now=now, **facts)
