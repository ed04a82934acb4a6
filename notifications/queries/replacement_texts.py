"""Whether anybody has read that somebody was put in a helper's place."""

from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from notifications.models import Message, MessageRecipient
from notifications.queries.message_conditions import GONE, GONE_AT, about_sessions
from wordings.rules.facts import OFFERS


async def told_of_replacement(
    db: AsyncSession, session_id: int, *, before_id: int, asked_id: int, replaced_at: datetime
) -> tuple[int, datetime] | None:
    """Who was told first of a replacement, and when; None: nobody knows yet. One statement.

    Args:
        before_id: trainer id of who is no longer needed.
        asked_id: trainer id of who is asked instead.
    """
    told = or_(
        and_(Message.purpose.in_(OFFERS), MessageRecipient.trainer_id == asked_id),
        and_(Message.purpose == "assignment_withdrawn", MessageRecipient.trainer_id == before_id),
    )
    row = (
        await db.execute(
            select(MessageRecipient.trainer_id, GONE_AT.label("gone_at"))
            .join(Message, Message.id == MessageRecipient.message_id)
            .where(about_sessions([session_id]), told, GONE, replaced_at <= GONE_AT)
            .order_by(GONE_AT, Message.id)
            .limit(1)
        )
    ).first()
    if row is None or row.trainer_id is None:
        return None
    return row.trainer_id, row.gone_at
