"""Whether anybody has read that sessions are cancelled."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from notifications.models import Message, MessageRecipient, MessageSession
from notifications.queries.message_conditions import GONE, GONE_AT
from notifications.rules.delivery_problems import CANCELLATIONS
from scheduling.models import ClassSession
from wordings.rules.facts import PersonKey


@dataclass(frozen=True, slots=True)
class CancellationTexts:
    """Texts about the cancelling of some sessions.

    Attributes:
        first_gone_at: when the first one went, or was said by telephone; None: nobody knows yet.
        next_due_at: when the next one goes; None: none is planned.
    """

    first_gone_at: datetime | None
    next_due_at: datetime | None


async def cancellation_texts(db: AsyncSession, session_ids: Collection[int]) -> CancellationTexts:
    """What went, and what is to go, about these sessions as they are now; one statement."""
    spoken = _spoken(session_ids)
    row = (
        await db.execute(
            select(
                func.min(GONE_AT).filter(GONE),
                func.min(Message.due_at).filter(Message.state.in_(("planned", "claimed"))),
            )
            .join(spoken, spoken.c.message_id == Message.id)
            .join(ClassSession, ClassSession.id == spoken.c.session_id)
            .where(spoken.c.session_version == ClassSession.version)
        )
    ).one()
    return CancellationTexts(*row)


async def told_of_cancellation(db: AsyncSession, session_ids: Collection[int]) -> set[tuple[int, PersonKey]]:
    """Sessions just reopened, with those who know of their cancelling; one statement.

    Opening a session again makes its version one higher than the one of which these texts speak.
    """
    spoken = _spoken(session_ids)
    rows = await db.execute(
        select(spoken.c.session_id, MessageRecipient.learner_id, MessageRecipient.trainer_id)
        .join(Message, Message.id == MessageRecipient.message_id)
        .join(spoken, spoken.c.message_id == Message.id)
        .join(ClassSession, ClassSession.id == spoken.c.session_id)
        .where(spoken.c.session_version == ClassSession.version - 1, GONE)
    )
    return {(session_id, (learner_id, trainer_id)) for session_id, learner_id, trainer_id in rows}


def _spoken(session_ids: Collection[int]) -> Any:
    """Cancellation notices of these sessions, with the version of which they speak."""
    own = select(Message.id.label("message_id"), Message.session_id, Message.session_version).where(
        Message.session_id.in_(session_ids), Message.purpose.in_(CANCELLATIONS)
    )
    further = (
        select(MessageSession.message_id, MessageSession.session_id, MessageSession.session_version)
        .join(Message, Message.id == MessageSession.message_id)
        .where(MessageSession.session_id.in_(session_ids), Message.purpose.in_(CANCELLATIONS))
    )
    return union_all(own, further).subquery()
