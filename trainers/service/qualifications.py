"""What helpers declare to teach."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from skills.models import Framework, Skill
from trainers.models import Qualification
from trainers.service.trainers import locked_trainer


async def set_skills(
    db: AsyncSession, ward_id: str, trainer_id: int, skill_ids: Collection[int], *, by: Actor, now: datetime
) -> None:
    """Make the skills of the edition in force that a helper declares exactly these. Does not commit.

    What training granted, and skills of older editions, stay untouched; ids of other editions are ignored.

    Raises:
        NotFound: no such helper in this ward.
    """
    trainer = await locked_trainer(db, ward_id, trainer_id)
    current = await _current_skills(db)
    held = await _held(db, trainer_id, current)
    wanted = current & set(skill_ids)
    added = sorted(wanted - set(held))
    ended = sorted(each for each, source in held.items() if each not in wanted and source == "declared")
    if ended:
        await db.execute(
            update(Qualification)
            .where(Qualification.trainer_id == trainer_id, Qualification.skill_id.in_(ended))
            .where(Qualification.ended_at.is_(None))
            .values(ended_at=now)
        )
    if added:
        rows = [
            {"trainer_id": trainer_id, "skill_id": each, "source": "declared", "since": now} for each in added
        ]
        await db.execute(insert(Qualification), rows)
    if added or ended:
        audit.note(db, trainer, "trainer.skills_set", by=by, now=now, added=added, ended=ended)


async def _current_skills(db: AsyncSession) -> set[int]:
    """Skills of the edition in force."""
    query = select(Skill.id).join(Framework, Framework.id == Skill.framework_id).where(Framework.is_current)
    return set(await db.scalars(query))


async def _held(db: AsyncSession, trainer_id: int, skills: Collection[int]) -> Mapping[int, str]:
    """Which of `skills` a helper has, with the source of each."""
    rows = await db.execute(
        select(Qualification.skill_id, Qualification.source)
        .where(Qualification.trainer_id == trainer_id, Qualification.ended_at.is_(None))
        .where(Qualification.skill_id.in_(skills))
    )
    return {row.skill_id: row.source for row in rows}
