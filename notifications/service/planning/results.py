"""Messages to learners about what they have learned: skills confirmed, a certificate."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from competency.models import SignOff
from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.clock import local_day
from notifications.models import Message
from notifications.queries.policies import policies_for
from notifications.rules import drafting, timing
from notifications.rules.drafts import Draft
from notifications.rules.timing import Policy, Window
from notifications.service.ledger import LedgerChanges, reconcile, withdraw
from notifications.service.open_messages import OPEN_STATES, OpenMessage, open_messages_about
from notifications.service.planning.context import counted
from wordings.queries.recipients import learners_by_id
from wordings.queries.sessions import ward_contact
from wordings.queries.versions import active_wordings
from wordings.rules.facts import Purpose, Recipient, ResultFacts, Wording


async def plan_sign_offs(
    db: AsyncSession, ward_id: str, learner_ids: Collection[int], *, by: Actor, now: datetime
) -> LedgerChanges:
    """Tell learners how many skills were confirmed since the day before: one message a learner and day.

    Also after a sign-off was revoked: an open message gets the new number, or is withdrawn.
    """
    policy = (await policies_for(db, [ward_id]))[ward_id]
    window = timing.result(policy, now)
    subjects = {learner_id: sign_off_subject(learner_id, window.due_at) for learner_id in learner_ids}
    current = await open_messages_about(db, list(subjects.values()))
    wanted = await _sign_off_messages(db, ward_id, subjects, window)
    changes = await reconcile(db, wanted, current, reason="revoked", now=now)
    _note(db, ward_id, "learner", learner_ids, changes, by=by, now=now)
    return changes


async def _sign_off_messages(
    db: AsyncSession, ward_id: str, subjects: Mapping[int, str], window: Window
) -> list[Draft]:
    """The messages to those learners who have confirmed skills and want texts; `subjects` by learner id."""
    numbers = await _confirmed(db, subjects, until=window.due_at)
    people = await learners_by_id(db, numbers)
    if not people:
        return []
    wordings = await active_wordings(db)
    ward, contact = await ward_contact(db, ward_id)
    return [
        drafting.result_message(
            ResultFacts(subjects[learner_id], ward_id, ward, contact, window.due_at, numbers[learner_id]),
            [person],
            "sign_off_reached",
            window=window,
            wordings=wordings,
        )
        for learner_id, person in people.items()
    ]


async def plan_certificate(
    db: AsyncSession, ward_id: str, certificate_id: int, learner_id: int, *, by: Actor, now: datetime
) -> LedgerChanges:
    """Tell a learner that the certificate is ready."""
    person = (await learners_by_id(db, [learner_id])).get(learner_id)
    if person is None:
        return LedgerChanges()
    window = timing.result((await policies_for(db, [ward_id]))[ward_id], now)
    ward, contact = await ward_contact(db, ward_id)
    facts = ResultFacts(certificate_subject(certificate_id), ward_id, ward, contact, window.due_at)
    wordings = await active_wordings(db)
    draft = drafting.result_message(facts, [person], "certificate_ready", window=window, wordings=wordings)
    changes = await reconcile(db, [draft], [], reason="plan_changed", now=now)
    _note(db, ward_id, "certificate", [certificate_id], changes, by=by, now=now)
    return changes


async def withdraw_certificate(
    db: AsyncSession, ward_id: str, certificate_id: int, *, by: Actor, now: datetime
) -> LedgerChanges:
    """Withdraw open messages about a revoked certificate."""
    current = await open_messages_about(db, [certificate_subject(certificate_id)])
    await withdraw(db, [each.id for each in current], reason="revoked", now=now)
    changes = LedgerChanges(withdrawn=len(current))
    _note(db, ward_id, "certificate", [certificate_id], changes, by=by, now=now)
    return changes


class _OpenResult(NamedTuple):
    id: int
    about: str
    ward_id: str
    day: datetime
    """When it was first due."""


async def redraft_results(db: AsyncSession, phone: str, *, by: Actor, now: datetime) -> LedgerChanges:
    """Rewrite open messages about results to one number by the names their readers have now.

    Those that would name nobody are left to the caller, who suppresses them. Three statements for each
    message; a family rarely has more than one open.
    """
    rows = await _open_results(db, phone)
    if not rows:
        return LedgerChanges()
    found = await open_messages_about(db, [row.about for row in rows.values()])
    current = [each for each in found if each.id in rows]
    people = await learners_by_id(
        db, {learner_id for each in current for learner_id, _trainer_id in each.people if learner_id}
    )
    policies = await policies_for(db, {row.ward_id for row in rows.values()})
    wordings = await active_wordings(db)
    changes = LedgerChanges()
    for message in current:
        row = rows[message.id]
        reader = next((one for one in people.values() if one.key in message.people), None)
        if reader is None or reader.phone != phone:
            continue
        draft = await _redrafted(db, message, row, reader, policies[row.ward_id], wordings)
        if draft is None:
            continue
        change = await reconcile(db, [draft], [message], reason="plan_changed", now=now)
        _note(db, row.ward_id, "message", [message.id], change, by=by, now=now)
        changes += change
    return changes


async def _open_results(db: AsyncSession, phone: str) -> dict[int, _OpenResult]:
    """The open messages about results to one number, by id."""
    day = func.coalesce(Message.first_due_at, Message.due_at)
    rows = await db.execute(
        select(Message.id, Message.about, Message.ward_id, day).where(
            Message.to_phone == phone, Message.state.in_(OPEN_STATES), Message.about != ""
        )
    )
    return {row[0]: _OpenResult(*row) for row in rows}


async def _redrafted(
    db: AsyncSession,
    message: OpenMessage,
    row: _OpenResult,
    reader: Recipient,
    policy: Policy,
    wordings: Mapping[str, Wording],
) -> Draft | None:
    """None where no confirmed skill is left to tell of."""
    ward, contact = await ward_contact(db, row.ward_id)
    facts = ResultFacts(row.about, row.ward_id, ward, contact, row.day)
    purpose: Purpose = "certificate_ready"
    if message.key.purpose == "sign_off_reached":
        purpose = "sign_off_reached"
        day = timing.results_of(policy, _day_of(row.about))
        learner_id = reader.learner_id or 0
        confirmed = await _confirmed(db, [learner_id], until=day)
        facts = replace(facts, day=day, number=confirmed.get(learner_id, 0))
        if not facts.number:
            return None
    window = Window(message.due_at, message.useless_after)
    return drafting.result_message(facts, [reader], purpose, window=window, wordings=wordings)


def sign_off_subject(learner_id: int, day: datetime) -> str:
    """The subject of a message about a learner's skills: "sign_off:17:2026-11-26"."""
    return f"sign_off:{learner_id}:{local_day(day).isoformat()}"


def _day_of(subject: str) -> date:
    """The day of "sign_off:17:2026-11-26"."""
    return date.fromisoformat(subject.rpartition(":")[2])


def certificate_subject(certificate_id: int) -> str:
    """The subject of a message about a certificate: "certificate:17"."""
    return f"certificate:{certificate_id}"


async def _confirmed(db: AsyncSession, learner_ids: Collection[int], *, until: datetime) -> dict[int, int]:
    """Learner id → how many skills were confirmed in the day before `until` and still are."""
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
    kind: str,
    ids: Collection[int],
    changes: LedgerChanges,
    *,
    by: Actor,
    now: datetime,
) -> None:
    if changes:
        subject = audit.Subject(kind, next(iter(ids)) if len(ids) == 1 else "*", ward_id)
        audit.note(db, subject, "messages.planned", by=by, now=now, ids=sorted(ids), **counted(changes))
