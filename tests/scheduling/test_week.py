"""The week: its grid, what needs attention, who sees it, the number of statements."""

import re
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Role
from lopso.kernel.clock import at
from scheduling.labels.attention import AttentionItem, attention_items
from scheduling.labels.sessions import slots_label
from scheduling.labels.week import WeekCard, week_grid
from scheduling.models import ClassSession, Holiday
from scheduling.queries.calendar import WeekSession, sessions_in_week
from scheduling.rules.recurrence import DayOff, WeeklySlot
from scheduling.service.sessions import cancel_session, plan_session, publish_sessions
from tests.conftest import TestApp
from tests.factories import NOON, add_user
from tests.planning import OTHER_WARD, WARD, Planning, add_planning, add_trainer, assign, slot
from tests.statements import statements_of

MONDAY = date(2026, 11, 23)
TUESDAY = MONDAY + timedelta(days=1)


def session(
    number: int,
    starts_at: datetime,
    *,
    published: bool = True,
    cancelled: bool = False,
    there: tuple[int, int] = (1, 4),
    asked: tuple[int, int] = (0, 0),
    kind: str = "ward_class",
    room_id: int = 1,
) -> WeekSession:
    return WeekSession(
        id=number,
        ward_id=WARD,
        ward="Phú Xuân",
        kind=kind,
        title=f"Lớp {number}",
        room_id=room_id,
        room=f"Phòng {room_id}",
        venue="Nhà văn hóa TDP 3",
        market=None,
        place="",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=90),
        capacity=25,
        seats_taken=18,
        need_trainers=1,
        need_helpers=4,
        published=published,
        cancelled=cancelled,
        trainers=there[0],
        helpers=there[1],
        trainers_asked=asked[0],
        helpers_asked=asked[1],
    )


def test_week_grid_has_used_hours_and_hue_days() -> None:
    # 23h30 on Sunday in Huế is Sunday still, though in UTC the week has 7 hours to go.
    sessions = [
        session(1, at(MONDAY, time(8, 30))),
        session(2, at(MONDAY, time(8, 45)), room_id=2),
        session(3, at(TUESDAY, time(14)), kind="market_round"),
        session(4, at(MONDAY + timedelta(days=6), time(23, 30))),
    ]

    week = week_grid(
        sessions, {TUESDAY: DayOff("Tết", tentative=True)}, monday=MONDAY, now=NOON, with_ward=False
    )

    assert [(hour, [[card.href for card in cell] for cell in cells]) for hour, cells in week.rows] == [
        (8, [["/buoi/1", "/buoi/2"], [], [], [], [], [], []]),
        (14, [[], ["/buoi/3"], [], [], [], [], []]),
        (23, [[], [], [], [], [], [], ["/buoi/4"]]),
    ]
    later = week_grid([], {}, monday=MONDAY, now=NOON + timedelta(days=2), with_ward=False)
    assert [day.over for day in later.days] == [True, True, False, False, False, False, False]
    next_week = week_grid([], {}, monday=MONDAY + timedelta(days=7), now=NOON, with_ward=False)
    assert not any(day.over for day in next_week.days)
    assert [(day.label, day.day, day.today, day.holiday, day.count) for day in week.days[:2]] == [
        ("Thứ Hai", "23/11", True, None, 2),
        ("Thứ Ba", "24/11", False, "Tết (dự kiến)", 1),
    ]


