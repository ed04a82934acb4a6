"""Messages that follow the answers of helpers, and changes of their roles."""

from collections.abc import Collection, Mapping
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

TrainersOfSessions = Mapping[int, Collection[int]]
"""Session id → ids of trainers."""


async def plan_answers(
    db: AsyncSession,
    *,
    accepted: TrainersOfSessions,
    declined: TrainersOfSessions,
    role_changed: TrainersOfSessions,
    undone: TrainersOfSessions,
    restored: TrainersOfSessions,
    by: Actor,
    now: datetime,
) -> LedgerChanges:
    """Withdraw offers that were answered by one act; tell helpers of another role.

    A fixed number of statements.

    Args:
        accepted: trainers who accepted; their offer need not be sent any more.
        declined: trainers who declined.
        role_changed: trainers who stay, in another role.
        undone: trainers whose answer was undone; it may have withdrawn the message with the offer.
        restored: trainers whose replacement was undone; it withdrew their offer, and planned that they are
            not needed.
    """
    ids = {each for trainers in (accepted, declined, role_changed, undone, restored) for each in trainers}
    context = await load_planning_context(db, ids, now)
    if not context.sessions:
        return LedgerChanges()
    offers = await refresh_announcements(db, context, OFFERS)
    changes = await reconcile(db, offers.wanted, offers.current, reason="answered", now=now)
    if restored:
        changes += await withdraw_untrue_removals(db, context)
    changes += await offer_again(db, context, _together(undone, restored))
    changes += await drop_notices(db, context, _in_context(context, declined))
    changes += await _tell_roles(db, context, _in_context(context, role_changed), offers.unread)
    note_changes(db, context.sessions, changes, by=by, now=now)
    return changes


def _in_context(context: PlanningContext, trainers: TrainersOfSessions) -> TrainersOfSessions:
    """Those of sessions about which messages may be planned."""
    return {each.id: trainers[each.id] for each in context.sessions if each.id in trainers}


def _together(*changes: TrainersOfSessions) -> dict[int, set[int]]:
    """All trainers of each session."""
    found: dict[int, set[int]] = {}
    for change in changes:
        for session_id, trainers in change.items():
            found.setdefault(session_id, set()).update(trainers)
    return found


async def _tell_roles(
    db: AsyncSession,
    context: PlanningContext,
    trainers: TrainersOfSessions,
    unread_offers: Collection[tuple[PersonKey, int]],
) -> LedgerChanges:
    """Tell trainers of their new role in a session.

    Left out are those who have not read their offer yet, which names no role, and those who have not read of
    the change before: they are back in the role that they expect.
    """
    if not trainers:
        return LedgerChanges()
    changed = {
        session_id: {(None, trainer_id) for trainer_id in some} for session_id, some in trainers.items()
    }
    open_notices = await open_messages(db, trainers, ("assignment_changed",))
    current = [each for each in open_notices if each.people & changed.get(each.session_id, set())]
    unread = {(person, each.session_id) for each in current for person in each.people} | set(unread_offers)
    to_tell = {
        session_id: [one for one in some if ((None, one), session_id) not in unread]
        for session_id, some in trainers.items()
    }
    wanted = await role_change_notices(db, context, to_tell)
    return await reconcile(db, wanted, current, reason="plan_changed", now=context.now, again=True)
