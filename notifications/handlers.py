"""From facts of the calendar to texts in the ledger; named in lopso.wiring, called by nobody else."""

from sqlalchemy.ext.asyncio import AsyncSession

from learners.events import ConsentsAnswered
from notifications.service import opt_outs, planning
from scheduling.events import (
    AssignmentsChanged,
    EnrolmentsChanged,
    SessionCancelled,
    SessionMoved,
    SessionsPublished,
)


async def plan_reminders(db: AsyncSession, fact: SessionsPublished) -> None:
    """Publishing tells: reminders for the enrolled, the asking of helpers."""
    await planning.plan_published(db, fact.session_ids, by=fact.by, now=fact.at)


async def follow_enrolments(db: AsyncSession, fact: EnrolmentsChanged) -> None:
    """Who has a seat is reminded, who left is not."""
    await planning.replan_reminders(db, [fact.session_id], left=fact.left, by=fact.by, now=fact.at)


async def announce_move(db: AsyncSession, fact: SessionMoved) -> None:
    """Planned texts take the new time and place; people are told."""
    await planning.plan_moved(db, fact.session_id, old_starts_at=fact.old_starts_at, by=fact.by, now=fact.at)


async def announce_cancellation(db: AsyncSession, fact: SessionCancelled) -> None:
    """Planned texts are withdrawn; people are told."""
    await planning.plan_cancelled(db, fact.session_id, reason=fact.reason, by=fact.by, now=fact.at)


async def tell_helpers(db: AsyncSession, fact: AssignmentsChanged) -> None:
    """Helpers just asked get a text; those who are out again hear nothing more."""
    await planning.plan_assignments(
        db, fact.session_id, offered=fact.offered, ended=fact.ended, by=fact.by, now=fact.at
    )


async def follow_consents(db: AsyncSession, fact: ConsentsAnswered) -> None:
    """Who takes back the consent to texts gets none that is still planned; who gives it is reminded."""
    if "sms" in fact.purposes:
        await opt_outs.honour_consent(db, fact.learner_id, by=fact.by, now=fact.at)
