"""Listeners: feeds and invites follow what happens in other packages. Named in lopso.application.wiring."""

from sqlalchemy.ext.asyncio import AsyncSession

from accounts.events import AccessChanged
from invitations.queries.invitees import INVITEE_KINDS
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
    SessionsReworded,
)
from trainers.events import (
    HelperEmailChanged,
    HelperLeft,
    HelperReturned,
)


async def invite_published(db: AsyncSession, fact: SessionsPublished) -> None:
    """Calendars hear of what is public now: a whole series in one mail to a person."""
    await invites.follow(db, fact.session_ids, by=fact.by, now=fact.at)


async def invite_for_all(
    db: AsyncSession, fact: SessionsMoved | SessionsCancelled | AssignmentsEnded
) -> None:
    """Calendars follow what one act did to many sessions: in one mail to a person."""
    await invites.follow(db, fact.session_ids, by=fact.by, now=fact.at)


async def invite_again(db: AsyncSession, fact: EnrolmentsChanged | AssignmentsChanged) -> None:
    """Calendars follow the people of one session, and what they do in it."""
    roles = fact.role_changed if isinstance(fact, AssignmentsChanged) else ()
    await invites.follow(
        db, [fact.session_id], text_changed=[("trainer", each) for each in roles], by=fact.by, now=fact.at
    )


async def invite_reworded(db: AsyncSession, fact: SessionsReworded) -> None:
    """Calendars say what the session and its place are called now."""
    await invites.follow(db, fact.session_ids, text_changed=INVITEE_KINDS, by=fact.by, now=fact.at)


async def invite_who_agreed(db: AsyncSession, fact: ConsentsAnswered) -> None:
    """A learner who wants invitations by mail gets those of the coming classes."""
    if "invitation" in fact.purposes:
        await invites.follow_learner(db, fact.learner_id, by=fact.by, now=fact.at)


async def invite_learner_again(
    db: AsyncSession, fact: LearnerEmailChanged | LearnerArchived | LearnerReturned
) -> None:
    """A learner's calendar follows the address, and whether the learner is on the books at all."""
    await invites.follow_learner(db, fact.learner_id, by=fact.by, now=fact.at)


async def invite_helper_again(
    db: AsyncSession, fact: HelperEmailChanged | HelperLeft | HelperReturned
) -> None:
    """The same for a helper."""
    await invites.follow_helper(db, fact.trainer_id, by=fact.by, now=fact.at)


async def invite_staff_again(db: AsyncSession, fact: AccessChanged) -> None:
    """An officer's calendar holds a ward's sessions as long as they may see them."""
    await invites.follow_account(db, fact.user_id, by=fact.by, now=fact.at)
