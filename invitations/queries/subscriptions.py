"""Subscriptions of staff to the sessions of a ward."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from invitations.models import CalendarSubscription


async def has_subscription(db: AsyncSession, ward_id: str, user_id: int) -> bool:
    """Whether this staff member is subscribed to the ward's sessions; one statement."""
    found = await db.scalar(
        select(CalendarSubscription.id).where(
            CalendarSubscription.user_id == user_id,
            CalendarSubscription.ward_id == ward_id,
            CalendarSubscription.ended_at.is_(None),
        )
    )
    return found is not None
