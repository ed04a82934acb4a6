"""An example city for the demo: two real wards, invented people, made only by calling the rooms' services.

The past is written without texts (nobody is reminded of a class that was), the coming weeks with them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import uuid4

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from accounts import service as accounts
from attendance import queries as roll
from attendance.service.marks import Mark, record_marks
from competency.service.certificates import issue_certificate
from competency.service.demonstrations import Shown, record_demonstrations
from competency.service.sign_offs import sign_off
from learners import importing as learner_lists
from learners.models import Learner
from lopso.kernel import clock
from lopso.kernel import db as database
from lopso.kernel.access import Actor, Grant, Role, system
from lopso.kernel.events import Listeners
from lopso.kernel.paths import shipped
from lopso.wiring import LISTENERS
from scheduling.models import ClassSession, Course, CourseSkill
from scheduling.rules.plan import Details, SeriesPlan, Where
from scheduling.rules.recurrence import Slot, WeeklyRule, WeeklySlot
from scheduling.service.assignments import ask_helpers
from scheduling.service.courses import add_course
from scheduling.service.enrolments import enrol
from scheduling.service.series import plan_series
from scheduling.service.sessions import plan_session, publish_sessions
from skills.models import Framework, Skill
from trainers import importing as team_lists
from trainers.models import Trainer
from trainers.service.accounts import link_account
from venues.models import Market, Ward
from venues.service import RoomFacts, add_aisle, add_room, add_venue

PASSWORD = "binh dan hoc vu so"  # noqa: S105  (the demo prints it; it listens on this machine only)
MAKER = system("Lớp Số demo")
PHU_XUAN, NAM_DONG = "19753", "20179"
HELPER = "nguoiday@lopso.example"

STAFF: tuple[tuple[str, str, Role, str | None], ...] = (
    ("dieuphoi@lopso.example", "Lê Thị Thu Hà", Role.COORDINATOR, PHU_XUAN),
    ("xacnhan@lopso.example", "Nguyễn Khoa Diệu An", Role.ASSESSOR, PHU_XUAN),
    ("admin@lopso.example", "Trần Quốc Toàn", Role.CITY_ADMIN, None),
    ("namdong@lopso.example", "Hồ Văn Thảo", Role.COORDINATOR, NAM_DONG),
    ("xem@lopso.example", "Phan Thanh Bình", Role.VIEWER, PHU_XUAN),
)

COURSES: tuple[tuple[str, tuple[str, ...], int], ...] = (
    ("Điện thoại thông minh cho người mới", ("0.1", "0.2", "1.1"), 90),
    ("Cài đặt và sử dụng VNeID", ("DT.1", "4.2"), 90),
    ("Dịch vụ công trực tuyến", ("K5.1", "DT.4"), 120),
    ("Thanh toán không dùng tiền mặt", ("K5.3", "CS.2", "CS.3"), 90),
    ("Phòng chống lừa đảo trên mạng", ("K5.4", "4.1", "4.2"), 90),
    ("Sử dụng Hue-S", ("DT.5", "2.3"), 90),
    ("Trợ lý AI trong đời sống", ("6.1", "6.2"), 120),
)

VENUES: tuple[tuple[str, str, str, tuple[RoomFacts, ...]], ...] = (
    (
        "Hội trường UBND phường",
        "Số 1 đường Đinh Tiên Hoàng",
        "gần cửa Thượng Tứ, có chỗ để xe",
        (
            RoomFacts("Hội trường lớn", 80, has_wifi=True, has_projector=True),
            RoomFacts("Phòng họp tầng 2", 30, has_wifi=True, has_projector=True),
        ),
    ),
    (
        "Nhà văn hóa tổ dân phố 3",
        "Kiệt 12 đường Mai Thúc Loan",
        "cạnh trường mầm non Hoa Sen",
        (RoomFacts("Phòng sinh hoạt chung", 30, has_wifi=True),),
    ),
    (
        "Nhà văn hóa tổ dân phố 8",
        "Số 45 đường Ngô Đức Kế",
        "đối diện chợ Tây Lộc",
        (RoomFacts("Phòng sinh hoạt chung", 25),),
    ),
    (
        "Trường THCS Thống Nhất",
        "Số 27 đường Đặng Thái Thân",
        "cổng sau, hỏi bác bảo vệ",
        (RoomFacts("Phòng tin học", 35, has_wifi=True, has_projector=True),),
    ),
)

# course, room, weekly slots (weekday, hour, minute), capacity, helpers wanted, published
SERIES: tuple[tuple[int, int, tuple[tuple[int, int, int], ...], int, int, bool], ...] = (
    (0, 2, ((0, 8, 0), (3, 8, 0)), 25, 3, True),
    (1, 1, ((1, 14, 0), (4, 14, 0)), 25, 3, True),
    (3, 4, ((2, 19, 0),), 25, 2, True),
    (4, 3, ((1, 8, 30), (5, 8, 30)), 20, 2, True),
    (5, 2, ((2, 14, 30),), 25, 2, True),
    (6, 4, ((5, 19, 0),), 30, 3, False),
)


@dataclass(frozen=True, slots=True)
class Login:
    """One account to try, for the demo to print."""

    role: Role
    email: str
    name: str


def _quiet() -> Listeners:
    """All listeners but those that send: the past tells nobody."""
    return {
        fact: [each for each in listeners if not each.__module__.startswith("notifications")]
        for fact, listeners in LISTENERS.items()
    }


async def build(engine: AsyncEngine, *, now: datetime) -> None:
    """Fill an empty, migrated database with reference data already loaded. One transaction a step."""
    loud = database.session_maker(engine, LISTENERS)
    quiet = database.session_maker(engine, _quiet())
    monday = clock.monday_of(clock.local_day(now))
    before = clock.at(monday - timedelta(days=28), time(9))

    async with quiet.begin() as db:
        people = await _people(db, before)
    coordinator = people["dieuphoi@lopso.example"]
    async with quiet.begin() as db:
        rooms = await _places(db, coordinator, before)
        courses = await _courses(db, coordinator, before)
    async with quiet.begin() as db:
        helper = await _helper(db, before)
    async with quiet.begin() as db:
        past = await _past(db, courses, rooms, coordinator, helper, monday, before)
        await _taught(db, past, helper, people["xacnhan@lopso.example"], coordinator)
    async with loud.begin() as db:
        await _coming(db, courses, rooms, coordinator, helper, now)


def logins() -> Sequence[Login]:
    """The accounts that `build` made, in the order in which a newcomer tries them."""
    staff = [Login(role, email, name) for email, name, role, _ward in STAFF]
    return [staff[0], Login(Role.TRAINER, HELPER, ""), *staff[1:]]


async def _people(db: AsyncSession, now: datetime) -> dict[str, Actor]:
    await db.execute(update(Ward).where(Ward.id == PHU_XUAN).values(phone="+842343523456"))
    await db.execute(update(Ward).where(Ward.id == NAM_DONG).values(phone="+842343875123"))
    actors: dict[str, Actor] = {}
    for email, name, role, ward_id in STAFF:
        user = await accounts.add_user(db, name=name, password=PASSWORD, email=email, by=MAKER, now=now)
        await accounts.grant_role(db, user.id, role, ward_id, by=MAKER, now=now)
        actors[email] = Actor(user.id, name, (Grant(role, ward_id),))
    for ward_id, folder in ((PHU_XUAN, "phu-xuan"), (NAM_DONG, "nam-dong")):
        lists = shipped("data") / "example" / folder
        for room, file in ((learner_lists, "hoc-vien.xlsx"), (team_lists, "to-cong-nghe-so.xlsx")):
            await room.import_file(db, lists / file, ward_id=ward_id, by=MAKER, now=now)
    return actors


async def _places(db: AsyncSession, by: Actor, now: datetime) -> list[int]:
    rooms: list[int] = []
    for name, address, landmark, inside in VENUES:
        venue = await add_venue(db, PHU_XUAN, name=name, address=address, landmark=landmark, by=by, now=now)
        for facts in inside:
            rooms.append((await add_room(db, PHU_XUAN, venue.id, facts, by=by, now=now)).id)
    market = await db.scalar(select(Market).where(Market.ward_id == PHU_XUAN, Market.name == "Chợ Đông Ba"))
    if market is not None:
        for aisle in ("Cổng chính", *(f"Đường số {n}" for n in range(1, 13)), "Lô bạ", "Hàng rong"):
            await add_aisle(db, PHU_XUAN, market.id, aisle, by=by, now=now)
    return rooms


async def _courses(db: AsyncSession, by: Actor, now: datetime) -> list[Course]:
    skills = {
        skill.code: skill.id
        for skill in await db.scalars(
            select(Skill).join(Framework, Framework.id == Skill.framework_id).where(Framework.is_current)
        )
    }
    return [
        await add_course(
            db,
            PHU_XUAN,
            title=title,
            skill_ids=[skills[code] for code in codes],
            duration_minutes=minutes,
            by=by,
            now=now,
        )
        for title, codes, minutes in COURSES
    ]


async def _helper(db: AsyncSession, now: datetime) -> Actor:
    """A log-in for somebody on the ward's own list who teaches everything."""
    trainer = await db.scalar(
        select(Trainer)
        .where(Trainer.ward_id == PHU_XUAN, Trainer.teaches_all, Trainer.phone.is_not(None))
        .order_by(Trainer.sort_key)
        .limit(1)
    )
    if trainer is None:
        raise LookupError("the example list of teams names nobody who teaches everything")
    user = await accounts.add_user(
        db, name=trainer.full_name, password=PASSWORD, email=HELPER, by=MAKER, now=now
    )
    await link_account(db, PHU_XUAN, trainer.id, user.id, by=MAKER, now=now)
    return Actor(user.id, user.name, (Grant(Role.TRAINER, PHU_XUAN),))


