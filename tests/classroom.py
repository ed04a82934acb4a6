"""A class under way, with people in it: what roll calls, skills and sign-offs are tested on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from accounts.models import User
from attendance.queries import RollSession, session_for
from attendance.service.marks import Mark, record_marks
from learners.models import Learner
from lopso.kernel.access import Actor, Role
from lopso.kernel.text import fold, sort_key
from scheduling.models import Assignment, ClassSession, Course, CourseSkill, Enrolment
from skills.models import Audience, Framework, Skill, SkillGroup
from tests.factories import NOON, actor_for, add_room, add_user, add_ward
from trainers.models import Trainer

WARD = "19753"


@dataclass
class Classroom:
    """A session that began an hour ago, its helper, coordinator and assessor, and who has a seat."""

    session: ClassSession
    skills: Sequence[Skill]
    learners: Sequence[Learner]
    helper: User
    coordinator: User
    assessor: User

    @property
    def as_helper(self) -> Actor:
        """The helper, assigned and accepted."""
        return actor_for(self.helper, (Role.TRAINER, WARD))

    @property
    def as_coordinator(self) -> Actor:
        """The ward's coordinator."""
        return actor_for(self.coordinator, (Role.COORDINATOR, WARD))

    @property
    def as_assessor(self) -> Actor:
        """The ward's assessor."""
        return actor_for(self.assessor, (Role.ASSESSOR, WARD))

    async def roll_session(self, db: AsyncSession, *, by: Actor | None = None) -> RollSession:
        """The session as `by` (the helper unless told otherwise) sees it."""
        return await session_for(db, self.session.id, actor=by or self.as_helper)

    async def mark(
        self, db: AsyncSession, learner: Learner, mark: str = "present", *, at: datetime = NOON
    ) -> None:
        """One mark by the helper at `at`."""
        session = await self.roll_session(db)
        entry = Mark(learner.id, mark, uuid4(), happened_at=at)
        saved = await record_marks(db, session, [entry], by=self.as_helper, now=max(at, NOON))
        assert saved.saved == (entry.client_id,)


async def add_classroom(
    db: AsyncSession,
    names: Sequence[str] = ("Trần Thị Ngọc Ánh", "Nguyễn Văn Bình", "Lê Thị Gái"),
    *,
    skills: int = 3,
    required: int = 1,
    starts_at: datetime = NOON - timedelta(hours=1),
) -> Classroom:
    """A whole small class; learners keep the order of `names`."""
    ward = await add_ward(db)
    room = await add_room(db)
    coordinator = await add_user(db, (Role.COORDINATOR, WARD))
    helper = await add_user(db, (Role.TRAINER, WARD), name="Ngô Hữu Phước", email="phuoc@example.org")
    assessor = await add_user(db, (Role.ASSESSOR, WARD), name="Hoàng Thị Lành", email="lanh@example.org")
    taught = await add_framework(db, skills=skills, required=required)
    course = Course(ward_id=ward.id, title="Thanh toán QR", title_key="thanh toan qr", duration_minutes=120)
    db.add(course)
    await db.flush()
    db.add_all(
        CourseSkill(course_id=course.id, skill_id=skill.id, position=place)
        for place, skill in enumerate(taught)
    )
    session = await add_session(db, course, room_id=room.id, starts_at=starts_at)
    await add_assignment(db, session, helper)
    learners = [await add_learner(db, name) for name in names]
    for learner in learners:
        await enrol(db, session, learner)
    return Classroom(session, taught, learners, helper, coordinator, assessor)


async def add_framework(
    db: AsyncSession, *, skills: int, required: int = 1, version: str = "1.0", current: bool = True
) -> list[Skill]:
    """An edition with one group of skills "K1", "K2"… all asked of elders."""
    framework = Framework(
        code="757/QĐ-BKHCN",
        version=version,
        title="Khung kỹ năng số cơ bản",
        number="757/QĐ-BKHCN",
        issuer="Bộ Khoa học và Công nghệ",
        complete=False,
        is_current=current,
        required_demonstrations=required,
        source={},
        loaded_at=NOON,
    )
    db.add(framework)
    await db.flush()
    group = SkillGroup(
        framework_id=framework.id, code="K", name_vi="Kỹ năng", name_en="Skills", verified=True, position=0
    )
    db.add(group)
    await db.flush()
    names = ("Quét mã QR", "Chuyển tiền thử", "Nhận ra tin giả", "Đặt lịch khám")
    rows = [
        Skill(
            framework_id=framework.id,
            group_id=group.id,
            code=f"K{place + 1}",
            name_vi=names[place % len(names)],
            name_en=f"Skill {place + 1}",
            verified=True,
            position=place,
        )
        for place in range(skills)
    ]
    db.add_all(rows)
    db.add(
        Audience(
            framework_id=framework.id,
            code="NCT",
            name_vi="Người cao tuổi",
            name_en="Elders",
            skill_codes=[row.code for row in rows],
            position=0,
        )
    )
    await db.flush()
    return rows


async def add_session(
    db: AsyncSession,
    course: Course | None,
    *,
    starts_at: datetime,
    room_id: int | None = None,
    ward_id: str = WARD,
    title: str = "Thanh toán QR, buổi 3",
) -> ClassSession:
    """A published session of two hours; without a room, "at the house of culture"."""
    session = ClassSession(
        ward_id=ward_id,
        course_id=course.id if course else None,
        kind="ward_class" if course else "home_visit",
        title=title,
        room_id=room_id,
        place="" if room_id else "Nhà văn hóa TDP 5",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        original_start=starts_at,
        capacity=30,
        need_trainers=1,
        need_helpers=2,
        created_at=starts_at,
        published_at=starts_at,
    )
    db.add(session)
    await db.flush()
    return session


async def add_assignment(
    db: AsyncSession, session: ClassSession, user: User, state: str = "accepted"
) -> Assignment:
    """`user`, made a helper of the ward, assigned to `session`."""
    trainer = Trainer(
        ward_id=WARD,
        user_id=user.id,
        kind="digital_ambassador",
        full_name=user.name,
        name_key=fold(user.name),
        sort_key=sort_key(user.name),
        enlisted_at=NOON,
    )
    db.add(trainer)
    await db.flush()
    assignment = Assignment(
        ward_id=session.ward_id,
        session_id=session.id,
        trainer_id=trainer.id,
        role="trainer",
        state=state,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        offered_at=NOON,
        answered_at=None if state == "offered" else NOON,
    )
    db.add(assignment)
    await db.flush()
    return assignment


async def add_learner(
    db: AsyncSession, name: str, *, ward_id: str = WARD, phone: str | None = None
) -> Learner:
    """An elder of the ward."""
    learner = Learner(
        ward_id=ward_id,
        full_name=name,
        title="Bà",
        name_key=fold(name),
        sort_key=sort_key(name),
        birth_year=1956,
        phone=phone,
        phone_kind="mobile" if phone else "none",
        audiences=["elderly"],
        registered_at=NOON,
    )
    db.add(learner)
    await db.flush()
    return learner


async def enrol(db: AsyncSession, session: ClassSession, learner: Learner, state: str = "enrolled") -> None:
    """A seat, or a place on the waiting list."""
    db.add(
        Enrolment(
            ward_id=session.ward_id,
            session_id=session.id,
            learner_id=learner.id,
            learner_ward_id=learner.ward_id,
            state=state,
            queued_at=NOON,
        )
    )
    await db.flush()
