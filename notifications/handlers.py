"""From facts of the calendar to texts and mails; named in lopso.application.wiring, called by nobody else."""

from sqlalchemy.ext.asyncio import AsyncSession

from competency.events import CertificateIssued, CertificateRevoked, SignOffRevoked, SkillsSignedOff
from learners.events import (
    ConsentsAnswered,
    LearnerArchived,
    LearnerNameChanged,
    LearnerPhoneChanged,
    LearnerReturned,
)
from notifications.service import (
    contact_changes,
    departures,
    opt_outs,
    replanning,
)
from notifications.service.planning import answers, offers, removals, results, seats, session_changes
from notifications.service.replanning import AT_ONCE, ask_to_replan
from scheduling.events import (
    AssignmentsChanged,
    AssignmentsEnded,
    AssignmentsOffered,
    EnrolmentsChanged,
    SeatsGiven,
    SessionsCancelled,
    SessionsMoved,
    SessionsPublished,
    SessionsReworded,
)
from trainers.events import (
    HelperLeft,
    HelperNameChanged,
    HelperPhoneChanged,
    HelperReturned,
)
from venues.events import WardContactChanged


async def plan_reminders(db: AsyncSession, fact: SessionsPublished) -> None:
    """Publishing tells: reminders for the enrolled, the asking of helpers."""
    await seats.plan_published(db, fact.session_ids, by=fact.by, now=fact.at)


async def follow_enrolments(db: AsyncSession, fact: EnrolmentsChanged) -> None:
    """Who has a seat is reminded, who left is not."""
    await seats.replan_reminders(db, [fact.session_id], left=fact.left, by=fact.by, now=fact.at)


async def announce_moves(db: AsyncSession, fact: SessionsMoved) -> None:
    """Planned texts take the new times and places; people are told, once for all that moved."""
    await session_changes.plan_moved(db, dict(fact.old_starts), by=fact.by, now=fact.at)


async def announce_cancellations(db: AsyncSession, fact: SessionsCancelled) -> None:
    """Planned texts are withdrawn; people are told, once for all that is off."""
    await session_changes.plan_cancelled(db, fact.session_ids, reason=fact.reason, by=fact.by, now=fact.at)


async def tell_helpers(db: AsyncSession, fact: AssignmentsChanged) -> None:
    """Who has answered is asked no more, unless the answer is undone; who has another role is told."""
    await answers.plan_answers(
        db,
        fact.session_id,
        accepted=fact.accepted,
        declined=fact.declined,
        role_changed=fact.role_changed,
        undone=fact.answers_undone,
        by=fact.by,
        now=fact.at,
    )


async def tell_removed_helpers(db: AsyncSession, fact: AssignmentsEnded) -> None:
    """Helpers hear that they need not come, in one text for however many sessions of a series."""
    await removals.plan_removals(db, dict(fact.ended), by=fact.by, now=fact.at)


async def follow_consents(db: AsyncSession, fact: ConsentsAnswered) -> None:
    """Who takes back the consent to texts gets none that is still planned; who gives it is reminded."""
    if "sms" in fact.purposes:
        await opt_outs.apply_consent_change(db, fact.learner_id, by=fact.by, now=fact.at)


async def ask_helpers(db: AsyncSession, fact: AssignmentsOffered) -> None:
    """Helpers just asked get one text, for however many sessions of a series."""
    await offers.plan_offers(db, dict(fact.offers), replacing=fact.replacing, by=fact.by, now=fact.at)


async def tell_of_seats(db: AsyncSession, fact: SeatsGiven) -> None:
    """Learners hear that they have a seat."""
    await seats.plan_seats(db, dict(fact.seats), waited=fact.waited, by=fact.by, now=fact.at)


async def tell_of_skills(db: AsyncSession, fact: SkillsSignedOff) -> None:
    """Learners hear how many skills were confirmed."""
    await results.plan_sign_offs(db, fact.ward_id, fact.learner_ids, by=fact.by, now=fact.at)


async def recount_skills(db: AsyncSession, fact: SignOffRevoked) -> None:
    """A text that has not gone yet counts anew."""
    await results.plan_sign_offs(db, fact.ward_id, [fact.learner_id], by=fact.by, now=fact.at)


async def tell_of_certificate(db: AsyncSession, fact: CertificateIssued) -> None:
    """The learner hears that the paper is there."""
    await results.plan_certificate(
        db, fact.ward_id, fact.certificate_id, fact.learner_id, by=fact.by, now=fact.at
    )


async def drop_certificate(db: AsyncSession, fact: CertificateRevoked) -> None:
    """A text about a void certificate does not go."""
    await results.withdraw_certificate(db, fact.ward_id, fact.certificate_id, by=fact.by, now=fact.at)


async def reword(db: AsyncSession, fact: SessionsReworded) -> None:
    """Reminders that are still planned say what the session and its place are called now."""
    if len(fact.session_ids) <= AT_ONCE:
        await seats.replan_reminders(db, fact.session_ids, by=fact.by, now=fact.at)
    else:
        await ask_to_replan(db, fact.ward_id, now=fact.at)


async def follow_learner_phone(db: AsyncSession, fact: LearnerPhoneChanged) -> None:
    """Texts still of use go to the corrected number, those that failed at the old one among them."""
    recipient = contact_changes.RecipientRef(learner_id=fact.learner_id)
    await contact_changes.apply_phone_change(
        db, recipient, old=fact.old_phone, new=fact.phone, by=fact.by, now=fact.at
    )


async def follow_helper_phone(db: AsyncSession, fact: HelperPhoneChanged) -> None:
    """The same for a helper."""
    recipient = contact_changes.RecipientRef(trainer_id=fact.trainer_id)
    await contact_changes.apply_phone_change(
        db, recipient, old=fact.old_phone, new=fact.phone, by=fact.by, now=fact.at
    )


async def follow_learner_departure(db: AsyncSession, fact: LearnerArchived | LearnerReturned) -> None:
    """Who is off the books gets no texts; who is on them again gets what is still to come."""
    recipient = contact_changes.RecipientRef(learner_id=fact.learner_id)
    departed = isinstance(fact, LearnerArchived)
    await departures.apply_departure(db, recipient, departed=departed, by=fact.by, now=fact.at)


async def follow_helper_departure(db: AsyncSession, fact: HelperLeft | HelperReturned) -> None:
    """The same for a helper."""
    recipient = contact_changes.RecipientRef(trainer_id=fact.trainer_id)
    departed = isinstance(fact, HelperLeft)
    await departures.apply_departure(db, recipient, departed=departed, by=fact.by, now=fact.at)


async def follow_learner_name(db: AsyncSession, fact: LearnerNameChanged) -> None:
    """Texts that have not gone yet call people as they are called now."""
    await contact_changes.apply_name_change(
        db, contact_changes.RecipientRef(learner_id=fact.learner_id), by=fact.by, now=fact.at
    )


async def follow_helper_name(db: AsyncSession, fact: HelperNameChanged) -> None:
    """The same for a helper."""
    await contact_changes.apply_name_change(
        db, contact_changes.RecipientRef(trainer_id=fact.trainer_id), by=fact.by, now=fact.at
    )


async def follow_ward_contact(db: AsyncSession, fact: WardContactChanged) -> None:
    """Planned reminders end with the number that may be called now."""
    await replanning.replan_at_once_or_in_turn(db, fact.ward_id, by=fact.by, now=fact.at)
