"""Listeners to facts of other packages, named in lopso.application.wiring; each updates invites."""

from sqlalchemy.ext.asyncio import AsyncSession

from accounts.events import AccessChanged
from invitations.rules.invites import INVITEE_KINDS, Invitee
from invitations.service import invites
from learners.events import (
    ConsentsAnswered,
    LearnerArchived,
    LearnerEmailChanged,
    LearnerReturned,
)
from scheduling.events import (
    AssignmentsChanged,
    AssignmentsEnded,
    EnrolmentsChanged,
    SessionsCancelled,
    SessionsMoved,
    SessionsPublished,
    SessionsReopened,
    SessionsRestored,
    SessionsReworded,
)
from trainers.events import (
    HelperEmailChanged,
    HelperLeft,
    HelperReturned,
)


async def sync_invites_of_sessions(
    db: AsyncSession,
    fact: SessionsPublished
    | SessionsMoved
    | SessionsCancelled
    | SessionsReopened
    | EnrolmentsChanged
    | AssignmentsEnded,
) -> None:
    """Update the invites of all sessions of one action: one mail to each person."""
    await invites.sync_invites(db, fact.session_ids, by=fact.by, now=fact.at)


async def sync_restored_invites(db: AsyncSession, fact: SessionsRestored) -> None:
    """Update the invites of sessions whose change was undone: calendars that never read of it get no mail."""
    await invites.sync_invites(db, fact.session_ids, restored=dict(fact.versions), by=fact.by, now=fact.at)


async def sync_invites_of_helpers(db: AsyncSession, fact: AssignmentsChanged) -> None:
    """Update the invites after changes of the helpers of sessions and of their roles: one mail to each."""
    text_changed: list[tuple[int, Invitee]] = [
        (session_id, ("trainer", each)) for session_id, trainers in fact.role_changed for each in trainers
    ]
    await invites.sync_invites(db, fact.session_ids, text_changed=text_changed, by=fact.by, now=fact.at)


async def sync_text_of_invites(db: AsyncSession, fact: SessionsReworded) -> None:
    """Update the title and the place in the invites."""
    await invites.sync_invites(db, fact.session_ids, text_changed=INVITEE_KINDS, by=fact.by, now=fact.at)


async def sync_invites_on_consent(db: AsyncSession, fact: ConsentsAnswered) -> None:
    """Update a learner's invites after an answer about invitations by mail."""
    if "invitation" in fact.purposes:
        await invites.sync_learner_invites(db, fact.learner_id, by=fact.by, now=fact.at)


async def sync_invites_of_learner(
    db: AsyncSession, fact: LearnerEmailChanged | LearnerArchived | LearnerReturned
) -> None:
    """Update the invites of a learner with another address, archived or restored."""
    await invites.sync_learner_invites(db, fact.learner_id, by=fact.by, now=fact.at)


async def sync_invites_of_helper(
    db: AsyncSession, fact: HelperEmailChanged | HelperLeft | HelperReturned
) -> None:
    """Update the invites of a helper with another address, who left or came back."""
    await invites.sync_helper_invites(db, fact.trainer_id, by=fact.by, now=fact.at)


async def sync_invites_of_staff(db: AsyncSession, fact: AccessChanged) -> None:
    """Update the invites of a subscribed staff member whose access changed."""
    await invites.sync_account_invites(db, fact.user_id, by=fact.by, now=fact.at)
