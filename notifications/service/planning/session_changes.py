"""Texts about sessions that move or are called off."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from notifications.queries.recipients import helpers_to_text, learners_to_text
from notifications.rules import drafting
from notifications.rules.facts import REMINDERS, Purpose
from notifications.service.ledger import LedgerChanges, OpenMessage, open_messages, reconcile
from notifications.service.planning.announcements import (
    RecipientsBySession,
    immediate_groups,
    refresh_announcements,
)
from notifications.service.planning.assignments import role_change_notices
from notifications.service.planning.context import load_planning_context, note_changes
from notifications.service.planning.move_notices import move_notices

# A text that tells a helper not to come stays as it is, whatever becomes of the session.
_OF_ONE_SESSION: tuple[Purpose, ...] = (
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
    """Reminders take new times and places; those who believe in the old ones are told, in one text a phone.

    Args:
        old_starts: session id → its former start, of all that one act has moved.
    """
    context = await load_planning_context(db, old_starts, now)
    if not context.sessions:
        return LedgerChanges()
    ids = [each.id for each in context.sessions]
    moved_from = {session_id: old_starts[session_id] for session_id in ids}
    current = await open_messages(db, ids, _OF_ONE_SESSION)
    # Who has not yet read of his seat, or that he is asked in, reads it with the new time.
    unread = await refresh_announcements(db, context, moved_from=moved_from)
    news = await move_notices(db, context, current, moved_from=moved_from, covered=unread.covered)
    wanted = [
        *context.reminders(await learners_to_text(db, ids)),
        *unread.wanted,
        *news,
        *await role_change_notices(db, context, _role_changes(current)),
    ]
    changes = await reconcile(db, wanted, _in_order(current, unread.current), reason="moved", now=now)
    note_changes(db, context.sessions, changes, by=by, now=now)
    return changes


async def plan_cancelled(
    db: AsyncSession, session_ids: Collection[int], *, reason: str, by: Actor, now: datetime
) -> LedgerChanges:
    """Nothing planned goes any more; everybody with a seat and every helper hears that it is off.

    Of several sessions of a series each phone hears in one text.
    """
    context = await load_planning_context(db, session_ids, now, cancelled=True)
    if not context.sessions:
        return LedgerChanges()
    ids = [each.id for each in context.sessions]
    audience: tuple[tuple[Purpose, RecipientsBySession], ...] = (
        ("session_cancelled", await learners_to_text(db, ids)),
        ("helper_cancelled", await helpers_to_text(db, ids)),
    )
    current = await open_messages(db, ids, _OF_ONE_SESSION)
    unread = await refresh_announcements(db, context)
    wanted = [
        drafting.cancellation_notice(
            group.sessions,
            tuple(group.people),
            purpose,
            reason=reason,
            window=window,
            wordings=context.wordings,
        )
        for purpose, people in audience
        for group, window in immediate_groups(context, people)
    ]
    moves = await move_notices(db, context, current)  # of sessions that still take place
    changes = await reconcile(
        db,
        [*wanted, *moves, *unread.wanted],
        _in_order(current, unread.current),
        reason="session_cancelled",
        now=now,
    )
    note_changes(db, context.sessions, changes, by=by, now=now)
    return changes


def _role_changes(current: Iterable[OpenMessage]) -> dict[int, set[int]]:
    """Session id → trainers who have not yet read that they have another role in it."""
    found: dict[int, set[int]] = {}
    for each in current:
        if each.key[1] == "assignment_changed":
            trainers = {trainer_id for _learner_id, trainer_id in each.people if trainer_id is not None}
            found.setdefault(int(each.key[0]), set()).update(trainers)
    return found


def _in_order(*texts: Iterable[OpenMessage]) -> list[OpenMessage]:
    return sorted((each for some in texts for each in some), key=lambda each: each.id)
