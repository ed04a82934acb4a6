"""Consents of learners: given, refused, withdrawn."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from learners.events import ConsentsAnswered
from learners.models import Consent
from learners.queries.consents import consents_of
from learners.service.learners import locked_learner
from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.events import publish

CONSENT_TEXT = "2026-11"
"""Version of the wording of consents: on paper, spoken, on a page."""

PURPOSES = ("class", "sms", "photo", "invitation")


async def answer_consents(
    db: AsyncSession,
    ward_id: str,
    learner_id: int,
    answers: Mapping[str, bool],
    *,
    how: str,
    by: Actor,
    now: datetime,
) -> None:
    """Save answers to purposes; a purpose not among `answers` was not asked. Does not commit.

    A no withdraws a consent in force; the first answer is kept even when it is no, so that nobody is texted.

    Raises:
        NotFound: no such learner in this ward.
    """
    learner = await locked_learner(db, ward_id, learner_id)
    before = await consents_of(db, learner_id)
    changed = {
        purpose: answer
        for purpose in PURPOSES
        if (answer := answers.get(purpose)) is not None and before.get(purpose) is not answer
    }
    for purpose, answer in changed.items():
        if before.get(purpose) and not answer:
            await _withdraw(db, learner_id, purpose, now)
        else:
            db.add(
                Consent(
                    ward_id=ward_id,
                    learner_id=learner_id,
                    purpose=purpose,
                    text_version=CONSENT_TEXT,
                    legal_basis="consent",
                    how=how,
                    collected_by=by.user_id,
                    granted_at=now,
                    withdrawn_at=None if answer else now,
                )
            )
    if changed:
        await db.flush()
        audit.note(db, learner, "learner.consents_answered", by=by, now=now, answers=changed)
        await publish(db, ConsentsAnswered(learner.id, frozenset(changed), by, now))


async def _withdraw(db: AsyncSession, learner_id: int, purpose: str, now: datetime) -> None:
    await db.execute(
        update(Consent)
        .where(Consent.learner_id == learner_id, Consent.purpose == purpose)
        .where(Consent.withdrawn_at.is_(None))
        .values(withdrawn_at=now)
    )
