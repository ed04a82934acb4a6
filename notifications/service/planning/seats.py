"""Messages to learners about their seats: publishing, enrolling, leaving, moving up from the waiting list."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from lopso.kernel.clock import local_day
from notifications.rules import timing
from notifications.service.ledger import LedgerChanges, reconcile
from notifications.service.open_messages import OpenMessage, open_messages
from notifications.service.planning.announcements import announce, refresh_announcements
from notifications.service.planning.context import (
    PeopleBySession,
    PlanningContext,
    load_planning_context,
    note_changes,
    withdraw_without_recipients,
)
from notifications.service.planning.move_notices import move_notices
from notifications.service.planning.recipient_groups import RecipientsBySession
from wordings.queries.recipients import helpers_to_text, learners_to_text
from wordings.rules.facts import REMINDERS, SEATS, SessionFacts


async def plan_published(
    db: AsyncSession, session_ids: Collection[int], *, by: Actor, now: datetime
) -> LedgerChanges:
    """Tell and remind everybody with a seat; tell helpers of offers that were made before publishing."""
    context = await load_planning_context(db, session_ids, now)
    if not context.sessions:
        return LedgerChanges()
    learners = await learners_to_text(db, session_ids)
    offered = await helpers_to_text(db, session_ids, states=("offered",))
    reminders = await open_messages(db, session_ids, REMINDERS)
    seats = await announce(db, context, "enrolled", without_reminded(context, learners))
    offers = await announce(db, context, "assignment_offered", offered)
    wanted = [*context.reminders(learners), *seats.wanted, *offers.wanted]
    current = sorted([*reminders, *seats.current, *offers.current], key=lambda each: each.id)
    changes = await reconcile(db, wanted, current, reason="plan_changed", now=now)
    note_changes(db, context.sessions, changes, by=by, now=now)
    return changes


async def replan_reminders(
    db: AsyncSession,
    session_ids: Collection[int],
    *,
    left: Mapping[int, Collection[int]] | None = None,
    by: Actor,
    now: datetime,
) -> LedgerChanges:
    """Plan the reminders of these sessions anew, from the seats and the policy as they are now.

    Args:
        left: session id → learners who gave up their seat: notices about it no longer go to them.
    """
    context = await load_planning_context(db, session_ids, now)
    if not context.sessions:
        return LedgerChanges()
    wanted = context.reminders(await learners_to_text(db, session_ids))
    current = await open_messages(db, session_ids, (*REMINDERS, "session_moved"))
    reminders = [each for each in current if each.key.purpose in REMINDERS]
    changes = await reconcile(db, wanted, reminders, reason="left" if left else "plan_changed", now=now)
    if left:
        changes += await _drop_learners(db, context, current, left)
    note_changes(db, context.sessions, changes, by=by, now=now)
    return changes


async def _drop_learners(
    db: AsyncSession,
    context: PlanningContext,
    current: Collection[OpenMessage],
    left: Mapping[int, Collection[int]],
) -> LedgerChanges:
    """Take learners who gave up their seat out of open notices and announcements."""
    keys: PeopleBySession = {
        session_id: {(learner_id, None) for learner_id in learners} for session_id, learners in left.items()
    }
    changes = await withdraw_without_recipients(db, current, keys, context.now)
    of_several = [each for each in current if each.other_sessions]
    moves = await move_notices(db, context, of_several)
    changes += await reconcile(db, moves, of_several, reason="left", now=context.now)
    seats = await refresh_announcements(db, context, SEATS)
    return changes + await reconcile(db, seats.wanted, seats.current, reason="left", now=context.now)


async def plan_seats(
    db: AsyncSession, seats: Mapping[int, Collection[int]], *, waited: bool, by: Actor, now: datetime
) -> LedgerChanges:
    """Tell learners of the seats that one action gave them: one message for each phone and series.

    Args:
        seats: session id → learners who got a seat in it.
        waited: they were on the waiting list.
    """
    context = await load_planning_context(db, seats, now)
    if not context.sessions:
        return LedgerChanges()
    learners: RecipientsBySession = {
        session_id: [each for each in people if each.learner_id in seats[session_id]]
        for session_id, people in (await learners_to_text(db, seats)).items()
    }
    if waited:
        found = await announce(db, context, "waitlist_place", learners)
    else:
        found = await announce(db, context, "enrolled", without_reminded(context, learners))
    changes = await reconcile(db, found.wanted, found.current, reason="plan_changed", now=now, again=True)
    note_changes(db, context.sessions, changes, by=by, now=now)
    return changes


def without_reminded(context: PlanningContext, learners: RecipientsBySession) -> RecipientsBySession:
    """Leave out sessions of no series whose reminder is due on the same day: it says all there is to say."""
    return {
        session.id: learners[session.id]
        for session in context.sessions
        if session.id in learners and not (session.series_id is None and _reminded_today(context, session))
    }


def _reminded_today(context: PlanningContext, session: SessionFacts) -> bool:
    policy = context.policies[session.ward_id].of(session.kind)
    notice = timing.at_once(policy, session.starts_at, context.now)
    reminders = (
        timing.day_before(policy, session.starts_at, context.now),
        timing.same_day(policy, session.starts_at, context.now),
    )
    return notice is not None and any(
        each is not None and local_day(each.due_at) == local_day(notice.due_at) for each in reminders
    )
