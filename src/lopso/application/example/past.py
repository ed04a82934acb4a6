"""Two weeks of classes that were: who came, what they showed, what was confirmed since."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from attendance import queries as roll
from attendance.service.marks import Mark, record_marks
from competency.rules import LEVELS
from competency.service.certificates import issue_certificate
from competency.service.demonstrations import ObservedSkill, record_demonstrations
from competency.service.sign_offs import sign_off
from lopso.application.example.city import (
    PHU_XUAN,
    SERIES,
    class_details,
    some_learners,
    weekly_slot,
)
from lopso.kernel.access import Actor
from scheduling.models import ClassSession, Course, CourseSkill
from scheduling.rules.plan import SeriesPlan
from scheduling.rules.recurrence import WeeklyRule
from scheduling.service.enrolments import enrol
from scheduling.service.series import plan_series
from scheduling.service.sessions import publish_sessions
from staffing.service.offers import offer_assignments
from trainers.models import Trainer

MARKS = ("absent", "present", "late", "present", "present")
"""Given to the learners of a session in turn."""


async def plan_past(
    db: AsyncSession,
    courses: Sequence[Course],
    rooms: Sequence[int],
    by: Actor,
    helper: Actor,
    monday: date,
    now: datetime,
) -> list[int]:
    """Two weeks of classes that were: sessions with seats, and with the helper in each."""
    ids: list[int] = []
    for course, room, slots, capacity, helpers, published in SERIES[:3]:
        if published:
            rule = WeeklyRule(
                tuple(weekly_slot(courses[course], each) for each in slots),
                monday - timedelta(days=14),
                monday - timedelta(days=1),
                None,
            )
            made = await plan_series(
                db,
                PHU_XUAN,
                SeriesPlan(class_details(courses[course], rooms[room], capacity, helpers), rule, True),
                by=by,
                now=now,
            )
            await publish_sessions(db, made.session_ids, by=by, now=now)
            ids.extend(made.session_ids)
    learners = await some_learners(db, 0, 22)
    await enrol(db, ids, learners, by=by, now=now)
    own = await db.scalar(select(Trainer.id).where(Trainer.user_id == helper.user_id))
    if own is not None:
        await offer_assignments(db, ids, [own], role="trainer", agreed=True, by=by, now=now)
    return ids


async def teach_past(
    db: AsyncSession, session_ids: Sequence[int], helper: Actor, assessor: Actor, coordinator: Actor
) -> None:
    """What happened in those classes: who came, what they showed, what an assessor confirmed since."""
    sessions = await db.scalars(
        select(ClassSession).where(ClassSession.id.in_(session_ids)).order_by(ClassSession.starts_at)
    )
    confirmed: set[tuple[int, int]] = set()
    last = None
    for number, session in enumerate(sessions.all()):
        last = session
        shown = await _teach(db, session, number, helper)
        confirmed |= {(each.learner_id, each.skill_id) for each in shown[:3]}
    if last is None:
        return
    then = last.ends_at + timedelta(hours=3)
    signed = await sign_off(db, PHU_XUAN, sorted(confirmed), by=assessor, now=then)
    if signed.done:
        first = signed.done[0]
        await issue_certificate(
            db, PHU_XUAN, first.learner_id, [first.id], by=coordinator, now=then + timedelta(hours=1)
        )


async def _teach(
    db: AsyncSession, session: ClassSession, number: int, helper: Actor
) -> Sequence[ObservedSkill]:
    """Call the roll of one session, and record what every second of those present showed."""
    at = session.starts_at + timedelta(minutes=10)
    open_roll = await roll.session_for(db, session.id, actor=helper)
    marks = [
        Mark(learner, MARKS[(place + number) % len(MARKS)], uuid4(), at)
        for place, learner in enumerate(await some_learners(db, 0, 22))
    ]
    await record_marks(db, open_roll, marks, by=helper, now=at)
    skills = (
        await db.scalars(
            select(CourseSkill.skill_id)
            .where(CourseSkill.course_id == session.course_id)
            .order_by(CourseSkill.position)
        )
    ).all()
    shown = [
        ObservedSkill(mark.learner_id, skills[place % len(skills)], LEVELS[place % len(LEVELS)], uuid4(), at)
        for place, mark in enumerate(marks)
        if mark.mark != "absent" and place % 2 == 0
    ]
    later = session.ends_at - timedelta(minutes=10)
    await record_demonstrations(db, open_roll, shown, by=helper, now=later)
    return shown
