"""Rows for tests: few, dull, unsurprising. Each adds, flushes and returns one row."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from accounts import service as accounts
from accounts.models import User
from learners.models import Learner
from lopso.kernel.access import Actor, Grant, Role, system
from lopso.kernel.text import fold, sort_key, unaccent
from notifications.models import Message, MessageRecipient
from scheduling.models import Assignment, ClassSession, Course, CourseSkill, Enrolment, Series
from skills.models import Framework, Skill, SkillGroup
from trainers.models import Qualification, Team, TeamMember, Trainer
from venues.models import Room, Venue, Ward
from wordings.models import MessageTemplate

NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
"""Monday 23 November 2026, 12h00 in Huế."""

PASSWORD = "con đò sông Hương"

TEST = system("test")


async def add_ward(db: AsyncSession, *, ward_id: str = "19753", name: str = "Phú Xuân") -> Ward:
    """A phường."""
    ward = Ward(
        id=ward_id,
        name=name,
        full_name=f"Phường {name}",
        kind="phường",
        slug=fold(name).replace(" ", "-"),
        phone="+842343823456",
        search=fold(name),
    )
    db.add(ward)
    await db.flush()
    return ward


async def add_room(
    db: AsyncSession, *, ward_id: str = "19753", name: str = "Hội trường", seats: int = 30
) -> Room:
    """A room in a venue of its own."""
    venue = Venue(
        ward_id=ward_id,
        name=f"Nhà văn hóa {name}",
        name_key=fold(f"Nhà văn hóa {name}"),
        address="12 Đinh Tiên Hoàng",
        landmark="cạnh trường mầm non Hoa Sen",
    )
    db.add(venue)
    await db.flush()
    room = Room(ward_id=ward_id, venue_id=venue.id, name=name, name_key=fold(name), seats=seats)
    db.add(room)
    await db.flush()
    return room


async def add_user(
    db: AsyncSession,
    *roles: tuple[Role, str | None],
    name: str = "Lê Thị Thu Hà",
    email: str = "ha@example.org",
    now: datetime = NOON,
) -> User:
    """An account that logs in with `email` and PASSWORD, holding `roles`."""
    user = await accounts.add_user(db, name=name, password=PASSWORD, email=email, by=TEST, now=now)
    for role, ward_id in roles:
        await accounts.grant_role(db, user.id, role, ward_id, by=TEST, now=now)
    await db.flush()
    return user


def actor_for(user: User, *roles: tuple[Role, str | None]) -> Actor:
    """The actor that `user` would be with these roles."""
    return Actor(user.id, user.name, tuple(Grant(role, ward_id) for role, ward_id in roles))


async def add_course(
    db: AsyncSession,
    *,
    ward_id: str = "19753",
    title: str = "Thanh toán không tiền mặt",
    skills: Sequence[str] = (),
) -> Course:
    """A course; `skills` are names, made in the current edition when it does not know them."""
    course = Course(ward_id=ward_id, title=title, title_key=fold(title), duration_minutes=120)
    db.add(course)
    await db.flush()
    for position, name in enumerate(skills):
        skill = await add_skill(db, name)
        db.add(CourseSkill(course_id=course.id, skill_id=skill.id, position=position))
    await db.flush()
    return course


async def add_skill(db: AsyncSession, name: str) -> Skill:
    """A skill of the current edition, which is made when there is none; the same name is the same skill."""
    known = await db.scalar(select(Skill).where(Skill.name_vi == name))
    if known is not None:
        return known
    edition = await db.scalar(select(Framework).where(Framework.is_current))
    if edition is None:
        edition = Framework(
            code="test",
            version="1",
            title="Khung thử",
            complete=False,
            is_current=True,
            source={},
            loaded_at=NOON,
        )
        db.add(edition)
        await db.flush()
        group = SkillGroup(
            framework_id=edition.id, code="1", name_vi="Nhóm", name_en="Group", verified=True, position=1
        )
        db.add(group)
        await db.flush()
    else:
        group = (await db.scalars(select(SkillGroup).where(SkillGroup.framework_id == edition.id))).first()
        assert group is not None
    skill = Skill(
        framework_id=edition.id,
        group_id=group.id,
        code=fold(name),
        name_vi=name,
        name_en=unaccent(name),
        verified=True,
        position=1,
    )
    db.add(skill)
    await db.flush()
    return skill


async def add_session(
    db: AsyncSession,
    *,
    ward_id: str = "19753",
    title: str = "Thanh toán không tiền mặt, buổi 1",
    starts_at: datetime = NOON + timedelta(days=3, hours=2),
    minutes: int = 120,
    capacity: int = 30,
    need: tuple[int, int] = (1, 2),
    published: bool = True,
    course: Course | None = None,
    series: Series | None = None,
    room: Room | None = None,
    place: str = "Nhà văn hóa TDP 5",
) -> ClassSession:
    """A session, Thursday 26/11 at 14h00 in Huế unless told otherwise; a class when `course` is given."""
    session = ClassSession(
        ward_id=ward_id,
        kind="ward_class" if course else "mass_event",
        title=title,
        course_id=course.id if course else None,
        series_id=series.id if series else None,
        room_id=room.id if room else None,
        place="" if room else place,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=minutes),
        original_start=starts_at,
        capacity=capacity,
        need_trainers=need[0],
        need_helpers=need[1],
        created_at=NOON,
        published_at=NOON if published else None,
    )
    db.add(session)
    await db.flush()
    await db.refresh(session)
    return session


async def add_series(db: AsyncSession, *, ward_id: str = "19753", course: Course) -> Series:
    """The bare rule of ten meetings; give it to `add_session` for the meetings themselves."""
    series = Series(
        ward_id=ward_id,
        course_id=course.id,
        starts_on=date(2026, 11, 24),
        meetings=10,
        skips_holidays=True,
        created_at=NOON,
    )
    db.add(series)
    await db.flush()
    return series


async def add_helper(
    db: AsyncSession,
    name: str = "Trần Thị Lành",
    *,
    ward_id: str = "19753",
    user: User | None = None,
    phone: str | None = None,
    teaches_all: bool = False,
    teaches: Sequence[str] = (),
) -> Trainer:
    """A member of a community team, in no team yet; `teaches` names skills."""
    trainer = Trainer(
        ward_id=ward_id,
        user_id=user.id if user else None,
        kind="team_member",
        full_name=name,
        name_key=fold(name),
        sort_key=sort_key(name),
        phone=phone,
        teaches_all=teaches_all,
        enlisted_at=NOON,
    )
    db.add(trainer)
    await db.flush()
    for each in teaches:
        skill = await add_skill(db, each)
        db.add(Qualification(trainer_id=trainer.id, skill_id=skill.id, source="declared", since=NOON))
    await db.flush()
    return trainer


async def add_team(
    db: AsyncSession,
    *members: Trainer,
    ward_id: str = "19753",
    name: str = "Tổ công nghệ số TDP 5",
    kind: str = "community_tech_team",
    active: tuple[date | None, date | None] = (None, None),
) -> Team:
    """A team with its members; a student team works on the days `active` only."""
    team = Team(
        ward_id=ward_id,
        kind=kind,
        name=name,
        name_key=fold(name),
        active_from=active[0],
        active_to=active[1],
    )
    db.add(team)
    await db.flush()
    for member in members:
        db.add(
            TeamMember(ward_id=ward_id, team_id=team.id, trainer_id=member.id, role="member", joined_at=NOON)
        )
    await db.flush()
    return team


async def add_learner(
    db: AsyncSession,
    name: str = "Nguyễn Thị Hoa",
    *,
    ward_id: str = "19753",
    title: str = "Bà",
    phone: str | None = None,
    birth_year: int | None = 1958,
) -> Learner:
    """A registered learner; `phone` is a mobile in E.164."""
    learner = Learner(
        ward_id=ward_id,
        full_name=name,
        title=title,
        name_key=fold(name),
        sort_key=sort_key(name),
        birth_year=birth_year,
        phone=phone,
        phone_kind="mobile" if phone else "none",
        registered_at=NOON,
    )
    db.add(learner)
    await db.flush()
    return learner


async def add_assignment(
    db: AsyncSession,
    session: ClassSession,
    trainer: Trainer,
    *,
    role: str = "helper",
    state: str = "accepted",
    reason: str = "",
) -> Assignment:
    """`trainer` in `session`, written straight into the table."""
    assignment = Assignment(
        ward_id=session.ward_id,
        session_id=session.id,
        trainer_id=trainer.id,
        role=role,
        state=state,
        reason=reason or ("bận" if state == "declined" else ""),
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        offered_at=NOON,
        answered_at=None if state == "offered" else NOON,
    )
    db.add(assignment)
    await db.flush()
    return assignment


async def add_enrolment(
    db: AsyncSession,
    session: ClassSession,
    learner: Learner,
    *,
    state: str = "enrolled",
    queued_at: datetime = NOON,
) -> Enrolment:
    """`learner` in `session`, written straight into the table."""
    enrolment = Enrolment(
        ward_id=session.ward_id,
        session_id=session.id,
        learner_id=learner.id,
        learner_ward_id=learner.ward_id,
        state=state,
        queued_at=queued_at,
        cancelled_at=NOON if state == "cancelled" else None,
    )
    db.add(enrolment)
    await db.flush()
    return enrolment


async def add_text(
    db: AsyncSession, session: ClassSession, learner: Learner, *, state: str = "planned"
) -> Message:
    """A reminder to a learner, due an hour before the session; planned, sent or ambiguous."""
    template = MessageTemplate(
        code=f"thu_{session.id}",
        purpose="reminder_same_day",
        version=1,
        activated_at=NOON,
        message_class="service",
        language="vi",
        body="Moi den lop.",
        body_accented="Mời đến lớp.",
        created_at=NOON,
    )
    db.add(template)
    await db.flush()
    message = Message(
        ward_id=session.ward_id,
        session_id=session.id,
        session_version=session.version,
        purpose="reminder_same_day",
        message_class="service",
        to_phone=learner.phone or "+84912345678",
        template_id=template.id,
        body=template.body,
        body_accented=template.body_accented,
        encoding="gsm7",
        segments=1,
        due_at=session.starts_at - timedelta(hours=1),
        useless_after=session.starts_at,
        reference=uuid4(),
        created_at=NOON,
        state=state,
        sent_at=NOON if state == "sent" else None,
    )
    db.add(message)
    await db.flush()
    db.add(MessageRecipient(message_id=message.id, learner_id=learner.id))
    await db.flush()
    return message
