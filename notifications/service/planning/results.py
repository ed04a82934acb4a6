"""Texts to learners about what they have learned: skills confirmed, the paper on them."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from competency.models import SignOff
from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.clock import local_day
from notifications.models import Message
from notifications.queries.policies import policies_for
from notifications.queries.recipients import learners_by_id
from notifications.queries.sessions import ward_contact
from notifications.queries.wordings import active_wordings
from notifications.rules import drafting, timing
from notifications.rules.drafts import Draft
from notifications.rules.facts import Purpose, ResultFacts
from notifications.rules.timing import Window
from notifications.service.ledger import OPEN_STATES, LedgerChanges, open_messages_about, reconcile, withdraw
from notifications.service.planning.context import counted


async def plan_sign_offs(
    db: AsyncSession, ward_id: str, learner_ids: Collection[int], *, by: Actor, now: datetime
) -> LedgerChanges:
    """One text for each learner and day says how many skills were confirmed since the day before's.

    Also after a sign-off was taken back: a text that has not gone yet counts anew, or goes no more.
    """
    policy = (await policies_for(db, [ward_id]))[ward_id]
    window = timing.result(policy, now)
    abouts = {learner_id: sign_off_subject(learner_id, window.due_at) for learner_id in learner_ids}
    current = await open_messages_about(db, list(abouts.values()))
    numbers = await _confirmed(db, learner_ids, until=window.due_at)
    people = await learners_by_id(db, numbers)
    wanted: list[Draft] = []
    if people:
        wordings = await active_wordings(db)
        ward, contact = await ward_contact(db, ward_id)
        wanted = [
            drafting.result_message(
                ResultFacts(abouts[learner_id], ward_id, ward, contact, window.due_at, numbers[learner_id]),
                [person],
                "sign_off_reached",
                window=window,
                wordings=wordings,
            )
            for learner_id, person in people.items()
        ]
    changes = await reconcile(db, wanted, current, reason="revoked", now=now)
    _note(db, ward_id, "learner", learner_ids, changes, by=by, now=now)
    return changes


async def plan_certificate(
    db: AsyncSession, ward_id: str, certificate_id: int, learner_id: int, *, by: Actor, now: datetime
) -> LedgerChanges:
    """The learner hears that the paper is there."""
    person = (await learners_by_id(db, [learner_id])).get(learner_id)
    if person is None:
        return LedgerChanges()
    window = timing.result((await policies_for(db, [ward_id]))[ward_id], now)
    ward, contact = await ward_contact(db, ward_id)
    facts = ResultFacts(certificate_subject(certificate_id), ward_id, ward, contact, window.due_at)
    wordings = await current_wordings(db)
    draft = drafting.result_message(facts, [person], "certificate_ready", window=window, wordings=wordings)
    changes = await reconcile(db, [draft], [], reason="plan_changed", now=now)
    _note(db, ward_id, "certificate", [certificate_id], changes, by=by, now=now)
    return changes


async def drop_certificate(
    db: AsyncSession, ward_id: str, certificate_id: int, *, by: Actor, now: datetime
) -> LedgerChanges:
    """The certificate is void: a text that has not gone yet does not go."""
    current = await open_messages_about(db, [certificate_subject(certificate_id)])
    await withdraw(db, [each.id for each in current], reason="revoked", now=now)
    changes = LedgerChanges(withdrawn=len(current))
    _note(db, ward_id, "certificate", [certificate_id], changes, by=by, now=now)
    return changes


async def redraft_results(db: AsyncSession, phone: str, *, by: Actor, now: datetime) -> LedgerChanges:
    """Open results for one number call their readers as they are called now; all else in them stays.

    Texts that would name nobody are left to whoever suppresses them. Three statements for each text; a family
    rarely waits for more than one.
    """
    waiting = {
        row.id: row
        for row in await db.execute(
            select(
                Message.id,
                Message.about,
                Message.ward_id,
                func.coalesce(Message.first_due_at, Message.due_at).label("day"),
            ).where(Message.to_phone == phone, Message.state.in_(OPEN_STATES), Message.about != "")
        )
    }
    if not waiting:
        return LedgerChanges()
    texts = await open_messages_about(db, [row.about for row in waiting.values()])
    current = [each for each in texts if each.id in waiting]
    people = await learners_by_id(
        db, {learner_id for each in current for learner_id, _trainer_id in each.people if learner_id}
    )
    policies = await policies_for(db, {row.ward_id for row in waiting.values()})
    wordings = await active_wordings(db)
    changes = LedgerChanges()
    for each in current:
        row = waiting[each.id]
        reader = next((one for one in people.values() if (one.learner_id, None) in each.people), None)
        if reader is None or reader.phone != phone:
            continue
        ward, contact = await ward_contact(db, row.ward_id)
        facts = ResultFacts(row.about, row.ward_id, ward, contact, row.day)
        purpose: Purpose = "certificate_ready"
        if each.key[1] == "sign_off_reached":
            purpose = "sign_off_reached"
            day = timing.results_of(policies[row.ward_id], _day_of(row.about))
            confirmed = await _confirmed(db, people, until=day)
            facts = replace(facts, day=day, number=confirmed.get(reader.learner_id or 0, 0))
            if not facts.number:
                continue
        window = Window(each.due_at, each.useless_after)
        draft = drafting.result_message(facts, [reader], purpose, window=window, wordings=wordings)
        change = await reconcile(db, [draft], [each], reason="plan_changed", now=now)
        _note(db, row.ward_id, "message", [each.id], change, by=by, now=now)
        changes += change
    return changes


def sign_off_subject(learner_id: int, day: datetime) -> str:
    """What a text about the skills of a learner is about: "sign_off:17:2026-11-26"."""
    return f"sign_off:{learner_id}:{local_day(day).isoformat()}"


def _day_of(subject: str) -> date:
    """The day of "sign_off:17:2026-11-26"."""
    return date.fromisoformat(subject.rpartition(":")[2])


def certificate_subject(certificate_id: int) -> str:
    """What a text about a certificate is about: "certificate:17"."""
    return f"certificate:{certificate_id}"


async def _confirmed(db: AsyncSession, learner_ids: Collection[int], *, until: datetime) -> dict[int, int]:
    """How many skills of each learner were confirmed in the day before `until` and still are."""
    rows = await db.execute(
        select(SignOff.learner_id, func.count())
        .where(
            SignOff.learner_id.in_(learner_ids),
            SignOff.signed_at >= until - timedelta(days=1),
            SignOff.signed_at < until,
            SignOff.revoked_at.is_(None),
        )
        .group_by(SignOff.learner_id)
    )
    return {row[0]: row[1] for row in rows}


def _note(
    db: AsyncSession,
    ward_id: str,
    subject: str,
    ids: Collection[int],
    changes: LedgerChanges,
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