async def _past(
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
                tuple(_slot(courses[course], each) for each in slots),
                monday - timedelta(days=14),
                monday - timedelta(days=1),
                None,
            )
            made = await plan_series(
                db,
                PHU_XUAN,
                SeriesPlan(_details(courses[course], rooms[room], capacity, helpers), rule, True),
                by=by,
                now=now,
            )
            await publish_sessions(db, made.session_ids, by=by, now=now)
            ids.extend(made.session_ids)
    learners = await _learners(db, 0, 22)
    await enrol(db, ids, learners, by=by, now=now)
    own = await db.scalar(select(Trainer.id).where(Trainer.user_id == helper.user_id))
    if own is not None:
        await ask_helpers(db, ids, [own], role="trainer", agreed=True, by=by, now=now)
    return ids


async def _taught(
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
        at = session.starts_at + timedelta(minutes=10)
        open_roll = await roll.session_for(db, session.id, actor=helper)
        learners = await _learners(db, 0, 22)
        marks = [
            Mark(
                learner,
                ("absent", "present", "late", "present", "present")[(place + number) % 5],
                uuid4(),
                at,
            )
            for place, learner in enumerate(learners)
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
            Shown(
                mark.learner_id,
                skills[place % len(skills)],
                ("with_help", "alone", "can_teach")[place % 3],
                uuid4(),
                at,
            )
            for place, mark in enumerate(marks)
            if mark.mark != "absent" and place % 2 == 0
        ]
        later = session.ends_at - timedelta(minutes=10)
        await record_demonstrations(db, open_roll, shown, by=helper, now=later)
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


async def _coming(
    db: AsyncSession,
    courses: Sequence[Course],
    rooms: Sequence[int],
    by: Actor,
    helper: Actor,
    now: datetime,
) -> None:
    """This week from today on and the next three; one class is on right now, for a roll call to try."""
    today = clock.local_day(now)
    own = await db.scalar(select(Trainer.id).where(Trainer.user_id == helper.user_id))
    others = (
        await db.scalars(
            select(Trainer.id)
            .where(Trainer.ward_id == PHU_XUAN, Trainer.user_id.is_(None), Trainer.phone.is_not(None))
            .order_by(Trainer.id)
            .limit(40)
        )
    ).all()
    offset = 0
    for number, (course, room, slots, capacity, helpers, published) in enumerate(SERIES):
        rule = WeeklyRule(
            tuple(_slot(courses[course], each) for each in slots),
            today + timedelta(days=1),
            clock.monday_of(today) + timedelta(days=27),
            None,
        )
        made = await plan_series(
            db,
            PHU_XUAN,
            SeriesPlan(_details(courses[course], rooms[room], capacity, helpers), rule, True),
            by=by,
            now=now,
        )
        await enrol(
            db, made.session_ids, await _learners(db, offset, capacity - 6 + 2 * number), by=by, now=now
        )
        offset += 15
        if not published:
            continue
        await publish_sessions(db, made.session_ids, by=by, now=now)
        team = others[number * 4 : number * 4 + helpers - number % 2]
        await ask_helpers(db, made.session_ids, team, role="helper", agreed=True, by=by, now=now)
        if own is not None and number in (0, 2):
            await ask_helpers(db, made.session_ids, [own], role="trainer", agreed=number == 0, by=by, now=now)
    await _class_now(db, courses[4], rooms[0], own, by, now)
    await _market_round(db, own, by, now)


async def _class_now(
    db: AsyncSession, course: Course, room_id: int, own: int | None, by: Actor, now: datetime
) -> None:
    begun = now.replace(minute=now.minute // 30 * 30, second=0, microsecond=0)
    planned_at = begun - timedelta(hours=1)
    slot = Slot(begun, begun + timedelta(minutes=course.duration_minutes))
    session = await plan_session(db, PHU_XUAN, _details(course, room_id, 25, 2), slot, by=by, now=planned_at)
    await enrol(db, [session.id], await _learners(db, 0, 22), by=by, now=planned_at)
    await publish_sessions(db, [session.id], by=by, now=planned_at)
    if own is not None:
        await ask_helpers(db, [session.id], [own], role="trainer", agreed=True, by=by, now=planned_at)


async def _market_round(db: AsyncSession, own: int | None, by: Actor, now: datetime) -> None:
    market_id = await db.scalar(
        select(Market.id).where(Market.ward_id == PHU_XUAN, Market.name == "Chợ Đông Ba")
    )
    dawn = clock.at(clock.local_day(now) + timedelta(days=2), time(6))
    details = Details(
        kind="market_round",
        title="Chợ số: mã QR cho tiểu thương",
        course_id=None,
        place=Where(market_id=market_id, words="Đường số 4 đến Đường số 6"),
        capacity=40,
        need_trainers=1,
        need_helpers=4,
    )
    session = await plan_session(db, PHU_XUAN, details, Slot(dawn, dawn + timedelta(hours=2)), by=by, now=now)
    await publish_sessions(db, [session.id], by=by, now=now)
    if own is not None:
        await ask_helpers(db, [session.id], [own], role="trainer", agreed=False, by=by, now=now)


def _slot(course: Course, when: tuple[int, int, int]) -> WeeklySlot:
    weekday, hour, minute = when
    return WeeklySlot(weekday, time(hour, minute), course.duration_minutes)


def _details(course: Course, room_id: int, capacity: int, helpers: int) -> Details:
    return Details(
        kind="ward_class",
        title=course.title,
        course_id=course.id,
        place=Where(room_id=room_id),
        capacity=capacity,
        need_trainers=1,
        need_helpers=helpers,
    )


async def _learners(db: AsyncSession, offset: int, number: int) -> list[int]:
    """Some learners of the ward, always the same ones for the same numbers."""
    rows = await db.scalars(
        select(Learner.id)
        .where(Learner.ward_id == PHU_XUAN)
        .order_by(Learner.id)
        .offset(offset)
        .limit(number)
    )
    return list(rows.all())
