"""Who still lacks skills of a course: what copying a series asks."""

from collections.abc import Collection

from sqlalchemy import exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from competency.models import SignOff
from learners.models import Learner
from scheduling.models import CourseSkill


class SignOffGaps:
    """Answers `staffing.queries.skill_gaps.SkillGaps` from the sign-offs that stand."""

    async def lacking(
        self, db: AsyncSession, learner_ids: Collection[int], course_id: int | None
    ) -> Collection[int]:
        """Those of them who lack a skill of the course; all where it teaches none. One statement."""
        taught = select(CourseSkill.skill_id).where(CourseSkill.course_id == course_id)
        signed = (
            exists()
            .where(
                SignOff.learner_id == Learner.id,
                SignOff.skill_id == CourseSkill.skill_id,
                SignOff.revoked_at.is_(None),
            )
            .correlate(Learner, CourseSkill)
        )
        found = await db.scalars(
            select(Learner.id).where(
                Learner.id.in_(learner_ids),
                or_(~exists(taught), exists(taught.where(~signed).correlate(Learner))),
            )
        )
        return set(found)
