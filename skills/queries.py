"""Queries on editions of the framework."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.errors import NotFound
from lopso.kernel.paging import PAGE_SIZE
from skills.models import Audience, Framework, Skill, SkillGroup


@dataclass(frozen=True, slots=True)
class GroupWithSkills:
    """A group with its skills, both in the edition's order."""

    group: SkillGroup
    skills: tuple[Skill, ...]


@dataclass(frozen=True, slots=True)
class Edition:
    """An edition, whole: some fifty skills, never thousands."""

    framework: Framework
    groups: tuple[GroupWithSkills, ...]
    audiences: tuple[Audience, ...]

    @property
    def skill_count(self) -> int:
        """How many skills it has."""
        return sum(len(each.skills) for each in self.groups)

    @property
    def unverified_count(self) -> int:
        """How many of them are not yet compared with the official text."""
        return sum(not skill.verified for each in self.groups for skill in each.skills)


async def edition(db: AsyncSession, framework_id: int | None = None) -> Edition:
    """An edition, by default the current one; four statements.

    Raises:
        NotFound: no such edition, or none is current yet.
    """
    wanted = Framework.is_current if framework_id is None else Framework.id == framework_id
    framework = await db.scalar(select(Framework).where(wanted))
    if framework is None:
        raise NotFound
    groups = await db.scalars(
        select(SkillGroup).where(SkillGroup.framework_id == framework.id).order_by(SkillGroup.position)
    )
    skills = (
        await db.scalars(
            select(Skill).where(Skill.framework_id == framework.id).order_by(Skill.position, Skill.id)
        )
    ).all()
    audiences = await db.scalars(
        select(Audience).where(Audience.framework_id == framework.id).order_by(Audience.position)
    )
    return Edition(
        framework,
        tuple(GroupWithSkills(group, tuple(s for s in skills if s.group_id == group.id)) for group in groups),
        tuple(audiences),
    )


async def editions(db: AsyncSession) -> Sequence[Framework]:
    """The latest editions, newest first; one statement."""
    rows = await db.scalars(
        select(Framework).order_by(Framework.loaded_at.desc(), Framework.id.desc()).limit(PAGE_SIZE)
    )
    return rows.all()


async def current_codes(db: AsyncSession) -> dict[str, str]:
    """Skills of the current edition as code → Vietnamese name; one statement, empty before the first."""
    rows = await db.execute(
        select(Skill.code, Skill.name_vi)
        .join(Framework, Framework.id == Skill.framework_id)
        .where(Framework.is_current)
        .order_by(Skill.group_id, Skill.position)
    )
    return {row.code: row.name_vi for row in rows}
