"""When helpers are usually free."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from trainers.models import Availability
from trainers.queries.trainers import hours_of
from trainers.rules import WeeklyHours
from trainers.service.trainers import locked_trainer


async def set_hours(
    db: AsyncSession, ward_id: str, trainer_id: int, hours: Iterable[WeeklyHours], *, by: Actor, now: datetime
) -> None:
    """Make the weekly free times of a helper exactly these; none means nothing is known. Does not commit.

    Raises:
        NotFound: no such helper in this ward.
    """
    trainer = await locked_trainer(db, ward_id, trainer_id)
    wanted = sorted(set(hours))
    if wanted == list(await hours_of(db, trainer_id)):
        return
    await db.execute(delete(Availability).where(Availability.trainer_id == trainer_id))
    if wanted:
        rows = [
            {"trainer_id": trainer_id, "weekday": each.weekday, "since": each.since, "until": each.until}
            for each in wanted
        ]
        await db.execute(insert(Availability), rows)
    audit.note(db, trainer, "trainer.hours_set", by=by, now=now, times=len(wanted))
