"""Messages about sessions that move or are cancelled."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from notifications.rules import drafting
from notifications.rules.drafts import Draft
from notifications.service.ledger import LedgerChanges, reconcile
from notifications.service.open_messages import OpenMessage, open_messages
from notifications.service.planning.announcements import refresh_announcements
from notifications.service.planning.context import PlanningContext, load_planning_context, note_changes
from notifications.service.planning.move_notices import move_notices
from notifications.service.planning.notices import REOPENINGS, rest_of_notices
from notifications.service.planning.recipient_groups import RecipientsBySession, immediate_groups
from notifications.service.planning.role_changes import role_change_notices, unread_role_changes
from wordings.queries.recipients import helpers_to_text, learners_to_text
from wordings.rules.facts import REMINDERS, Purpose

# Removal notices stay as they are, whatever becomes of the session.
_FOLLOWING_THE_SESSION: tuple[Purpose, ...] = (
    *REMINDERS,
    "session_moved",
    "session_cancelled",
    "assignment_changed",
    "helper_moved",
    "helper_cancelled",
)


async def plan_moved(
    db: AsyncSession, old_starts: Mapping[int, datetime], *, by: Actor, now: datetime
) -> LedgerChanges:
    """Plan reminders for new times and places; tell those who expect the old ones, in one message a phone.

    Args:
        old_starts: session id → its former start, of all that one action has moved.
    """
    context = await load_planning_context(db, old_starts, now)
    if not context.sessions:
        return LedgerChanges()
    ids = [each.id for each in context.sessions]
    moved_from = {session_id: old_starts[session_id] for session_id in ids}
    current = await open_messages(db, ids, _FOLLOWING_THE_SESSION)
    # Who has not yet read of a seat or an offer reads of it with the new time.
    unread = await refresh_announcements(db, context, moved_from=moved_from)
    notices = await move_notices(db, context, current, moved_from=moved_from, covered=unread.covered)
    wanted = [
        *context.reminders(await learners_to_text(db, ids)),
        *unread.wanted,
        *notices,
        *await role_change_notices(db, context, unread_role_changes(current)),
    ]
    changes = await reconcile(db, wanted, _in_order(current, unread.current), reason="moved", now=now)
    note_changes(db, context.sessions, changes, by=by, now=now)
    return changes


async def plan_cancelled(
    db: AsyncSession, session_ids: Collection[int], *, reason: str, by: Actor, now: datetime
) -> LedgerChanges:
    """Withdraw what is open about cancelled sessions; tell everybody with a seat and every helper.

    Each phone hears of several sessions of a series in one message.
    """
    context = await load_planning_context(db, session_ids, now, cancelled=True)
    if not context.sessions:
        return LedgerChanges()
    ids = [each.id for each in context.sessions]
    learners, helpers = await learners_to_text(db, ids), await helpers_to_text(db, ids)
    current = await open_messages(db, ids, (*_FOLLOWING_THE_SESSION, *REOPENINGS))
    unread = await refresh_announcements(db, context)
    wanted = [
        *await rest_of_notices(db, current, REOPENINGS, without=ids, now=now),
        *cancellation_notices(context, "session_cancelled", learners, reason),
        *cancellation_notices(context, "helper_cancelled", helpers, reason),
        *await move_notices(db, context, current),  # of sessions that still take place
        *unread.wanted,
    ]
    changes = await reconcile(
        db, wanted, _in_order(current, unread.current), reason="session_cancelled", now=now
    )
    note_changes(db, context.sessions, changes, by=by, now=now)
    return changes


def cancellation_notices(
    context: PlanningContext, purpose: Purpose, recipients: RecipientsBySession, reason: str
) -> list[Draft]:
    """The notices that the sessions of `context` are cancelled: one a phone and series, or closure."""
    return [
        drafting.cancellation_notice(
            group.sessions,
            tuple(group.people),
            purpose,
            reason=reason,
            window=window,
            wordings=context.wordings,
        )
        for group, window in immediate_groups(context, recipients, context.cancellation_window)
    ]


def _in_order(*messages: Iterable[OpenMessage]) -> list[OpenMessage]:
    return sorted((each for some in messages for each in some), key=lambda each: each.id)