def test_week_card_texts() -> None:
    evening = at(TUESDAY, time(18, 30))

    def card(each: WeekSession, *, with_ward: bool = False, now: datetime = NOON) -> WeekCard:
        [(_hour, cells)] = week_grid([each], {}, monday=MONDAY, now=now, with_ward=with_ward).rows
        return cells[1][0]

    assert card(session(1, evening)) == WeekCard(
        href="/buoi/1",
        kind="ward_class",
        time="18h30 – 20h00",
        title="Lớp 1",
        place="Nhà văn hóa TDP 3",
        people="5/5",
        seats="18/25",
        lack=None,
        state=None,
        words=None,
    )
    short = card(session(1, evening, there=(0, 1), published=False), with_ward=True)
    assert short[4:] == (
        "Phú Xuân · Nhà văn hóa TDP 3",
        "1/5",
        "18/25",
        "no-trainer",
        "draft",
        "Bản nháp, thiếu 1 dạy chính, 3 hỗ trợ",
    )
    waiting = card(session(1, evening, there=(0, 4), asked=(1, 0), kind="mass_event"))
    assert waiting[5:] == ("4/5", None, None, None, "Chờ 1 người trả lời")
    off = card(session(1, evening, there=(0, 0), cancelled=True))
    assert off[7:] == (None, "cancelled", "Đã hủy")
    few = card(session(1, evening, there=(1, 3)))
    assert few[7:] == ("no-helper", None, "Thiếu 1 người hỗ trợ")
    over = card(session(1, evening, there=(0, 0)), now=evening + timedelta(hours=2))
    assert over[7:] == (None, "past", None)


def test_rooms_are_named_only_for_venues_with_two_in_use() -> None:
    both = [session(1, at(MONDAY, time(8)), room_id=1), session(2, at(MONDAY, time(8)), room_id=2)]

    def places(sessions: list[WeekSession]) -> list[str]:
        [(_hour, cells)] = week_grid(sessions, {}, monday=MONDAY, now=NOON, with_ward=False).rows
        return [card.place for card in cells[0]]

    assert places(both) == ["Phòng 1, Nhà văn hóa TDP 3", "Phòng 2, Nhà văn hóa TDP 3"]
    assert places(both[:1]) == ["Nhà văn hóa TDP 3"]


def test_attention_items_are_coming_and_worst_first() -> None:
    sessions = [
        session(1, at(MONDAY, time(8)), there=(0, 0)),  # over: too late to look
        session(2, at(TUESDAY, time(8)), there=(0, 0)),
        session(3, at(TUESDAY, time(14)), there=(1, 2)),
        session(4, at(TUESDAY, time(15)), there=(0, 0), cancelled=True),
        session(5, at(TUESDAY, time(16)), published=False),
    ]

    assert attention_items(sessions, base="/lich/1?tuan=x", now=NOON) == [
        AttentionItem(
            "bad", 1, "buổi chưa có người dạy chính", "sớm nhất: sáng thứ Ba, 08h00", "/lich/1?tuan=x&thieu=1"
        ),
        AttentionItem(
            "warn",
            1,
            "buổi còn thiếu người hỗ trợ",
            "sớm nhất: chiều thứ Ba, 14h00",
            "/lich/1?tuan=x&thieu=1",
        ),
        AttentionItem(
            "", 1, "buổi nháp chưa công bố", "sớm nhất: chiều thứ Ba, 16h00", "/lich/1?tuan=x&nhap=1"
        ),
    ]
    assert attention_items([session(6, at(TUESDAY, time(8)))], base="", now=NOON) == []


def test_every_attention_item_leads_to_its_sessions() -> None:
    sessions = [
        session(1, at(MONDAY, time(8)), there=(0, 4), asked=(1, 0)),  # over
        session(2, at(TUESDAY, time(8)), there=(0, 4), asked=(1, 0)),
        session(3, at(TUESDAY, time(9))),
    ]
    (waiting,) = attention_items(sessions, base="/lich/1?tuan=x", now=NOON)
    assert (waiting.text, waiting.href) == ("buổi có người chưa trả lời", "/lich/1?tuan=x&cho=1")


def test_equal_weekly_times_are_joined() -> None:
    slots = [WeeklySlot(1, time(14), 120), WeeklySlot(2, time(8, 30), 90), WeeklySlot(0, time(8, 30), 90)]

    assert slots_label(slots) == "thứ Hai, thứ Tư 08h30 – 10h00; thứ Ba 14h00 – 16h00"


