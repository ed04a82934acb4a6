"""Declared skills of an imported list, in the edition in force."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.text import fold
from skills.models import Framework, Skill, SkillGroup
from trainers.importing.drafts import TrainerDraft
from trainers.importing.skill_names import skill_codes
from trainers.models import Qualification

_BATCH = 1000


async def add_declared_skills(
    db: AsyncSession, people: Sequence[tuple[int, TrainerDraft]], now: datetime
) -> None:
    """Save declared skills as skills of the edition in force; nothing when none is loaded."""
    skills = (
        await db.execute(
            select(Skill.id, Skill.code, Skill.name_vi, SkillGroup.code.label("group"))
            .join(SkillGroup, SkillGroup.id == Skill.group_id)
            .join(Framework, Framework.id == Skill.framework_id)
            .where(Framework.is_current)
        )
    ).all()
    by_item: dict[str, set[int]] = {}
    for item in {item for _id, draft in people for item in draft.teaches}:
        codes, groups = skill_codes(item) or (frozenset[str](), frozenset[str]())
        folded = fold(item)
        by_item[item] = {
            row.id
            for row in skills
            if row.code in codes or row.group in groups or fold(row.name_vi) == folded
        }
    rows = [
        {"trainer_id": trainer_id, "skill_id": skill_id, "source": "declared", "since": now}
        for trainer_id, draft in people
        for skill_id in sorted({skill for item in draft.teaches for skill in by_item[item]})
    ]
    for at in range(0, len(rows), _BATCH):
        await db.execute(insert(Qualification), rows[at : at + _BATCH])
