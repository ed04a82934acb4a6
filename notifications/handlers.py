"""Handlers of events of the lower packages; called by nothing but lopso.application.wiring."""

from sqlalchemy.ext.asyncio import AsyncSession

from competency.events import CertificateIssued, CertificateRevoked, SignOffsRevoked, SkillsSignedOff
from learners.events import (
    ConsentsAnswered,
    LearnerArchived,
    LearnerNameChanged,
    LearnerPhoneChanged,
    LearnerReturned,
)
from notifications.service import consents, contact_changes, departures, replanning
from notifications.service.planning import (
    answers,
    offers,
    removals,
    reopenings,
    restored_seats,
    restored_sessions,
    results,
    seats,
    session_changes,
)
from notifications.service.recipients import RecipientRef
from notifications.service.replanning import MAX_AT_ONCE, request_replanning
from scheduling.events import (
    AssignmentsChanged,
    AssignmentsEnded,
    AssignmentsOffered,
    EnrolmentsChanged,
    EnrolmentsRestored,
    SeatsGiven,
    SessionsCancelled,
    SessionsMoved,
    SessionsPublished,
    SessionsReopened,
    SessionsRestored,
    SessionsReworded,
)
from trainers.events import HelperLeft, HelperNameChanged, HelperPhoneChanged, HelperReturned
from venues.events import WardContactChanged
from wordings.events import WordingActivated
from wordings.rules.facts import REMINDERS


async def plan_published_sessions(db: AsyncSession, fact: SessionsPublished) -> None:
    """Plan reminders and messages about seats for the enrolled, offers for helpers."""
    await seats.plan_published(db, fact.session_ids, by=fact.by, now=fact.at)


async def follow_enrolments(db: AsyncSession, fact: EnrolmentsChanged) -> None:
    """Plan reminders for those who have a seat now; drop those who left."""
    await seats.replan_reminders(db, fact.session_ids, left=dict(fact.left), by=fact.by, now=fact.at)


async def announce_moves(db: AsyncSession, fact: SessionsMoved) -> None:
    """Move planned messages to the new times and places; tell people once of all that moved."""
    await session_changes.plan_moved(db, dict(fact.old_starts), by=fact.by, now=fact.at)


async def announce_cancellations(db: AsyncSession, fact: SessionsCancelled) -> None:
    """Withdraw planned messages; tell people once of all that is cancelled."""
    await session_changes.plan_cancelled(db, fact.session_ids, reason=fact.reason, by=fact.by, now=fact.at)


async def announce_reopenings(db: AsyncSession, fact: SessionsReopened) -> None:
    """Withdraw open cancellation notices; tell those who read one that the session takes place."""
    await reopenings.plan_reopened(db, fact.session_ids, by=fact.by, now=fact.at)


async def follow_undone_moves(db: AsyncSession, fact: SessionsRestored) -> None:
    """Withdraw open move notices of a change that was undone; plan the messages of the old times again."""
    await restored_sessions.plan_restored(db, fact, by=fact.by, now=fact.at)


async def follow_answers(db: AsyncSession, fact: AssignmentsChanged) -> None:
    """Withdraw offers that were answered, plan those that are open again; tell of another role."""
    await answers.plan_answers(
        db,
        accepted=dict(fact.accepted),
        declined=dict(fact.declined),
        role_changed=dict(fact.role_changed),
        undone=dict(fact.answers_undone),
        restored=dict(fact.restored),
        by=fact.by,
        now=fact.at,
    )


async def announce_removals(db: AsyncSession, fact: AssignmentsEnded) -> None:
    """Tell helpers once that they are no longer needed in some sessions of a series."""
    await removals.plan_removals(db, dict(fact.ended), by=fact.by, now=fact.at)


async def follow_consents(db: AsyncSession, fact: ConsentsAnswered) -> None:
    """Suppress messages for which consent was withdrawn; restore them where it was given."""
    if "sms" in fact.purposes:
        await consents.apply_consent_change(db, fact.learner_id, by=fact.by, now=fact.at)


async def announce_offers(db: AsyncSession, fact: AssignmentsOffered) -> None:
    """Tell helpers once of the sessions of a series that they were offered."""
    await offers.plan_offers(db, dict(fact.offers), replacing=fact.replacing, by=fact.by, now=fact.at)


