"""Texts to learners about what they have learned: skills confirmed, the paper on them."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from competency.models import SignOff
from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.clock import local_day
from notifications.queries.audience import current_wordings, learners_by_id, office_of, policies_for
from notifications.rules import drafting, timing
from notifications.rules.drafting import Draft
from notifications.rules.facts import ResultFacts
from notifications.service.ledger import Changes, bring_into_line, open_texts_about, withdraw
from notifications.service.planning.desk import counted


async def plan_sign_offs(
    db: AsyncSession, ward_id: str, learner_ids: Collection[int], *, by: Actor, now: datetime
) -> Changes:
    """One text for each learner and day says how many skills were confirmed since the day before's.

    Also after a sign-off was taken back: a text that has not gone yet counts anew, or goes no more.
    """
    policy = (await policies_for(db, [ward_id]))[ward_id]
    window = timing.result(policy, now)
    abouts = {learner_id: sign_off_subject(learner_id, window.due_at) for learner_id in learner_ids}
    standing = await open_texts_about(db, list(abouts.values()))
    numbers = await _confirmed(db, learner_ids, since=window.due_at - timedelta(days=1))
    people = await learners_by_id(db, numbers)
    wanted: list[Draft] = []
    if people:
        wordings = await current_wordings(db)
        ward, contact = await office_of(db, ward_id)
        wanted = [
            drafting.result(
                ResultFacts(abouts[learner_id], ward_id, ward, contact, window.due_at, numbers[learner_id]),
                [person],
                "sign_off_reached",
                window=window,
                wordings=wordings,
            )
            for learner_id, person in people.items()
        ]
    changes = await bring_into_line(db, wanted, standing, reason="revoked", now=now)
    _note(db, ward_id, "learner", learner_ids, changes, by=by, now=now)
    return changes


async def plan_certificate(
    db: AsyncSession, ward_id: str, certificate_id: int, learner_id: int, *, by: Actor, now: datetime
) -> Changes:
    """The learner hears that the paper is there."""
    person = (await learners_by_id(db, [learner_id])).get(learner_id)
    if person is None:
        return Changes()
    window = timing.result((await policies_for(db, [ward_id]))[ward_id], now)
    ward, contact = await office_of(db, ward_id)
    facts = ResultFacts(certificate_subject(certificate_id), ward_id, ward, contact, window.due_at)
    wordings = await current_wordings(db)
    draft = drafting.result(facts, [person], "certificate_ready", window=window, wordings=wordings)
    changes = await bring_into_line(db, [draft], [], reason="plan_changed", now=now)
    _note(db, ward_id, "certificate", [certificate_id], changes, by=by, now=now)
    return changes


async def drop_certificate(
    db: AsyncSession, ward_id: str, certificate_id: int, *, by: Actor, now: datetime
) -> Changes:
    """The certificate is void: a text that has not gone yet does not go."""
    standing = await open_texts_about(db, [certificate_subject(certificate_id)])
    await withdraw(db, [each.id for each in standing], reason="revoked", now=now)
    changes = Changes(withdrawn=len(standing))
    _note(db, ward_id, "certificate", [certificate_id], changes, by=by, now=now)
    return changes


def sign_off_subject(learner_id: int, day: datetime) -> str:
    """What a text about the skills of a learner is about: "sign_off:17:2026-11-26"."""
    return f"sign_off:{learner_id}:{local_day(day).isoformat()}"


def certificate_subject(certificate_id: int) -> str:
    """What a text about a certificate is about: "certificate:17"."""
    return f"certificate:{certificate_id}"


async def _confirmed(db: AsyncSession, learner_ids: Collection[int], *, since: datetime) -> dict[int, int]:
    """How many skills of each learner were confirmed after `since` and still are; absent when none."""
    rows = await db.execute(
        select(SignOff.learner_id, func.count())
        .where(SignOff.learner_id.in_(learner_ids), SignOff.signed_at >= since, SignOff.revoked_at.is_(None))
        .group_by(SignOff.learner_id)
    )
    return {row[0]: row[1] for row in rows}


def _note(
    db: AsyncSession,
    ward_id: str,
    subject: str,
    ids: Collection[int],
    changes: Changes,
    *,
    by: Actor,
    now: datetime,
) -> None:
    if changes:
        audit.record(
            db,
            by=by,
            now=now,
            action="messages.planned",
            ward_id=ward_id,
            subject=subject,
            subject_id=next(iter(ids)) if len(ids) == 1 else "*",
            facts={"ids": sorted(ids), **counted(changes)},
        )
