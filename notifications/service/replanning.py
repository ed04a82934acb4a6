"""Replan the reminders of a whole ward whose times or wordings have changed.

A small ward in the transaction of the change; a large one, and the whole city, later: a request is stored in
that transaction, and a worker processes the requests ward by ward, each in a transaction of its own. A
request whose worker was killed stays for the next.
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

MAX_AT_ONCE = 60
"""The most upcoming sessions whose reminders are replanned within a request."""

_BATCH = 200
WORKER = system("replanning")


async def replan_now_or_later(db: AsyncSession, ward_id: str | None, *, by: Actor, now: datetime) -> bool:
    """Replan the reminders of a ward, or with None of all wards. Does not commit.

    Returns:
        Whether it is done; else it was requested.
    """
    if ward_id is not None:
        ids = await _upcoming(db, ward_id, now, most=MAX_AT_ONCE + 1)
        if len(ids) <= MAX_AT_ONCE:
            await replan_reminders(db, ids, by=by, now=now)
            return True
    await request_replanning(db, ward_id, now=now)
    return False


async def request_replanning(db: AsyncSession, ward_id: str | None, *, now: datetime) -> None:
    """Request that the reminders of a ward, or with None of all wards, be replanned. Does not commit."""
    with_sessions = (
        select(Ward.id)
        .where(exists().where(ClassSession.ward_id == Ward.id, ClassSession.starts_at > now))
        .order_by(Ward.id)
    )
    wards = [ward_id] if ward_id is not None else list(await db.scalars(with_sessions))
    if wards:
        await db.execute(
            insert(Replanning)
            .values([{"ward_id": each, "asked_at": now} for each in wards])
            .on_conflict_do_update(index_elements=["ward_id"], set_={"asked_at": now})
        )


async def replanning_requested(db: AsyncSession, ward_id: str) -> bool:
    """Whether the reminders of this ward are still to be replanned."""
    return bool(await db.scalar(select(exists().where(Replanning.ward_id == ward_id))))


async def process_next(db: AsyncSession, *, now: datetime) -> str | None:
    """Process the oldest request: replan the reminders of its ward. Does not commit.

    Returns:
        The ward; None when there is no request, or other workers process them.
    """
    ward_id = await db.scalar(
        select(Replanning.ward_id)
        .order_by(Replanning.asked_at, Replanning.ward_id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if ward_id is None:
        return None
    ids = await _upcoming(db, ward_id, now, most=None)
    for start in range(0, len(ids), _BATCH):
        await replan_reminders(db, ids[start : start + _BATCH], by=WORKER, now=now)
    await db.execute(delete(Replanning).where(Replanning.ward_id == ward_id))
    return ward_id


async def _upcoming(db: AsyncSession, ward_id: str, now: datetime, *, most: int | None) -> list[int]:
    """Ids of a ward's published sessions still to come, ascending: the order in which plans lock them."""
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