async def test_week_query_counts_people_by_answer(db: AsyncSession) -> None:
    here = await add_planning(db)
    sunday_night = slot(MONDAY + timedelta(days=6), time(23), 60)
    late = await plan_session(db, WARD, here.details(), sunday_night, by=here.by, now=NOON)
    await plan_session(
        db, WARD, here.details(), slot(MONDAY + timedelta(days=7), time(0), 60), by=here.by, now=NOON
    )
    states = [("accepted", "trainer"), ("accepted", "helper"), ("offered", "helper"), ("declined", "helper")]
    for number, (state, role) in enumerate(states):
        row = await assign(db, late, await add_trainer(db, f"Người {number}"), role=role)
        row.state, row.reason = state, "bận" if state == "declined" else ""
    await db.flush()

    [found] = await sessions_in_week(db, wards=[WARD], monday=MONDAY)

    assert (found.id, found.venue, found.published) == (late.id, "Nhà văn hóa Hội trường", False)
    assert (found.trainers, found.helpers, found.trainers_asked, found.helpers_asked) == (1, 1, 0, 1)
    assert await sessions_in_week(db, wards=[OTHER_WARD], monday=MONDAY) == []
    assert len(await sessions_in_week(db, wards=None, monday=MONDAY)) == 1


async def seeded(app: TestApp) -> Planning:
    """A published class on Tuesday, a cancelled one on Wednesday, and one in another ward."""
    async with app.sessions.begin() as db:
        here = await add_planning(db)
        await add_user(db, (Role.CITY_ADMIN, None), name="Trần Quản Trị", email="tri@example.org")
        await add_user(db, (Role.TRAINER, WARD), name="Ngô Hữu Phước", email="phuoc@example.org")
        first = await plan_session(db, WARD, here.details(), slot(TUESDAY), by=here.by, now=NOON)
        await publish_sessions(db, [first.id], by=here.by, now=NOON)
        off = await plan_session(
            db,
            WARD,
            here.details(title="Lớp <b>đã bỏ</b>"),
            slot(MONDAY + timedelta(days=2)),
            by=here.by,
            now=NOON,
        )
        await cancel_session(db, off.id, reason="Mưa lớn", by=here.by, now=NOON)
        await plan_session(
            db,
            OTHER_WARD,
            here.details(words="Đình làng", kind="home_visit", course_id=None, title="Bên Kim Long"),
            slot(TUESDAY),
            by=here.by,
            now=NOON,
        )
        db.add(Holiday(day=TUESDAY, ward_id=None, name="Ngày Văn hóa Việt Nam", tentative=False))
        return here


async def test_week_page_shows_only_its_ward(app: TestApp) -> None:
    await seeded(app)
    async with app.client_as("ha@example.org") as client:
        page = (await client.get(f"/lich/{WARD}")).text

        assert "Tuần 23/11 – 29/11" in page
        assert "Ngày Văn hóa Việt Nam" in page
        assert "Dùng VNeID" in page
        assert "Lớp &lt;b&gt;đã bỏ&lt;/b&gt;" in page
        assert "Bên Kim Long" not in page
        assert (await client.get(f"/lich/{OTHER_WARD}")).status_code == 404
        assert "Bên Kim Long" not in (await client.get("/lich")).text


async def test_city_week_shows_all_wards(app: TestApp) -> None:
    await seeded(app)
    async with app.client_as("tri@example.org") as client:
        page = (await client.get("/lich")).text
        assert "Kim Long · Đình làng" in page
        assert "Phú Xuân · Nhà văn hóa Hội trường" in page
        moved = await client.get(f"/lich?phuong={OTHER_WARD}&tuan=2026-11-25")
        assert moved.headers["location"] == f"/lich/{OTHER_WARD}?tuan=2026-11-23"
    async with app.client_as("phuoc@example.org") as client:
        assert (await client.get("/lich")).status_code == 403


