"""A city for the measures: Huế's forty wards with rooms, courses, helpers and a full week."""

import random
from datetime import date, datetime, time, timedelta

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from accounts import service as accounts
from lopso.application.reference import data
from lopso.kernel.access import Role, system
from lopso.kernel.clock import at
from lopso.kernel.text import fold, sort_key
from scheduling.models import Assignment, ClassSession, Course
from trainers.models import Trainer
from venues.models import Room, Venue
from venues.service.reference import load_wards

MONDAY = date(2026, 11, 23)
NOW = at(MONDAY, time(9, 30))
PASSWORD = "con đò sông Hương"  # noqa: S105  (of an invented account in a throw-away database)
ADMIN = "quan-tri@example.org"
BY = system("benchmark")

COURSES = (
    "Dùng VNeID: cài đặt, đăng nhập, xuất trình giấy tờ",
    "Thanh toán bằng mã QR và nhận biết chuyển khoản giả",
    "An toàn trên mạng: nhận ra tin giả và cuộc gọi lừa đảo",
    "Dịch vụ công trực tuyến: nộp và theo dõi hồ sơ",
    "Hue-S mỗi ngày: phản ánh hiện trường, xem cảnh báo lũ lụt",
    "Trợ lý AI cho người mới bắt đầu",
)
VENUES = ("Nhà văn hóa tổ dân phố", "Trung tâm học tập cộng đồng khu vực", "Hội trường Ủy ban nhân dân cơ sở")
STARTS = (time(7, 30), time(9), time(14), time(16), time(19))
FAMILY = ("Nguyễn", "Trần", "Lê", "Hoàng", "Tôn Nữ", "Công Tằng Tôn Nữ", "Ngô", "Phan", "Đặng")
GIVEN = ("Ngọc Ưỡn", "Thu Hà", "Hữu Phước", "Khánh Nghiêng", "Thị Lành", "Văn Bình", "Quỳnh Hương")


async def build(db: AsyncSession, *, sessions: int = 400, seed: int = 1, monday: date = MONDAY) -> None:
    """Fill an empty database; `sessions` lie in the week of `monday`, evenly over the wards."""
    chance = random.Random(seed)
    units = data("hue_wards")["wards"]
    await load_wards(db, units)
    user = await accounts.add_user(db, name="Lê Thị Thu Hà", password=PASSWORD, email=ADMIN, by=BY, now=NOW)
    await accounts.grant_role(db, user.id, Role.CITY_ADMIN, None, by=BY, now=NOW)
    each = -(-sessions // len(units))
    left = sessions
    for unit in units:
        await _ward(db, unit["code"], min(each, left), monday, chance)
        left -= min(each, left)


async def _ward(db: AsyncSession, ward_id: str, sessions: int, monday: date, chance: random.Random) -> None:
    rooms: list[Room] = []
    for number, name in enumerate(VENUES, start=1):
        title = f"{name} số {number}"
        venue = Venue(
            ward_id=ward_id, name=title, name_key=fold(title), address=f"{number} Nguyễn Trãi", landmark=""
        )
        db.add(venue)
        await db.flush()
        rooms.append(
            Room(ward_id=ward_id, venue_id=venue.id, name="Phòng lớn", name_key="phong lon", seats=30)
        )
    courses = [
        Course(ward_id=ward_id, title=title, title_key=fold(title), duration_minutes=90) for title in COURSES
    ]
    people = [f"{chance.choice(FAMILY)} {chance.choice(GIVEN)}" for _n in range(30)]
    trainers = [
        Trainer(
            ward_id=ward_id,
            kind="team_member",
            full_name=name,
            name_key=fold(name),
            sort_key=sort_key(name),
            enlisted_at=NOW,
        )
        for name in people
    ]
    db.add_all([*rooms, *courses, *trainers])
    await db.flush()
    busy: dict[datetime, set[int]] = {}
    places = [(day, start, room) for day in range(7) for start in STARTS for room in rooms]
    for day, start, room in sorted(
        chance.sample(places, sessions), key=lambda place: (place[0], place[1], place[2].id)
    ):
        starts_at = at(monday + timedelta(days=day), start)
        taken = busy.setdefault(starts_at, set())
        there = chance.sample([each for each in trainers if each.id not in taken], chance.randint(2, 5))
        taken.update(each.id for each in there)
        await _session(db, starts_at, room, chance.choice(courses), there, chance)


async def _session(
    db: AsyncSession,
    starts_at: datetime,
    room: Room,
    course: Course,
    helpers: list[Trainer],
    chance: random.Random,
) -> None:
    session = ClassSession(
        ward_id=room.ward_id,
        course_id=course.id,
        kind="ward_class",
        title=course.title,
        room_id=room.id,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=90),
        original_start=starts_at,
        capacity=25,
        seats_taken=chance.randint(0, 25),
        need_trainers=1,
        need_helpers=4,
        created_at=NOW,
        published_at=NOW if chance.random() < 0.9 else None,
    )
    db.add(session)
    await db.flush()
    rows = [
        {
            "ward_id": room.ward_id,
            "session_id": session.id,
            "trainer_id": helper.id,
            "role": "helper" if number else "trainer",
            "state": "accepted" if chance.random() < 0.8 else "offered",
            "starts_at": session.starts_at,
            "ends_at": session.ends_at,
            "offered_at": NOW,
            "answered_at": NOW,
        }
        for number, helper in enumerate(helpers)
    ]
    await db.execute(insert(Assignment), rows)
