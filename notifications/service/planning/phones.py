"""What one number is told follows what its readers want."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from notifications.models import Message
from notifications.queries.recipients import helpers_to_text, learners_to_text
from notifications.rules.facts import OFFERS, REMINDERS, Purpose, Recipient
from notifications.service.ledger import LedgerChanges, open_messages, reconcile
from notifications.service.planning.announcements import announce, refresh_announcements
from notifications.service.planning.context import load_planning_context, note_changes
from scheduling.models import ClassSession

REPLANNABLE: tuple[Purpose, ...] = (*REMINDERS, "assignment_offered")
"""Texts that say how things stand, and so can be planned anew at any time; the others tell news."""


async def replan_phone(
    db: AsyncSession, phone: str, session_ids: Collection[int], *, by: Actor, now: datetime
) -> LedgerChanges:
    """Reminders and askings to one number follow what its readers want now."""
    context = await load_planning_context(db, session_ids, now)
    if not context.sessions:
        return LedgerChanges()

    def here(people: Mapping[int, Sequence[Recipient]]) -> dict[int, list[Recipient]]:
        return {
            session_id: [each for each in readers if each.phone == phone]
            for session_id, readers in people.items()
        }

    reminders = context.reminders(here(await learners_to_text(db, session_ids)))
    sessions, series = await _offered_already(db, phone)
    known = {each.id for each in context.sessions if each.id in sessions or each.series_id in series}
    offered = here(await helpers_to_text(db, [*(set(session_ids) - known)], states=("offered",)))
    # An asking that waits follows whose number this is now; who is not asked at all yet, is.
    anew = await refresh_announcements(db, context, OFFERS)
    offers = await announce(db, context, "assignment_offered", offered)
    current = [*await open_messages(db, session_ids, REMINDERS), *anew.current]
    changes = await reconcile(
        db,
        [*reminders, *(each for each in anew.wanted if each.phone == phone), *offers.wanted],
        sorted((each for each in current if each.key[2] == phone), key=lambda each: each.id),
        reason="plan_changed",
        now=now,
    )
    note_changes(db, context.sessions, changes, by=by, now=now)
    return changes


async def _offered_already(db: AsyncSession, phone: str) -> tuple[set[int], set[int]]:
    """Sessions and series into which this number was asked, or is about to be."""
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