async def test_week_filters_are_in_address_and_removable(app: TestApp) -> None:
    await seeded(app)
    async with app.client_as("ha@example.org") as client:
        page = (await client.get(f"/lich/{WARD}?tuan=2026-11-26&loai=market_round")).text
        assert "Không có buổi nào khớp với bộ lọc" in page
        assert f'href="/lich/{WARD}?tuan=2026-11-23"' in page
        assert f"/lich/{WARD}?tuan=2026-11-30&amp;loai=market_round" in page
        for odd in (
            "tuan=hôm-nay",
            "tuan=9999-12-31",
            "tuan=0001-01-01",
            "loai=x&phong=999999999999999999999",
        ):
            assert (await client.get(f"/lich/{WARD}?{odd}")).status_code == 200


async def test_empty_week_names_first_step(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        await add_planning(db)
        await add_user(db, (Role.COORDINATOR, OTHER_WARD), name="Khác", email="khac@example.org")
    async with app.client_as("ha@example.org") as client:
        assert "Hãy lên lịch một lớp hằng tuần" in (await client.get(f"/lich/{WARD}")).text
    async with app.client_as("khac@example.org") as client:
        assert "Trước hết hãy ghi các địa điểm" in (await client.get(f"/lich/{OTHER_WARD}")).text


async def test_week_page_takes_four_statements(app: TestApp) -> None:
    here = await seeded(app)
    async with app.client_as("ha@example.org") as client:

        async def count() -> int:

            engine = app.sessions.kw["bind"]
            with statements_of(engine) as statements:
                await client.get(f"/lich/{WARD}")
            return len(statements)

        await client.get(f"/lich/{WARD}")  # the frame's list of wards is read once a minute
        few = await count()
        async with app.sessions.begin() as db:
            for day in range(6):
                for hour in (6, 12, 14, 16, 18, 20):
                    wanted = slot(MONDAY + timedelta(days=day), time(hour))
                    await plan_session(db, WARD, here.details(), wanted, by=here.by, now=NOON)
        assert (few, await count()) == (4, 4)


async def test_notice_names_ward_and_teachers_and_leaves_out_drafts_and_cancelled(app: TestApp) -> None:
    here = await seeded(app)
    async with app.sessions.begin() as db:
        first = await db.scalar(select(ClassSession).where(ClassSession.title == "Dùng VNeID"))
        assert first is not None
        for name, role, state in (
            ("Trần Văn Dạy", "trainer", "accepted"),
            ("Lê Thị Chờ", "trainer", "offered"),
            ("Ngô Hữu Giúp", "helper", "accepted"),
        ):
            row = await assign(db, first, await add_trainer(db, name), role=role)
            row.state = state
        await plan_session(
            db, WARD, here.details(title="Buổi nháp"), slot(TUESDAY, time(14)), by=here.by, now=NOON
        )
    async with app.client_as("ha@example.org") as client:
        notice = (await client.get(f"/lich/{WARD}/bang-tin?tuan=23/11/2026")).text
        assert "Phường Phú Xuân" in notice.partition('<table class="notice">')[2]
        assert "Tuần 23/11 – 29/11" in notice
        assert "Dùng VNeID" in notice
        assert "Người hướng dẫn: Trần Văn Dạy" in notice
        days = re.findall(r'<thead><tr><th class="day"[^>]*>([^<]+)', notice)  # printed again on each sheet
        assert days
        assert len(days) == notice.count('<th class="day"') == len(set(days))
        assert notice.count(">(tiếp)</span></th>") == len(days)
        assert not any(left in notice for left in ("Buổi nháp</b>", "đã bỏ", "Lê Thị Chờ", "Ngô Hữu Giúp"))
        empty = (await client.get(f"/lich/{WARD}/bang-tin?tuan=01/02/2027")).text
        assert "Tuần này chưa có gì để dán bảng tin" in empty
        assert (await client.get(f"/lich/{OTHER_WARD}/bang-tin")).status_code == 404
