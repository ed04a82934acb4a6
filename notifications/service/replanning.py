"""Planned reminders made anew for a whole ward: its times, or a wording, have changed.

A small ward at once, in the same transaction; a large one, and the whole city, in turn: the wish is kept in
the transaction of the change, a worker grants it ward by ward, each in a transaction of its own. A worker
that dies leaves the wish to the next.
"""

from datetime import datetime

from sqlalchemy import delete, exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor, system
from notifications.models import Replanning
from notifications.service.planning.seats import replan_reminders
from scheduling.models import ClassSession
from venues.models import Ward

AT_ONCE = 60
"""The most sessions to come whose reminders are made anew while somebody waits for the page."""

_GROUP = 200
WORKER = system("replanning")


async def replan_at_once_or_in_turn(
    db: AsyncSession, ward_id: str | None, *, by: Actor, now: datetime
) -> bool:
    """Have a ward's planned reminders, or with None all wards', follow what was decided. Does not commit.

    Returns:
        Whether they already do.
    """
    if ward_id is not None:
        ids = await _to_come(db, ward_id, now, most=AT_ONCE + 1)
        if len(ids) <= AT_ONCE:
            await replan_reminders(db, ids, by=by, now=now)
            return True
    await ask_to_replan(db, ward_id, now=now)
    return False


async def ask_to_replan(db: AsyncSession, ward_id: str | None, *, now: datetime) -> None:
    """Keep the wish that a ward's planned reminders, or with None all wards', be made anew."""
    coming = (
        select(Ward.id)
        .where(exists().where(ClassSession.ward_id == Ward.id, ClassSession.starts_at > now))
        .order_by(Ward.id)
    )
    wards = [ward_id] if ward_id is not None else list(await db.scalars(coming))
    if wards:
        await db.execute(
            insert(Replanning)
            .values([{"ward_id": each, "asked_at": now} for each in wards])
            .on_conflict_do_update(index_elements=["ward_id"], set_={"asked_at": now})
        )


async def waiting_to_be_replanned(db: AsyncSession, ward_id: str) -> bool:
    """Whether the reminders of this ward are about to be made anew."""
    return bool(await db.scalar(select(exists().where(Replanning.ward_id == ward_id))))


async def process_next(db: AsyncSession, *, now: datetime) -> str | None:
    """Make the planned reminders of the ward that waits longest anew. Does not commit.

    Returns:
        The ward; None when none waits, or others have them in hand.
    """
    ward_id = await db.scalar(
        select(Replanning.ward_id)
        .order_by(Replanning.asked_at, Replanning.ward_id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if ward_id is None:
        return None
    ids = await _to_come(db, ward_id, now, most=None)
    for start in range(0, len(ids), _GROUP):
        await replan_reminders(db, ids[start : start + _GROUP], by=WORKER, now=now)
    await db.execute(delete(Replanning).where(Replanning.ward_id == ward_id))
    return ward_id


async def _to_come(db: AsyncSession, ward_id: str, now: datetime, *, most: int | None) -> list[int]:
    """Published sessions of a ward still to come, in id order: the order in which plans lock them."""
    found = await db.scalars(
        select(ClassSession.id)
        .where(
            ClassSession.ward_id == ward_id,
            ClassSession.starts_at > now,
            ClassSession.published_at.is_not(None),
            ClassSession.cancelled_at.is_(None),
        )
        .order_by(ClassSession.id)
        .limit(most)
    )
    return list(found)
