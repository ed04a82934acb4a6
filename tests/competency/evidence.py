"""What was shown, signed and certified in a classroom."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from competency.models import Certificate, SignOff
from competency.service.certificates import issue_certificate
from competency.service.demonstrations import ObservedSkill, record_demonstrations
from competency.service.sign_offs import sign_off
from learners.models import Learner
from tests.classroom import WARD, Classroom
from tests.factories import NOON

MINUTE = timedelta(minutes=1)


async def came_and_showed(
    db: AsyncSession,
    room: Classroom,
    learner: Learner,
    *,
    skills: Sequence[int] = (0,),
    level: str = "alone",
    at: datetime = NOON,
) -> None:
    """The helper marked the learner present and saw these skills of the classroom."""
    await room.mark(db, learner, at=at)
    session = await room.roll_session(db)
    shown = [ObservedSkill(learner.id, room.skills[each].id, level, uuid4()) for each in skills]
    saved = await record_demonstrations(db, session, shown, by=room.as_helper, now=at + MINUTE)
    assert len(saved.saved) == len(skills)


async def signed(
    db: AsyncSession, room: Classroom, learner: Learner, *, skills: Sequence[int] = (0,)
) -> Sequence[SignOff]:
    """The assessor confirmed these skills of the classroom."""
    pairs = [(learner.id, room.skills[each].id) for each in skills]
    result = await sign_off(db, WARD, pairs, by=room.as_assessor, now=NOON + 2 * MINUTE)
    assert len(result.done) == len(skills)
    return result.done


async def certified(
    db: AsyncSession, room: Classroom, learner: Learner, *, skills: Sequence[int] = (0,)
) -> Certificate:
    """Came, showed, was confirmed, holds a certificate."""
    await came_and_showed(db, room, learner, skills=skills)
    done = await signed(db, room, learner, skills=skills)
    return await issue_certificate(
        db, WARD, learner.id, [each.id for each in done], by=room.as_coordinator, now=NOON + 3 * MINUTE
    )