async def announce_seats(db: AsyncSession, fact: SeatsGiven) -> None:
    """Tell learners of their seats."""
    await seats.plan_seats(db, dict(fact.seats), waited=fact.waited, by=fact.by, now=fact.at)


async def announce_restored_seats(db: AsyncSession, fact: EnrolmentsRestored) -> None:
    """Tell a learner of the old seats whose message did not go, or who has read of others since."""
    await restored_seats.plan_restored(
        db,
        fact.learner_id,
        fact.session_ids,
        left_at=fact.left_at,
        instead_of=fact.instead_of,
        by=fact.by,
        now=fact.at,
    )


async def announce_skills(db: AsyncSession, fact: SkillsSignedOff) -> None:
    """Tell learners how many skills were confirmed."""
    await results.plan_sign_offs(db, fact.ward_id, fact.learner_ids, by=fact.by, now=fact.at)


async def recount_skills(db: AsyncSession, fact: SignOffsRevoked) -> None:
    """Correct the number of skills in open messages."""
    await results.plan_sign_offs(db, fact.ward_id, fact.learner_ids, by=fact.by, now=fact.at)


async def announce_certificate(db: AsyncSession, fact: CertificateIssued) -> None:
    """Tell the learner that the certificate is ready."""
    await results.plan_certificate(
        db, fact.ward_id, fact.certificate_id, fact.learner_id, by=fact.by, now=fact.at
    )


async def withdraw_certificate(db: AsyncSession, fact: CertificateRevoked) -> None:
    """Withdraw an open message about a revoked certificate."""
    await results.withdraw_certificate(db, fact.ward_id, fact.certificate_id, by=fact.by, now=fact.at)


async def follow_rewording(db: AsyncSession, fact: SessionsReworded) -> None:
    """Rewrite planned reminders with the new names of a session and its place."""
    if len(fact.session_ids) <= MAX_AT_ONCE:
        await seats.replan_reminders(db, fact.session_ids, by=fact.by, now=fact.at)
    else:
        await request_replanning(db, fact.ward_id, now=fact.at)


async def follow_phone(db: AsyncSession, fact: LearnerPhoneChanged | HelperPhoneChanged) -> None:
    """Plan for the corrected number what is still of use, also what failed at the old one."""
    await contact_changes.apply_phone_change(
        db, _recipient(fact), old=fact.old_phone, new=fact.phone, by=fact.by, now=fact.at
    )


async def follow_name(db: AsyncSession, fact: LearnerNameChanged | HelperNameChanged) -> None:
    """Rewrite open messages with the new name."""
    await contact_changes.apply_name_change(db, _recipient(fact), by=fact.by, now=fact.at)


async def follow_departure(db: AsyncSession, fact: LearnerArchived | HelperLeft) -> None:
    """Send no more messages to somebody who was archived."""
    await departures.apply_departure(db, _recipient(fact), by=fact.by, now=fact.at)


async def follow_return(db: AsyncSession, fact: LearnerReturned | HelperReturned) -> None:
    """Plan what is still to come for somebody who is back."""
    await departures.apply_return(db, _recipient(fact), by=fact.by, now=fact.at)


async def follow_ward_contact(db: AsyncSession, fact: WardContactChanged) -> None:
    """Rewrite planned reminders with the ward's new number."""
    await replanning.replan_now_or_later(db, fact.ward_id, by=fact.by, now=fact.at)


async def follow_wording(db: AsyncSession, fact: WordingActivated) -> None:
    """Request that the planned reminders of all wards be rewritten; other messages stay as planned."""
    if fact.purpose in REMINDERS:
        await request_replanning(db, None, now=fact.at)


_OfLearner = LearnerPhoneChanged | LearnerNameChanged | LearnerArchived | LearnerReturned
_OfHelper = HelperPhoneChanged | HelperNameChanged | HelperLeft | HelperReturned


def _recipient(fact: _OfLearner | _OfHelper) -> RecipientRef:
    """The learner or helper of whom an event tells."""
    if isinstance(fact, _OfLearner):
        return RecipientRef(learner_id=fact.learner_id)
    return RecipientRef(trainer_id=fact.trainer_id)
