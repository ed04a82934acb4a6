"""Messages that offer sessions to helpers."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from notifications.models import Message, MessageRecipient
from notifications.queries.message_conditions import ENDED_AT, SAID_OR_PLANNED, about_sessions
from notifications.rules.states import PENDING_STATES
from notifications.service.ledger import LedgerChanges, reconcile
from notifications.service.planning.announcements import announce
from notifications.service.planning.context import PlanningContext, load_planning_context, note_changes
from notifications.service.planning.recipient_groups import RecipientsBySession
from notifications.service.planning.removals import withdraw_untrue_removals
from scheduling.models import Assignment
from wordings.queries.recipients import helpers_to_text
from wordings.rules.facts import OFFERS, Purpose


async def plan_offers(
    db: AsyncSession,
    offers: Mapping[int, Collection[int]],
    *,
    replacing: Collection[int],
    by: Actor,
    now: datetime,
) -> LedgerChanges:
    """Tell helpers what one action offers them: one message for each phone and series.

    Args:
        offers: session id → trainers to whom it is offered.
        replacing: sessions in which they would replace somebody who dropped out.
    """
    context = await load_planning_context(db, offers, now)
    if not context.sessions:
        return LedgerChanges()
    offered = {
        session_id: [each for each in people if each.trainer_id in offers[session_id]]
        for session_id, people in (await helpers_to_text(db, offers, states=("offered",))).items()
    }
    changes = await withdraw_untrue_removals(db, context)
    cover = {session_id: people for session_id, people in offered.items() if session_id in replacing}
    usual = {session_id: people for session_id, people in offered.items() if session_id not in replacing}
    changes += await _announce(db, context, "cover_wanted", cover)
    changes += await _announce(db, context, "assignment_offered", usual)
    note_changes(db, context.sessions, changes, by=by, now=now)
    return changes


async def _announce(
    db: AsyncSession, context: PlanningContext, purpose: Purpose, recipients: RecipientsBySession
) -> LedgerChanges:
    if not any(recipients.values()):
        return LedgerChanges()
    found = await announce(db, context, purpose, recipients)
    return await reconcile(
        db, found.wanted, found.current, reason="plan_changed", now=context.now, again=True
    )


async def offer_again(
    db: AsyncSession, context: PlanningContext, session_id: int, trainer_ids: Collection[int]
) -> LedgerChanges:
    """Tell those of an offer for whom no message about it is open or was sent."""
    if not trainer_ids:
        return LedgerChanges()
    offered = await _already_offered(db, session_id, trainer_ids)
    people = [
        each
        for each in (await helpers_to_text(db, [session_id], states=("offered",))).get(session_id, ())
        if each.trainer_id in trainer_ids and (each.trainer_id, each.phone) not in offered
    ]
    found = await announce(db, context, "assignment_offered", {session_id: people})
    return await reconcile(
        db, found.wanted, found.current, reason="plan_changed", now=context.now, again=True
    )


async def _already_offered(
    db: AsyncSession, session_id: int, trainer_ids: Collection[int]
) -> set[tuple[int | None, str]]:
    """Trainers, with their number, to whom a message offers this session, or to whom staff withdrew it."""
    rows = await db.execute(
        select(MessageRecipient.trainer_id, Message.to_phone)
        .join(Message, Message.id == MessageRecipient.message_id)
        .join(Assignment, Assignment.trainer_id == MessageRecipient.trainer_id)
        .where(
            Assignment.session_id == session_id,
            Assignment.state == "offered",
            Assignment.trainer_id.in_(trainer_ids),
            Message.purpose.in_(OFFERS),
            about_sessions([session_id]),
            SAID_OR_PLANNED,
            # What was sent about an earlier offer, before they were removed, does not count.
            or_(Message.state.in_(PENDING_STATES), Assignment.offered_at <= ENDED_AT),
        )
    )
    return {(trainer_id, phone) for trainer_id, phone in rows}
