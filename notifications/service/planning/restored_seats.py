"""Messages to learners whose seats were given up by mistake."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from learners.models import Learner
from lopso.kernel.access import Actor
from notifications.models import Message, MessageRecipient
from notifications.queries.message_conditions import ENDED_AT, GONE, SAID_OR_PLANNED
from notifications.service.ledger import LedgerChanges, reconcile
from notifications.service.open_messages import OPEN_STATES
from notifications.service.planning.announcements import announce
from notifications.service.planning.context import load_planning_context, note_changes
from notifications.service.planning.seats import without_reminded
from scheduling.models import ClassSession, Enrolment
from wordings.queries.recipients import learners_to_text
from wordings.rules.facts import SEATS

_FIRST = aliased(ClassSession)
"""The session to which a message belongs: one about a series, to the first that it covers."""


async def plan_restored(
    db: AsyncSession,
    learner_id: int,
    session_ids: Collection[int],
    *,
    left_at: datetime,
    instead_of: Collection[int],
    by: Actor,
    now: datetime,
) -> LedgerChanges:
    """Tell a learner of the restored seats whose message was withdrawn, unread, as they were given up.

    Args:
        left_at: when they were given up.
        instead_of: sessions in which the learner had a seat meanwhile: who read of one of these is told of
            the restored ones in any case.
    """
    context = await load_planning_context(db, session_ids, now)
    if not context.sessions:
        return LedgerChanges()
    if instead_of and await _read_of(db, learner_id, instead_of):
        wanted = set(session_ids)
    else:
        wanted = await _unread(db, learner_id, session_ids, left_at)
        wanted -= await _settled(db, learner_id, session_ids)
    learners = {
        session_id: [each for each in people if each.learner_id == learner_id and session_id in wanted]
        for session_id, people in (await learners_to_text(db, session_ids)).items()
    }
    found = await announce(db, context, "enrolled", without_reminded(context, learners))
    changes = await reconcile(db, found.wanted, found.current, reason="plan_changed", now=now, again=True)
    note_changes(db, context.sessions, changes, by=by, now=now)
    return changes


async def _unread(
    db: AsyncSession, learner_id: int, session_ids: Collection[int], left_at: datetime
) -> set[int]:
    """Those of these sessions of which a message to that number is open, or was withdrawn on leaving.

    An open one names others of the family, or other sessions of the series.
    """
    withdrawn = and_(
        Message.state == "withdrawn", Message.state_reason == "left", Message.finished_at >= left_at
    )
    statement = (
        _announced(learner_id, session_ids)
        .join(Learner, Learner.id == Enrolment.learner_id)
        .where(Message.to_phone == Learner.phone, or_(Message.state.in_(OPEN_STATES), withdrawn))
    )
    return set(await db.scalars(statement))


async def _settled(db: AsyncSession, learner_id: int, session_ids: Collection[int]) -> set[int]:
    """Those of which a message names the learner that went, or could not, or that staff withdrew."""
    statement = _naming(learner_id, session_ids).where(
        Message.state.not_in(OPEN_STATES), SAID_OR_PLANNED, Enrolment.queued_at <= ENDED_AT
    )
    return set(await db.scalars(statement))


async def _read_of(db: AsyncSession, learner_id: int, session_ids: Collection[int]) -> bool:
    """Whether the learner may have read of a seat in one of these sessions."""
    statement = _naming(learner_id, session_ids).where(GONE, Enrolment.queued_at <= ENDED_AT)
    return await db.scalar(statement.limit(1)) is not None


def _naming(learner_id: int, session_ids: Collection[int]) -> Select[int]:
    return (
        _announced(learner_id, session_ids)
        .join(MessageRecipient, MessageRecipient.message_id == Message.id)
        .where(MessageRecipient.learner_id == learner_id)
    )


def _announced(learner_id: int, session_ids: Collection[int]) -> Select[int]:
    """Ids of these sessions, with the learner's Enrolment and each Message about seats that covers them."""
    covers = or_(
        _FIRST.id == ClassSession.id,
        and_(_FIRST.series_id == ClassSession.series_id, _FIRST.starts_at <= ClassSession.starts_at),
    )
    mine = (Enrolment.session_id == ClassSession.id) & (Enrolment.learner_id == learner_id)
    return (
        select(ClassSession.id)
        .join(Enrolment, mine)
        .join(_FIRST, covers)
        .join(Message, Message.session_id == _FIRST.id)
        .where(ClassSession.id.in_(session_ids), Message.purpose.in_(SEATS))
    )
