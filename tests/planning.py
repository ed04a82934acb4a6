"""A ward ready to plan in: two rooms, a course, a coordinator."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from accounts.models import User
from lopso.kernel.access import Actor, Role
from lopso.kernel.clock import at
from lopso.kernel.text import fold, sort_key
from scheduling.models import Assignment, ClassSession, Course
from scheduling.rules.plan import SeriesPlan, SessionPlace, SessionTemplate
from scheduling.rules.recurrence import Slot, WeeklyRule, WeeklySlot
from scheduling.service.courses import add_course
from tests.classroom import add_framework, add_learner, enrol
from tests.factories import NOON, actor_for, add_room, add_user, add_ward
from trainers.models import Trainer
from venues.models import Room

WARD = "19753"
OTHER_WARD = "19774"

MONDAYS_AND_WEDNESDAYS = (WeeklySlot(0, time(8, 30), 90), WeeklySlot(2, time(8, 30), 90))


@dataclass
class Planning:
    """Phường Phú Xuân with a hall of 30 seats, a small room of 12 and the course "Dùng VNeID"."""

    user: User
    by: Actor
    hall: Room
    small: Room
    course: Course

    def details(self, *, room: Room | None = None, words: str = "", **other: Any) -> SessionTemplate:
        """A ward class in the hall unless another place is given."""
        place = SessionPlace(words=words) if words else SessionPlace(room_id=(room or self.hall).id)
        plain = SessionTemplate("ward_class", "Dùng VNeID", self.course.id, place, 25, 1, 5)
        return replace(plain, **other)

    def weekly(
        self,
        *,
        slots: tuple[WeeklySlot, ...] = MONDAYS_AND_WEDNESDAYS,
        starts_on: date = date(2026, 12, 7),
        meetings: int = 4,
        skips_holidays: bool = False,
        **details: Any,
    ) -> SeriesPlan:
        """Mondays and Wednesdays, 8h30 to 10h00, from 7 December 2026."""
        rule = WeeklyRule(slots, starts_on, None, meetings)
        return SeriesPlan(self.details(**details), rule, skips_holidays)


async def add_planning(db: AsyncSession) -> Planning:
    """Everything in `Planning`; the second ward Kim Long exists too."""
    await add_ward(db)
    await add_ward(db, ward_id=OTHER_WARD, name="Kim Long")
    user = await add_user(db, (Role.COORDINATOR, WARD))
    by = actor_for(user, (Role.COORDINATOR, WARD))
    skills = await add_framework(db, skills=3)
    course = await add_course(
        db,
        WARD,
        title="Dùng VNeID",
        skill_ids=[skill.id for skill in skills],
        duration_minutes=90,
        by=by,
        now=NOON,
    )
    hall = await add_room(db, name="Hội trường", seats=30)
    small = await add_room(db, name="Phòng đọc", seats=12)
    return Planning(user, by, hall, small, course)


def slot(day: date, start: time = time(8, 30), minutes: int = 90) -> Slot:
    """A slot by wall-clock time in Huế."""
    begin = at(day, start)
    return Slot(begin, begin + timedelta(minutes=minutes))


async def add_trainer(db: AsyncSession, name: str = "Ngô Hữu Phước", *, ward_id: str = WARD) -> Trainer:
    """A digital ambassador without an account."""
    trainer = Trainer(
        ward_id=ward_id,
        kind="digital_ambassador",
        full_name=name,
        name_key=fold(name),
        sort_key=sort_key(name),
        enlisted_at=NOON,
    )
    db.add(trainer)
    await db.flush()
    return trainer


async def add_people(db: AsyncSession, sessions: Sequence[ClassSession]) -> None:
    """A learner with a seat in each session and a helper who accepted each, both with a mobile."""
    learner = await add_learner(db, "Trần Thị Ánh", phone="+84905123456")
    helper = await add_trainer(db)
    helper.phone = "+84905123457"
    for each in sessions:
        await enrol(db, each, learner)
        await assign(db, each, helper)


async def assign(
    db: AsyncSession,
    session: ClassSession,
    trainer: Trainer,
    *,
    state: str = "accepted",
    role: str = "helper",
    answered_at: datetime | None = NOON,
) -> Assignment:
    """`trainer` in `session`."""
    assignment = Assignment(
        ward_id=session.ward_id,
        session_id=session.id,
        trainer_id=trainer.id,
        role=role,
        state=state,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        offered_at=NOON,
        answered_at=None if state == "offered" else answered_at,
    )
    db.add(assignment)
    await db.flush()
    return assignment
