"""Who and what there is in the example city: accounts, people from real lists, places, courses."""

from datetime import datetime, time

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from accounts import service as accounts
from learners import importing as learner_lists
from learners.models import Learner
from lopso.kernel.access import Actor, Grant, Role, system
from lopso.kernel.paths import shipped
from scheduling.models import Course
from scheduling.rules.plan import SessionPlace, SessionTemplate
from scheduling.rules.recurrence import WeeklySlot
from scheduling.service.courses import add_course
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


async def add_people(db: AsyncSession, now: datetime) -> dict[str, Actor]:
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


async def add_places(db: AsyncSession, by: Actor, now: datetime) -> list[int]:
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


async def add_courses(db: AsyncSession, by: Actor, now: datetime) -> list[Course]:
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


async def add_helper(db: AsyncSession, now: datetime) -> Actor:
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


def weekly_slot(course: Course, when: tuple[int, int, int]) -> WeeklySlot:
    weekday, hour, minute = when
    return WeeklySlot(weekday, time(hour, minute), course.duration_minutes)


def class_details(course: Course, room_id: int, capacity: int, helpers: int) -> SessionTemplate:
    return SessionTemplate(
        kind="ward_class",
        title=course.title,
        course_id=course.id,
        place=SessionPlace(room_id=room_id),
        capacity=capacity,
        need_trainers=1,
        need_helpers=helpers,
    )


async def some_learners(db: AsyncSession, offset: int, number: int) -> list[int]:
    """Some learners of the ward, always the same ones for the same numbers."""
    rows = await db.scalars(
        select(Learner.id)
        .where(Learner.ward_id == PHU_XUAN)
        .order_by(Learner.id)
        .offset(offset)
        .limit(number)
    )
    return list(rows.all())
