"""Who still lacks a skill of a course, by the sign-offs that stand."""

from sqlalchemy.ext.asyncio import AsyncSession

from competency.queries.skill_gaps import SignOffGaps
from tests.classroom import add_classroom
from tests.competency.evidence import came_and_showed, signed
from tests.factories import NOON


async def test_learner_lacks_skills_until_all_of_the_course_are_signed(db: AsyncSession) -> None:
    room = await add_classroom(db)
    course = room.session.course_id
    everybody = [each.id for each in room.learners]
    skills = range(len(room.skills))
    await came_and_showed(db, room, room.learners[0], skills=skills)
    await signed(db, room, room.learners[0], skills=skills)
    await came_and_showed(db, room, room.learners[1])
    [part] = await signed(db, room, room.learners[1])

    before = await SignOffGaps().lacking(db, everybody, course)
    part.revoked_at, part.revoke_reason = NOON, "Ghi nhầm"
    await db.flush()

    assert before == set(everybody[1:])
    assert await SignOffGaps().lacking(db, everybody, course) == set(everybody[1:])
    assert await SignOffGaps().lacking(db, everybody[:1], course) == set()


async def test_everybody_lacks_skills_of_a_course_without_any(db: AsyncSession) -> None:
    room = await add_classroom(db)
    everybody = {each.id for each in room.learners}

    assert await SignOffGaps().lacking(db, everybody, None) == everybody
