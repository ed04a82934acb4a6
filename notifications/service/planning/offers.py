"""Messages that offer sessions to helpers."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from notifications.models import Message, MessageRecipient
from notifications.queries.message_conditions import ENDED_AT, SAID_OR_PLANNED, messages_about
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
    db: AsyncSession, context: PlanningContext, trainers: Mapping[int, Collection[int]]
) -> LedgerChanges:
    """Tell those of an offer for whom no message about it is open or was sent; a fixed number of statements.

    Args:
        trainers: session id → those who may have to be told.
    """
    ids = [each.id for each in context.sessions if trainers.get(each.id)]
    if not ids:
        return LedgerChanges()
    offered = await _already_offered(db, ids)
    people = {
        session_id: [
            each
            for each in asked
            if each.trainer_id in trainers[session_id]
            and (session_id, each.trainer_id, each.phone) not in offered
        ]
        for session_id, asked in (await helpers_to_text(db, ids, states=("offered",))).items()
    }
    found = await announce(db, context, "assignment_offered", people)
    return await reconcile(
        db, found.wanted, found.current, reason="plan_changed", now=context.now, again=True
    )


async def _already_offered(
    db: AsyncSession, session_ids: Collection[int]
) -> set[tuple[int, int | None, str]]:
    """Session and trainer ids, with the number, of offers in a message, or in one that staff withdrew."""
    spoken_of = messages_about(session_ids).subquery()
    rows = await db.execute(
        select(Assignment.session_id, Assignment.trainer_id, Message.to_phone)
        .join(MessageRecipient, MessageRecipient.trainer_id == Assignment.trainer_id)
        .join(Message, Message.id == MessageRecipient.message_id)
        .join(
            spoken_of,
            and_(spoken_of.c.message_id == Message.id, spoken_of.c.session_id == Assignment.session_id),
        )
        .where(
            Assignment.session_id.in_(session_ids),
            Assignment.state == "offered",
            Message.purpose.in_(OFFERS),
            SAID_OR_PLANNED,
            # What was sent about an earlier offer, before they were removed, does not count.
            or_(Message.state.in_(PENDING_STATES), Assignment.offered_at <= ENDED_AT),
        )
    )
    return {(session_id, trainer_id, phone) for session_id, trainer_id, phone in rows}
