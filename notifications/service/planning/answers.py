"""Messages that follow the answers of helpers, and changes of their roles."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from notifications.service.ledger import LedgerChanges, reconcile
from notifications.service.open_messages import open_messages
from notifications.service.planning.announcements import refresh_announcements
from notifications.service.planning.context import PlanningContext, load_planning_context, note_changes
from notifications.service.planning.offers import offer_again
from notifications.service.planning.removals import drop_notices, withdraw_untrue_removals
from notifications.service.planning.role_changes import role_change_notices
from wordings.rules.facts import OFFERS, PersonKey


async def plan_answers(
    db: AsyncSession,
    session_id: int,
    *,
    accepted: Collection[int],
    declined: Collection[int],
    role_changed: Collection[int],
    undone: Collection[int] = (),
    restored: Collection[int] = (),
    by: Actor,
    now: datetime,
) -> LedgerChanges:
    """Withdraw offers that were answered; tell helpers of another role.

    Args:
        accepted: trainers who accepted; their offer need not be sent any more.
        declined: trainers who declined.
        role_changed: trainers who stay, in another role.
        undone: trainers whose answer was undone; it may have withdrawn the message with the offer.
        restored: trainers whose replacement was undone; it withdrew their offer, and planned that they are
            not needed.
    """
    context = await load_planning_context(db, [session_id], now)
    if not context.sessions or not (accepted or declined or role_changed or undone or restored):
        return LedgerChanges()
    offers = await refresh_announcements(db, context, OFFERS)
    changes = await reconcile(db, offers.wanted, offers.current, reason="answered", now=now)
    if restored:
        changes += await withdraw_untrue_removals(db, context)
    changes += await offer_again(db, context, session_id, {*undone, *restored})
    changes += await drop_notices(db, context, {session_id: declined})
    unread_offers = {person for person, _session_id in offers.unread}
    changes += await _tell_roles(db, context, session_id, role_changed, unread_offers)
    note_changes(db, context.sessions, changes, by=by, now=now)
    return changes


async def _tell_roles(
    db: AsyncSession,
    context: PlanningContext,
    session_id: int,
    trainer_ids: Collection[int],
    unread_offers: Collection[PersonKey],
) -> LedgerChanges:
    """Tell trainers of their new role in a session.

    Left out are those who have not read their offer yet, which names no role, and those who have not read of
    the change before: they are back in the role that they expect.
    """
    changed = {(None, trainer_id) for trainer_id in trainer_ids}
    open_notices = await open_messages(db, [session_id], ("assignment_changed",))
    current = [each for each in open_notices if each.people & changed]
    unread = {person for message in current for person in message.people} | set(unread_offers)
    to_tell = [trainer_id for trainer_id in trainer_ids if (None, trainer_id) not in unread]
    wanted = await role_change_notices(db, context, {session_id: to_tell})
    return await reconcile(db, wanted, current, reason="plan_changed", now=context.now, again=True)
