"""Messages to helpers who were taken off sessions; other messages about those sessions are dropped."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from notifications.rules import drafting
from notifications.rules.drafts import Draft
from notifications.rules.timing import Window
from notifications.service.ledger import LedgerChanges, reconcile
from notifications.service.open_messages import OpenMessage, open_messages
from notifications.service.planning.announcements import Announcements, refresh_announcements
from notifications.service.planning.context import (
    PeopleBySession,
    PlanningContext,
    load_planning_context,
    note_changes,
    withdraw_without_recipients,
)
from notifications.service.planning.move_notices import move_notices
from notifications.service.planning.recipient_groups import RecipientsBySession, immediate_groups
from wordings.queries.recipients import helpers_to_text
from wordings.queries.sessions import sessions_by_id
from wordings.rules.facts import OFFERS, Recipient, SessionFacts

_REMOVED = ("withdrawn", "replaced")
"""States of an assignment whose helper is no longer needed."""


async def plan_removals(
    db: AsyncSession, removals: Mapping[int, Collection[int]], *, by: Actor, now: datetime
) -> LedgerChanges:
    """Tell helpers whom one action removed that they are no longer needed: one message a phone and series.

    Args:
        removals: session id → trainers removed from it.
    """
    context = await load_planning_context(db, removals, now)
    if not context.sessions:
        return LedgerChanges()
    ids = [each.id for each in context.sessions]
    offers = await refresh_announcements(db, context, OFFERS)
    changes = await reconcile(db, offers.wanted, offers.current, reason="answered", now=now)
    changes += await drop_notices(db, context, {session_id: removals[session_id] for session_id in ids})
    removed = await _removed_to_tell(db, ids, removals, offers)
    wanted = [
        drafting.removal_notice(group.sessions, tuple(group.people), window=window, wordings=context.wordings)
        for group, window in immediate_groups(context, removed)
    ]
    keys = {draft.key for draft in wanted}
    current = [each for each in await open_messages(db, ids, ("assignment_withdrawn",)) if each.key in keys]
    changes += await reconcile(db, wanted, current, reason="plan_changed", now=now, again=True)
    note_changes(db, context.sessions, changes, by=by, now=now)
    return changes


async def _removed_to_tell(
    db: AsyncSession, ids: Collection[int], removals: Mapping[int, Collection[int]], offers: Announcements
) -> RecipientsBySession:
    """Those removed, but for helpers who have not read their offer: they need not read of its end."""
    found = await helpers_to_text(db, ids, states=_REMOVED)
    return {
        session_id: [
            each
            for each in people
            if each.trainer_id in removals[session_id] and (each.key, session_id) not in offers.unread
        ]
        for session_id, people in found.items()
    }


async def withdraw_untrue_removals(db: AsyncSession, context: PlanningContext) -> LedgerChanges:
    """Withdraw from open removal notices what is no longer true: their readers are in the sessions again."""
    current = await open_messages(db, [each.id for each in context.sessions], ("assignment_withdrawn",))
    still_true = await _still_true(db, context, current)
    return await reconcile(db, still_true, current, reason="plan_changed", now=context.now)


async def _still_true(
    db: AsyncSession, context: PlanningContext, current: Sequence[OpenMessage]
) -> list[Draft]:
    """Open removal notices without the sessions in which their readers have a place again."""
    ids = {session_id for message in current for session_id in message.session_versions}
    if not ids:
        return []
    sessions = await sessions_by_id(db, ids, after=context.now)
    removed = await helpers_to_text(db, ids, states=_REMOVED)
    active = {
        (session_id, each.key)
        for session_id, people in (await helpers_to_text(db, ids)).items()
        for each in people
    }
    wanted: list[Draft] = []
    for message in current:
        left = _still_removed(message, sessions, removed, active)
        named = [each for each in sessions if left.get(each.id)]
        people = dict.fromkeys(one for each in named for one in left[each.id])
        if people:
            window = Window(message.due_at, named[0].starts_at)
            wanted.append(
                drafting.removal_notice(named, tuple(people), window=window, wordings=context.wordings)
            )
    return wanted


def _still_removed(
    message: OpenMessage,
    sessions: Sequence[SessionFacts],
    removed: RecipientsBySession,
    active: Collection[tuple[int, tuple[int | None, int | None]]],
) -> dict[int, list[Recipient]]:
    """Session id → readers of `message` who are still not needed there."""
    return {
        each.id: [
            one
            for one in removed.get(each.id, ())
            if one.key in message.people and (each.id, one.key) not in active
        ]
        for each in sessions
        if each.id in message.session_versions and each.starts_at > message.due_at
    }


async def drop_notices(
    db: AsyncSession, context: PlanningContext, removed: Mapping[int, Collection[int]]
) -> LedgerChanges:
    """Take trainers out of open notices about sessions in which they no longer help.

    Args:
        removed: session id → trainers.
    """
    notices = await open_messages(db, removed, ("assignment_changed", "helper_moved"))
    left: PeopleBySession = {
        session_id: {(None, trainer_id) for trainer_id in trainers}
        for session_id, trainers in removed.items()
    }
    changes = await withdraw_without_recipients(db, notices, left, context.now)
    of_several = [each for each in notices if each.other_sessions]
    wanted = await move_notices(db, context, of_several)
    return changes + await reconcile(db, wanted, of_several, reason="left", now=context.now)
