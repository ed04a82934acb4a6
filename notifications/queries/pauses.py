"""What waits while delivery is paused."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from invitations.models import Mail
from notifications.models import Message


@dataclass(frozen=True, slots=True)
class WaitingDeliveries:
    """Texts and mails that are due and not sent."""

    texts: int
    mails: int


async def waiting_deliveries(db: AsyncSession, *, now: datetime) -> WaitingDeliveries:
    """What would go now, in the whole city; one statement."""
    texts = select(func.count()).where(
        Message.state == "planned", Message.held_at.is_(None), Message.due_at <= now
    )
    mails = select(func.count()).where(Mail.state == "planned", Mail.due_at <= now)
    row = (await db.execute(select(texts.scalar_subquery(), mails.scalar_subquery()))).one()
    return WaitingDeliveries(*row)
