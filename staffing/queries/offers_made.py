"""What somebody offered by one act."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from lopso.kernel.access import Actor
from scheduling.models import Assignment
from scheduling.queries.places import with_session_and_place
from trainers.models import Trainer


async def offers_made_at(
    db: AsyncSession, ward_id: str, offered_at: datetime, *, by: Actor
) -> Sequence[Assignment]:
    """What `by` offered in this ward at this instant, as it now is, by time; one statement.

    Helpers are loaded, and sessions with their places.
    """
    statement = (
        select(Assignment)
        .join(Trainer, Trainer.id == Assignment.trainer_id)
        .where(
            Assignment.ward_id == ward_id,
            Assignment.offered_at == offered_at,
            Assignment.offered_by == by.user_id,
        )
        .options(joinedload(Assignment.trainer), *with_session_and_place())
        .order_by(Assignment.starts_at, Assignment.session_id, Assignment.role.desc(), Trainer.sort_key)
        .execution_options(populate_existing=True)
    )
    return (await db.scalars(statement)).all()
