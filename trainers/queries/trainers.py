"""Reading helpers."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager

from accounts.models import User
from lopso.kernel.errors import NotFound
from lopso.kernel.i18n import language
from lopso.kernel.paging import PAGE_SIZE, Page, offset
from lopso.kernel.search import people_query
from lopso.kernel.text import fold
from skills.models import Framework, Skill, SkillGroup
from trainers.models import Availability, Qualification, Team, TeamMember, Trainer
from trainers.rules import WeeklyHours


@dataclass(frozen=True, slots=True)
class ListedTrainer:
    """A helper in a list, with the teams they are in now."""

    trainer: Trainer
    teams: Sequence[TeamMember]


@dataclass(frozen=True, slots=True)
class TaughtSkill:
    """A skill somebody can teach; `source` is "declared" or "training", `group` its group's name."""

    skill_id: int
    group: str
    name: str
    source: str


@dataclass(frozen=True, slots=True)
class OfferedSkill:
    """A skill of the edition in force, for a form."""

    skill_id: int
    code: str
    name: str


async def trainers_page(
    db: AsyncSession, ward_id: str, *, kind: str | None, gone: bool, number: int
) -> Page[ListedTrainer]:
    """A ward's helpers by given name, or those who left; three statements."""
    chosen: list[ColumnElement[bool]] = [Trainer.ward_id == ward_id]
    chosen.append(Trainer.left_at.is_not(None) if gone else Trainer.left_at.is_(None))
    if kind is not None:
        chosen.append(Trainer.kind == kind)
    return await _page(db, chosen, number)


async def search_page(db: AsyncSession, ward_id: str, typed: str, *, number: int) -> Page[ListedTrainer]:
    """Helpers of a ward whose name or phone begins with what was typed; three statements."""
    query = people_query(typed, wards={ward_id})
    if query is None:
        return Page([], 1, 0)
    chosen: list[ColumnElement[bool]] = [
        Trainer.search.op("@@")(func.to_tsquery("simple", query)),
        Trainer.ward_id == ward_id,
        Trainer.left_at.is_(None),
    ]
    return await _page(db, chosen, number)


async def _page(db: AsyncSession, chosen: Sequence[ColumnElement[bool]], number: int) -> Page[ListedTrainer]:
    total = await db.scalar(select(func.count()).select_from(Trainer).where(*chosen)) or 0
    found = (
        await db.scalars(
            select(Trainer)
            .where(*chosen)
            .order_by(Trainer.sort_key, Trainer.id)
            .limit(PAGE_SIZE)
            .offset(offset(number))
        )
    ).all()
    teams = await memberships(db, [trainer.id for trainer in found])
    return Page([ListedTrainer(trainer, teams[trainer.id]) for trainer in found], number, total)


async def memberships(db: AsyncSession, ids: Collection[int]) -> Mapping[int, Sequence[TeamMember]]:
    """Current memberships in teams not disbanded, by helper's id, teams loaded; one statement."""
    rows = await db.scalars(
        select(TeamMember)
        .join(TeamMember.team)
        .options(contains_eager(TeamMember.team))
        .where(TeamMember.trainer_id.in_(ids), TeamMember.left_at.is_(None), Team.disbanded_at.is_(None))
        .order_by(Team.kind, Team.name_key)
    )
    grouped: defaultdict[int, list[TeamMember]] = defaultdict(list)
    for row in rows:
        grouped[row.trainer_id].append(row)
    return grouped


async def trainer_in(db: AsyncSession, ward_id: str, trainer_id: int) -> Trainer:
    """A helper of this ward, gone or not.

    Raises:
        NotFound: none, or of another ward.
    """
    trainer = await db.scalar(select(Trainer).where(Trainer.ward_id == ward_id, Trainer.id == trainer_id))
    if trainer is None:
        raise NotFound
    return trainer


async def namesakes(db: AsyncSession, ward_id: str, full_name: str) -> Sequence[ListedTrainer]:
    """Helpers of this ward and name, those who left too; two statements."""
    found = (
        await db.scalars(
            select(Trainer)
            .where(Trainer.ward_id == ward_id, Trainer.name_key == fold(full_name))
            .order_by(Trainer.id)
            .limit(20)
        )
    ).all()
    teams = await memberships(db, [trainer.id for trainer in found])
    return [ListedTrainer(trainer, teams[trainer.id]) for trainer in found]


async def taught_by(db: AsyncSession, trainer_id: int) -> Sequence[TaughtSkill]:
    """What somebody can teach, in the order of the framework, in the reader's language; one statement."""
    vietnamese = language() == "vi"
    rows = await db.execute(
        select(
            Skill.id,
            (SkillGroup.name_vi if vietnamese else SkillGroup.name_en).label("group"),
            (Skill.name_vi if vietnamese else Skill.name_en).label("name"),
            Qualification.source,
        )
        .join(Qualification, Qualification.skill_id == Skill.id)
        .join(SkillGroup, SkillGroup.id == Skill.group_id)
        .where(Qualification.trainer_id == trainer_id, Qualification.ended_at.is_(None))
        .order_by(Skill.framework_id, SkillGroup.position, Skill.position, Skill.id)
    )
    return [TaughtSkill(row.id, row.group, row.name, row.source) for row in rows]


async def skills_offered(db: AsyncSession) -> Sequence[tuple[str, Sequence[OfferedSkill]]]:
    """The skills of the edition in force by group, in the reader's language; one statement."""
    vietnamese = language() == "vi"
    rows = await db.execute(
        select(
            Skill.id,
            Skill.code,
            (SkillGroup.name_vi if vietnamese else SkillGroup.name_en).label("group"),
            (Skill.name_vi if vietnamese else Skill.name_en).label("name"),
        )
        .join(SkillGroup, SkillGroup.id == Skill.group_id)
        .join(Framework, Framework.id == Skill.framework_id)
        .where(Framework.is_current)
        .order_by(SkillGroup.position, Skill.position, Skill.id)
    )
    grouped: dict[str, list[OfferedSkill]] = {}
    for row in rows:
        grouped.setdefault(row.group, []).append(OfferedSkill(row.id, row.code, row.name))
    return list(grouped.items())


async def hours_of(db: AsyncSession, trainer_id: int) -> Sequence[WeeklyHours]:
    """When somebody is usually free, in order of the week; empty when nothing is known."""
    rows = await db.execute(
        select(Availability.weekday, Availability.since, Availability.until)
        .where(Availability.trainer_id == trainer_id)
        .order_by(Availability.weekday, Availability.since)
    )
    return [WeeklyHours(row.weekday, row.since, row.until) for row in rows]


async def login_of(db: AsyncSession, trainer: Trainer) -> User | None:
    """The account somebody logs in with, if any."""
    return await db.get(User, trainer.user_id) if trainer.user_id else None
