"""How far a class is with each skill: how many of those who came showed it, and how well."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, func, literal, or_, select, union_all
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from attendance.models import AttendanceMark
from competency.models import Demonstration, SignOff
from lopso.kernel.i18n import language
from scheduling.models import ClassSession, CourseSkill
from skills.models import Skill

_WITH_HELP, _ALONE, _CONFIRMED = 1, 2, 3


@dataclass(frozen=True, slots=True)
class ClassSkill:
    """One skill of a class: each person who came is counted once, with the most they have of it.

    Attributes:
        confirmed: by a second person, in whatever session it was shown.
        alone, with_help: shown in these sessions, not confirmed.
        unrecorded: came, and nothing of this skill is recorded.
    """

    name: str
    confirmed: int
    alone: int
    with_help: int
    unrecorded: int


async def class_skills(db: AsyncSession, session_ids: Collection[int]) -> Sequence[ClassSkill]:
    """The skills of some sessions in teaching order; two statements, however many people came.

    Empty when nobody came, or nothing is taught.
    """
    names = await _skill_names(db, session_ids)
    if not names:
        return []
    counts: dict[tuple[int | None, int], int] = {}
    rows: Sequence[Any] = (await db.execute(_counts(session_ids, list(names)))).all()
    for row in rows:
        counts[row[0], row[1]] = row[2]
    came = counts.pop((None, 0), 0)
    return [_progress(name, counts, skill_id, came) for skill_id, name in names.items()] if came else []


def _progress(name: str, counts: dict[tuple[int | None, int], int], skill_id: int, came: int) -> ClassSkill:
    confirmed, alone, with_help = (
        counts.get((skill_id, level), 0) for level in (_CONFIRMED, _ALONE, _WITH_HELP)
    )
    return ClassSkill(name, confirmed, alone, with_help, came - confirmed - alone - with_help)


async def _skill_names(db: AsyncSession, session_ids: Collection[int]) -> dict[int, str]:
    """What the courses of the sessions teach, and what else was shown in them; by id, in teaching order."""
    taught = (
        select(CourseSkill.skill_id, func.min(CourseSkill.position).label("position"))
        .join(ClassSession, ClassSession.course_id == CourseSkill.course_id)
        .where(ClassSession.id.in_(session_ids))
        .group_by(CourseSkill.skill_id)
        .subquery()
    )
    shown = select(Demonstration.skill_id).where(
        Demonstration.session_id.in_(session_ids), Demonstration.voided_at.is_(None)
    )
    rows = await db.execute(
        select(Skill.id, Skill.name_en if language() == "en" else Skill.name_vi)
        .outerjoin(taught, taught.c.skill_id == Skill.id)
        .where(or_(taught.c.skill_id.is_not(None), Skill.id.in_(shown)))
        .order_by(taught.c.position.nulls_last(), Skill.position, Skill.id)
    )
    return {row[0]: row[1] for row in rows}


def _counts(session_ids: Collection[int], skill_ids: Collection[int]) -> Any:
    """(skill, level, people); the row of no skill says how many came."""
    latest = (
        select(AttendanceMark.session_id, AttendanceMark.learner_id, AttendanceMark.is_present)
        .ext(distinct_on(AttendanceMark.session_id, AttendanceMark.learner_id))
        .where(AttendanceMark.session_id.in_(session_ids))
        .order_by(
            AttendanceMark.session_id,
            AttendanceMark.learner_id,
            AttendanceMark.happened_at.desc(),
            AttendanceMark.id.desc(),
        )
        .cte("latest")
    )
    came = select(latest.c.learner_id).where(latest.c.is_present).distinct().cte("came")
    level = case((Demonstration.level == "with_help", _WITH_HELP), else_=_ALONE)
    shown = (
        select(Demonstration.learner_id, Demonstration.skill_id, level.label("level"))
        .join(
            latest,
            (latest.c.session_id == Demonstration.session_id)
            & (latest.c.learner_id == Demonstration.learner_id),
        )
        .where(latest.c.is_present, Demonstration.voided_at.is_(None))
    )
    signed = (
        select(SignOff.learner_id, SignOff.skill_id, literal(_CONFIRMED).label("level"))
        .join(came, came.c.learner_id == SignOff.learner_id)
        .where(SignOff.revoked_at.is_(None), SignOff.skill_id.in_(skill_ids))
    )
    each = union_all(shown, signed).subquery()
    most = (
        select(each.c.skill_id, func.max(each.c.level).label("level"))
        .group_by(each.c.learner_id, each.c.skill_id)
        .subquery()
    )
    return union_all(
        select(most.c.skill_id, most.c.level, func.count()).group_by(most.c.skill_id, most.c.level),
        select(literal(None), literal(0), func.count()).select_from(came),
    )
