"""Messages about sessions that take place after all."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from notifications.queries.cancellation_texts import told_of_cancellation
from notifications.rules import drafting
from notifications.rules.drafts import Draft
from notifications.service.ledger import LedgerChanges, reconcile
from notifications.service.open_messages import open_messages
from notifications.service.planning.context import PlanningContext, load_planning_context, note_changes
from notifications.service.planning.notices import CANCELLATIONS, rest_of_notices
from notifications.service.planning.offers import offer_again
from notifications.service.planning.recipient_groups import RecipientsBySession, immediate_groups
from scheduling.models import Assignment
from wordings.queries.recipients import helpers_to_text, learners_to_text
from wordings.rules.facts import REMINDERS, PersonKey, Purpose


async def plan_reopened(
    db: AsyncSession, session_ids: Collection[int], *, by: Actor, now: datetime
) -> LedgerChanges:
    """Withdraw open cancellation notices and plan reminders again; tell those who know of the cancelling.

    Nobody who has not heard of it hears of the reopening. Helpers who were asked and never heard are told of
    the offer.
    """
    context = await load_planning_context(db, session_ids, now)
    if not context.sessions:
        return LedgerChanges()
    ids = [each.id for each in context.sessions]
    learners, helpers = await learners_to_text(db, ids), await helpers_to_text(db, ids)
    current = await open_messages(db, ids, (*REMINDERS, *CANCELLATIONS))
    told = await told_of_cancellation(db, ids)
    wanted = [
        *context.reminders(learners),
        *await rest_of_notices(db, current, CANCELLATIONS, without=ids, now=now),
        *_notices(context, "session_reopened", learners, told),
        *_notices(context, "helper_reopened", helpers, told),
    ]
    changes = await reconcile(db, wanted, current, reason="reopened", now=now)
    unaware = {
        session_id: [each for each in trainer_ids if (session_id, (None, each)) not in told]
        for session_id, trainer_ids in (await _asked(db, ids)).items()
    }
    changes += await offer_again(db, context, unaware)
    note_changes(db, context.sessions, changes, by=by, now=now)
    return changes


def _notices(
    context: PlanningContext,
    purpose: Purpose,
    recipients: RecipientsBySession,
    told: Collection[tuple[int, PersonKey]],
) -> list[Draft]:
    aware = {
        session_id: [each for each in people if (session_id, each.key) in told]
        for session_id, people in recipients.items()
    }
    return [
        drafting.reopening_notice(
            group.sessions, tuple(group.people), purpose, window=window, wordings=context.wordings
        )
        for group, window in immediate_groups(context, aware)
    ]


async def _asked(db: AsyncSession, session_ids: Collection[int]) -> dict[int, list[int]]:
    """Ids of the trainers who have not answered, by session; one statement."""
    rows = await db.execute(
        select(Assignment.session_id, Assignment.trainer_id)
        .where(Assignment.session_id.in_(session_ids), Assignment.state == "offered")
        .order_by(Assignment.session_id, Assignment.trainer_id)
    )
    found: dict[int, list[int]] = {}
    for session_id, trainer_id in rows:
        found.setdefault(session_id, []).append(trainer_id)
    return found
