"""Texts to learners about their seats: publishing, enrolling, leaving, moving up from the waiting list."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from lopso.kernel.clock import local_day
from notifications.queries.audience import helpers_to_text, learners_to_text
from notifications.rules import timing
from notifications.rules.facts import REMINDERS, SEATS, SessionFacts
from notifications.service.ledger import LedgerChanges, open_messages, reconcile
from notifications.service.planning.announcements import People, announce, announce_anew
from notifications.service.planning.desk import Desk, note, open_desk, without
from notifications.service.planning.moves import news_of_moves


async def plan_published(
    db: AsyncSession, session_ids: Collection[int], *, by: Actor, now: datetime
) -> LedgerChanges:
    """Everybody with a seat hears of it and is reminded; helpers asked while it was a draft are asked."""
    desk = await open_desk(db, session_ids, now)
    if not desk.sessions:
        return LedgerChanges()
    learners = await learners_to_text(db, session_ids)
    asked = await helpers_to_text(db, session_ids, states=("offered",))
    current = await open_messages(db, session_ids, REMINDERS)
    seats = await announce(db, desk, "enrolled", _without_reminded(desk, learners))
    askings = await announce(db, desk, "assignment_offered", asked)
    wanted = [*desk.reminders(learners), *seats.wanted, *askings.wanted]
    current = sorted([*current, *seats.current, *askings.current], key=lambda each: each.id)
    changes = await reconcile(db, wanted, current, reason="plan_changed", now=now)
    note(db, desk.sessions, changes, by=by, now=now)
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
    desk = await open_desk(db, session_ids, now)
    if not desk.sessions:
        return LedgerChanges()
    wanted = desk.reminders(await learners_to_text(db, session_ids))
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
        changes += await without(db, alone, {(learner_id, None) for learner_id in left}, now)
        of_several = [each for each in current if each.other_sessions]
        moves = await news_of_moves(db, desk, of_several)
        changes += await reconcile(db, moves, of_several, reason="left", now=now)
        seats = await announce_anew(db, desk, SEATS)
        changes += await reconcile(db, seats.wanted, seats.current, reason="left", now=now)
    note(db, desk.sessions, changes, by=by, now=now)
    return changes


async def plan_seats(
    db: AsyncSession, seats: Mapping[int, Collection[int]], *, waited: bool, by: Actor, now: datetime
) -> LedgerChanges:
    """Learners who got a seat by one act hear of it: one text for each phone and series.

    Args:
        seats: session id → learners who got a seat in it.
        waited: they had stood on the waiting list.
    """
    desk = await open_desk(db, seats, now)
    if not desk.sessions:
        return LedgerChanges()
    learners = {
        session_id: [each for each in people if each.learner_id in seats[session_id]]
        for session_id, people in (await learners_to_text(db, seats)).items()
    }
    if waited:
        texts = await announce(db, desk, "waitlist_place", learners)
    else:
        texts = await announce(db, desk, "enrolled", _without_reminded(desk, learners))
    changes = await reconcile(db, texts.wanted, texts.current, reason="plan_changed", now=now, again=True)
    note(db, desk.sessions, changes, by=by, now=now)
    return changes


def _without_reminded(desk: Desk, learners: People) -> People:
    """Leave out sessions of no series whose reminder goes on the same day: it says all there is to say."""
    return {
        session.id: learners[session.id]
        for session in desk.sessions
        if session.id in learners and not (session.series_id is None and _reminded_today(desk, session))
    }


def _reminded_today(desk: Desk, session: SessionFacts) -> bool:
    policy = desk.policies[session.ward_id].of(session.kind)
    news = timing.at_once(policy, session.starts_at, desk.now)
    reminders = (
        timing.day_before(policy, session.starts_at, desk.now),
        timing.same_day(policy, session.starts_at, desk.now),
    )
    return news is not None and any(
        each is not None and local_day(each.due_at) == local_day(news.due_at) for each in reminders
    )
