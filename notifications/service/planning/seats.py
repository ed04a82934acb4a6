"""Texts to learners about their seats: publishing, enrolling, leaving, moving up from the waiting list."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from lopso.kernel.clock import local_day
from notifications.queries.recipients import helpers_to_text, learners_to_text
from notifications.rules import timing
from notifications.rules.facts import REMINDERS, SEATS, SessionFacts
from notifications.service.ledger import LedgerChanges, open_messages, reconcile
from notifications.service.planning.announcements import RecipientsBySession, announce, refresh_announcements
from notifications.service.planning.context import (
    PlanningContext,
    load_planning_context,
    note_changes,
    withdraw_without_recipients,
)
from notifications.service.planning.move_notices import move_notices


async def plan_published(
    db: AsyncSession, session_ids: Collection[int], *, by: Actor, now: datetime
) -> LedgerChanges:
    """Everybody with a seat hears of it and is reminded; helpers asked while it was a draft are asked."""
    context = await load_planning_context(db, session_ids, now)
    if not context.sessions:
        return LedgerChanges()
    learners = await learners_to_text(db, session_ids)
    offered = await helpers_to_text(db, session_ids, states=("offered",))
    current = await open_messages(db, session_ids, REMINDERS)
    seats = await announce(db, context, "enrolled", _without_reminded(context, learners))
    offers = await announce(db, context, "assignment_offered", offered)
    wanted = [*context.reminders(learners), *seats.wanted, *offers.wanted]
    current = sorted([*current, *seats.current, *offers.current], key=lambda each: each.id)
    changes = await reconcile(db, wanted, current, reason="plan_changed", now=now)
    note_changes(db, context.sessions, changes, by=by, now=now)
    return changes


async def replan_reminders(
    db: AsyncSession,
    session_ids: Collection[int],
    *,
    left: Collection[int] = (),
    by: Actor,
    now: datetime,
) -> LedgerChanges:
    """Reminders follow who has a seat, and the policy, as they are now.

    Args:
        left: learners who gave up their seat: news about the session no longer goes to them.
    """
    context = await load_planning_context(db, session_ids, now)
    if not context.sessions:
        return LedgerChanges()
    wanted = context.reminders(await learners_to_text(db, session_ids))
    current = await open_messages(db, session_ids, (*REMINDERS, "session_moved"))
    changes = await reconcile(
        db,
        wanted,
        [each for each in current if each.key[1] in REMINDERS],
        reason="left" if left else "plan_changed",
        now=now,
    )
    if left:
        alone = [each for each in current if not each.other_sessions]
        changes += await withdraw_without_recipients(
            db, alone, {(learner_id, None) for learner_id in left}, now
        )
        of_several = [each for each in current if each.other_sessions]
        moves = await move_notices(db, context, of_several)
        changes += await reconcile(db, moves, of_several, reason="left", now=now)
        seats = await refresh_announcements(db, context, SEATS)
        changes += await reconcile(db, seats.wanted, seats.current, reason="left", now=now)
    note_changes(db, context.sessions, changes, by=by, now=now)
    return changes


async def plan_seats(
    db: AsyncSession, seats: Mapping[int, Collection[int]], *, waited: bool, by: Actor, now: datetime
) -> LedgerChanges:
    """Learners who got a seat by one act hear of it: one text for each phone and series.

    Args:
        seats: session id → learners who got a seat in it.
        waited: they had stood on the waiting list.
    """
    context = await load_planning_context(db, seats, now)
    if not context.sessions:
        return LedgerChanges()
    learners = {
        session_id: [each for each in people if each.learner_id in seats[session_id]]
        for session_id, people in (await learners_to_text(db, seats)).items()
    }
    if waited:
        texts = await announce(db, context, "waitlist_place", learners)
    else:
        texts = await announce(db, context, "enrolled", _without_reminded(context, learners))
    changes = await reconcile(db, texts.wanted, texts.current, reason="plan_changed", now=now, again=True)
    note_changes(db, context.sessions, changes, by=by, now=now)
    return changes


def _without_reminded(context: PlanningContext, learners: RecipientsBySession) -> RecipientsBySession:
    """Leave out sessions of no series whose reminder goes on the same day: it says all there is to say."""
    return {
        session.id: learners[session.id]
        for session in context.sessions
        if session.id in learners and not (session.series_id is None and _reminded_today(context, session))
    }


def _reminded_today(context: PlanningContext, session: SessionFacts) -> bool:
    policy = context.policies[session.ward_id].of(session.kind)
    news = timing.at_once(policy, session.starts_at, context.now)
    reminders = (
        timing.day_before(policy, session.starts_at, context.now),
        timing.same_day(policy, session.starts_at, context.now),
    )
    return news is not None and any(
        each is not None and local_day(each.due_at) == local_day(news.due_at) for each in reminders
    )
