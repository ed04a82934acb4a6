"""Messages about sessions whose change of time or place was undone before anybody was told."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from notifications.models import Message
from notifications.queries.message_conditions import GONE
from notifications.rules.drafts import Draft
from notifications.service.ledger import LedgerChanges, reconcile
from notifications.service.open_messages import OpenMessage, open_messages
from notifications.service.planning.announcements import refresh_announcements
from notifications.service.planning.context import PlanningContext, load_planning_context, note_changes
from notifications.service.planning.move_notices import MOVES, move_notices
from notifications.service.planning.role_changes import role_change_notices, unread_role_changes
from scheduling.events import SessionsRestored
from wordings.queries.recipients import learners_to_text
from wordings.rules.facts import REMINDERS, Purpose

_CHANGED: tuple[Purpose, ...] = ("assignment_changed",)


async def plan_restored(
    db: AsyncSession, fact: SessionsRestored, *, by: Actor, now: datetime
) -> LedgerChanges:
    """Withdraw what was to tell of the change, and plan the rest for the old times and places again.

    Nobody hears anything new: a notice of an earlier change that is still open stays, of the start that its
    readers expect; a reminder that went before the change does not go once more.
    """
    context = await load_planning_context(db, fact.session_ids, now)
    if not context.sessions:
        return LedgerChanges()
    ids = [each.id for each in context.sessions]
    current = await open_messages(db, ids, (*REMINDERS, *MOVES, *_CHANGED))
    unread = await refresh_announcements(db, context, moved_from=dict(fact.old_starts))
    earlier = await _told_earlier(db, context, current, fact)
    reminders = await _unsent_reminders(db, context, dict(fact.versions))
    wanted = [
        *reminders,
        *unread.wanted,
        *await move_notices(db, context, earlier, covered=unread.covered),
        *await role_change_notices(db, context, unread_role_changes(current)),
    ]
    known = sorted((*current, *unread.current), key=lambda each: each.id)
    changes = await reconcile(db, wanted, known, reason="change_undone", now=now)
    note_changes(db, context.sessions, changes, by=by, now=now)
    return changes


async def _told_earlier(
    db: AsyncSession, context: PlanningContext, current: Sequence[OpenMessage], fact: SessionsRestored
) -> list[OpenMessage]:
    """The open move notices without the sessions that are again as their readers expect them."""
    starts = {each.id: each.starts_at for each in context.sessions}
    before = await _noticed_before(db, list(starts), fact.changed_at)
    found: list[OpenMessage] = []
    for message in current:
        if message.key.purpose not in MOVES:
            continue
        still = {
            session_id
            for session_id, old in message.old_starts.items()
            if starts.get(session_id) != old or (message.key.phone, session_id) in before
        }
        others = frozenset(each for each in message.other_sessions if each.session_id in still)
        moved_from = message.moved_from if message.session_id in still else None
        found.append(replace(message, moved_from=moved_from, other_sessions=others))
    return found


async def _noticed_before(
    db: AsyncSession, session_ids: Collection[int], changed_at: datetime
) -> set[tuple[str, int]]:
    """Phones and sessions of which a move notice was open already when the change was made.

    Only those that belong to the session are looked at: such a notice may speak of the same start, where an
    earlier change was one of the place.
    """
    rows = await db.execute(
        select(Message.to_phone, Message.session_id).where(
            Message.session_id.in_(session_ids),
            Message.purpose.in_(MOVES),
            Message.created_at < changed_at,
            or_(
                Message.state.in_(("planned", "claimed")),
                and_(Message.state == "withdrawn", Message.finished_at >= changed_at),
            ),
        )
    )
    return {(row.to_phone, row.session_id) for row in rows if row.session_id is not None}


async def _unsent_reminders(
    db: AsyncSession, context: PlanningContext, versions: Mapping[int, int]
) -> list[Draft]:
    """The reminders, without those that went before the change and are true again."""
    ids = [each.id for each in context.sessions]
    drafts = context.reminders(await learners_to_text(db, ids))
    rows = await db.execute(
        select(Message.session_id, Message.purpose, Message.to_phone, Message.session_version).where(
            Message.session_id.in_(ids), Message.purpose.in_(REMINDERS), GONE
        )
    )
    went = {
        (row.session_id, row.purpose, row.to_phone)
        for row in rows
        if versions.get(row.session_id or 0) == row.session_version
    }
    return [each for each in drafts if (each.session_id, each.purpose, each.phone) not in went]
