"""Plan anew what one number is told of the calendar."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from notifications.models import Message
from notifications.service.ledger import LedgerChanges, reconcile
from notifications.service.open_messages import open_messages
from notifications.service.planning.announcements import announce, refresh_announcements
from notifications.service.planning.context import PlanningContext, load_planning_context, note_changes
from notifications.service.planning.recipient_groups import RecipientsBySession
from scheduling.models import ClassSession
from wordings.queries.recipients import helpers_to_text, learners_to_text
from wordings.rules.facts import OFFERS, REMINDERS, Purpose, Recipient

REPLANNABLE: tuple[Purpose, ...] = (*REMINDERS, "assignment_offered")
"""Messages that say how things are, and so can be planned anew at any time; the others tell of a change."""


async def replan_phone(
    db: AsyncSession, phone: str, session_ids: Collection[int], *, by: Actor, now: datetime
) -> LedgerChanges:
    """Plan reminders and offers to one number anew, for those who have it now and want texts."""
    context = await load_planning_context(db, session_ids, now)
    if not context.sessions:
        return LedgerChanges()
    reminders = context.reminders(_with_phone(phone, await learners_to_text(db, session_ids)))
    not_offered = await _not_offered(db, context, phone, session_ids)
    # An open offer follows whose number this is now; those who have not been sent one are.
    refreshed = await refresh_announcements(db, context, OFFERS)
    offers = await announce(db, context, "assignment_offered", not_offered)
    wanted = [*reminders, *(each for each in refreshed.wanted if each.phone == phone), *offers.wanted]
    current = [*await open_messages(db, session_ids, REMINDERS), *refreshed.current]
    changes = await reconcile(
        db,
        wanted,
        sorted((each for each in current if each.key.phone == phone), key=lambda each: each.id),
        reason="plan_changed",
        now=now,
    )
    note_changes(db, context.sessions, changes, by=by, now=now)
    return changes


async def _not_offered(
    db: AsyncSession, context: PlanningContext, phone: str, session_ids: Collection[int]
) -> RecipientsBySession:
    """By session the helpers with this number to whom it was offered, but for those told of it."""
    sessions, series = await _offered_already(db, phone)
    known = {each.id for each in context.sessions if each.id in sessions or each.series_id in series}
    left = [*(set(session_ids) - known)]
    return _with_phone(phone, await helpers_to_text(db, left, states=("offered",)))


def _with_phone(phone: str, recipients: Mapping[int, Sequence[Recipient]]) -> dict[int, list[Recipient]]:
    return {
        session_id: [each for each in people if each.phone == phone]
        for session_id, people in recipients.items()
    }


async def _offered_already(db: AsyncSession, phone: str) -> tuple[set[int], set[int]]:
    """Ids of sessions and series that were offered to this number, or are about to be."""
    rows = (
        await db.execute(
            select(ClassSession.id, ClassSession.series_id)
            .join(Message, Message.session_id == ClassSession.id)
            .where(
                Message.to_phone == phone,
                Message.purpose.in_(OFFERS),
                Message.state.not_in(("withdrawn", "suppressed")),
            )
        )
    ).all()
    return {row.id for row in rows}, {row.series_id for row in rows if row.series_id is not None}
