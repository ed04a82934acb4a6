"""A staff member's subscription to a ward's sessions, sent as calendar invitations by mail."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from invitations.models import CalendarSubscription
from invitations.service.invites import sync_invites
from lopso.kernel import audit
from lopso.kernel.access import Actor
from scheduling.models import ClassSession


async def set_subscription(
    db: AsyncSession, ward_id: str, *, subscribed: bool, by: Actor, now: datetime
) -> None:
    """Subscribe `by` to the ward's coming sessions, or end the subscription. Does not commit.

    Idempotent; ending cancels the invitations that were sent. Nothing happens without an account.
    """
    if by.user_id is None:
        return
    if subscribed:
        changed = await db.scalar(
            insert(CalendarSubscription)
            .values(user_id=by.user_id, ward_id=ward_id, since=now)
            .on_conflict_do_nothing()
            .returning(CalendarSubscription.id)
        )
    else:
        changed = await db.scalar(
            update(CalendarSubscription)
            .where(
                CalendarSubscription.user_id == by.user_id,
                CalendarSubscription.ward_id == ward_id,
                CalendarSubscription.ended_at.is_(None),
            )
            .values(ended_at=now)
            .returning(CalendarSubscription.id)
        )
    if changed is None:
        return
    action = "calendar_wish.made" if subscribed else "calendar_wish.ended"
    audit.note(db, audit.Subject("app_user", by.user_id, ward_id), action, by=by, now=now)
    coming = await db.scalars(
        select(ClassSession.id).where(ClassSession.ward_id == ward_id, ClassSession.starts_at > now)
    )
    await sync_invites(db, coming.all(), by=by, now=now)
