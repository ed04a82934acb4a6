"""Where helpers are booked at the time of a session."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from scheduling.models import ASSIGNMENT_ACTIVE, Assignment, ClassSession
from scheduling.rules.commitments import Commitment


async def commitments_at(
    db: AsyncSession, trainer_ids: Collection[int], session_ids: Collection[int]
) -> dict[tuple[int, int], Commitment]:
    """Where a helper is already booked at the time of a wanted session, by (trainer id, wanted session id).

    A active assignment in the wanted session itself counts, and is named before others. One statement.
    """
    wanted = select(ClassSession.id, ClassSession.during).where(ClassSession.id.in_(session_ids)).subquery()
    statement = (
        select(
            Assignment.trainer_id,
            wanted.c.id.label("wanted_id"),
            ClassSession.id,
            ClassSession.ward_id,
            ClassSession.title,
            ClassSession.starts_at,
            ClassSession.ends_at,
        )
        .select_from(Assignment)
        .join(wanted, Assignment.during.op("&&")(wanted.c.during))
        .join(ClassSession, ClassSession.id == Assignment.session_id)
        .where(Assignment.trainer_id.in_(trainer_ids), Assignment.state.in_(ASSIGNMENT_ACTIVE))
        .order_by(ClassSession.id == wanted.c.id, ClassSession.starts_at.desc())
    )
    return {
        (row.trainer_id, row.wanted_id): Commitment(
            row.id, row.ward_id, row.title, row.starts_at, row.ends_at
        )
        for row in await db.execute(statement)
    }
