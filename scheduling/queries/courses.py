"""Courses of a ward, and the skills they may draw from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from lopso.kernel.paging import PAGE_SIZE, Page, offset
from scheduling.models import ClassSession, Course, CourseSkill
from skills.models import Framework, Skill, SkillGroup


@dataclass(frozen=True, slots=True)
class CourseRow:
    """A course in the list: how many skills it teaches, sessions held and sessions to come."""

    id: int
    title: str
    summary: str
    duration_minutes: int
    retired: bool
    skills: int
    held: int
    coming: int


async def courses_page(
    db: AsyncSession, ward_id: str, *, now: datetime, number: int = 1, retired: bool = False
) -> Page[CourseRow]:
    """Courses of a ward by title, the open or the retired ones; two statements."""
    which = (
        Course.ward_id == ward_id,
        Course.retired_at.is_not(None) if retired else Course.retired_at.is_(None),
    )
    total = await db.scalar(select(func.count()).select_from(Course).where(*which)) or 0
    taught = (
        select(func.count()).where(CourseSkill.course_id == Course.id).correlate(Course).scalar_subquery()
    )
    sessions = (
        select(
            func.count().filter(ClassSession.ends_at <= now).label("held"),
            func.count().filter(ClassSession.ends_at > now).label("coming"),
        )
        .where(ClassSession.course_id == Course.id, ClassSession.cancelled_at.is_(None))
        .correlate(Course)
        .lateral()
    )
    rows = await db.execute(
        select(
            Course.id,
            Course.title,
            Course.summary,
            Course.duration_minutes,
            Course.retired_at.is_not(None),
            taught,
            sessions.c.held,
            sessions.c.coming,
        )
        .select_from(Course)
        .join(sessions, onclause=Course.id == Course.id)
        .where(*which)
        .order_by(Course.title_key, Course.id)
        .limit(PAGE_SIZE)
        .offset(offset(number))
    )
    return Page([CourseRow(*row) for row in rows], number, total)


async def course(db: AsyncSession, ward_id: str, course_id: int) -> Course | None:
    """One course of a ward."""
    return await db.scalar(select(Course).where(Course.ward_id == ward_id, Course.id == course_id))


async def open_courses(db: AsyncSession, ward_id: str) -> Sequence[Course]:
    """Courses a ward may plan with, by title; one statement."""
    found = await db.scalars(
        select(Course)
        .where(Course.ward_id == ward_id, Course.retired_at.is_(None))
        .order_by(Course.title_key, Course.id)
    )
    return found.all()


async def taught_skills(db: AsyncSession, course_id: int) -> Sequence[Skill]:
    """Skills of a course in the order in which they are taught, with their groups; one statement."""
    found = await db.scalars(
        select(Skill)
        .join(CourseSkill, CourseSkill.skill_id == Skill.id)
        .where(CourseSkill.course_id == course_id)
        .options(joinedload(Skill.group))
        .order_by(CourseSkill.position, Skill.id)
    )
    return found.all()


async def skills_to_teach(db: AsyncSession) -> dict[SkillGroup, list[Skill]]:
    """Skills of the current edition by group, in the edition's order; one statement."""
    found = await db.scalars(
        select(Skill)
        .join(Framework, Framework.id == Skill.framework_id)
        .join(SkillGroup, SkillGroup.id == Skill.group_id)
        .where(Framework.is_current)
        .options(joinedload(Skill.group))
        .order_by(SkillGroup.position, SkillGroup.id, Skill.position, Skill.id)
    )
    groups: dict[SkillGroup, list[Skill]] = {}
    for skill in found:
        groups.setdefault(skill.group, []).append(skill)
    return groups
