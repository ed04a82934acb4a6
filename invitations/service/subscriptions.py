"""Somebody of the staff wants a ward's sessions in their own calendar."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from invitations.models import CalendarWish
from invitations.service.invites import follow
from lopso.kernel import audit
from lopso.kernel.access import Actor
from scheduling.models import ClassSession


async def wish(db: AsyncSession, ward_id: str, *, wanted: bool, by: Actor, now: datetime) -> None:
    """Send `by` the ward's coming sessions from now on, or take them out again. Does not commit.

    Asking twice changes nothing.
    """
    if by.user_id is None:
        return
    if wanted:
        changed = await db.scalar(
            insert(CalendarWish)
            .values(user_id=by.user_id, ward_id=ward_id, since=now)
            .on_conflict_do_nothing()
            .returning(CalendarWish.id)
        )
    else:
        changed = await db.scalar(
            update(CalendarWish)
            .where(
                CalendarWish.user_id == by.user_id,
                CalendarWish.ward_id == ward_id,
                CalendarWish.ended_at.is_(None),
            )
            .values(ended_at=now)
            .returning(CalendarWish.id)
        )
    if changed is None:
        return
    audit.record(
        db,
        by=by,
        now=now,
        action="calendar_wish.made" if wanted else "calendar_wish.ended",
        ward_id=ward_id,
        subject="app_user",
        subject_id=by.user_id,
    )
    coming = await db.scalars(
        select(ClassSession.id).where(ClassSession.ward_id == ward_id, ClassSession.starts_at > now)
    )
    await follow(db, coming.all(), by=by, now=now)
