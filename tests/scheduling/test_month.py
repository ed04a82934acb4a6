"""The month: its weeks and days, what stands on them, who sees it, the number of statements."""

from datetime import date, time, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from lopso.kernel.access import Role
from scheduling.labels.calendar_views import CalendarPlace
from scheduling.labels.month import Month, MonthDay, month_grid
from scheduling.models import Holiday
from scheduling.queries.calendar_days import counts_of_days, first_of_days
from scheduling.queries.calendar_filters import CalendarFilters
from scheduling.rules.months import month_after, month_shown, weeks_of_month
from scheduling.rules.recurrence import DayOff
from scheduling.service.sessions import cancel_session, plan_session, publish_sessions
from tests.conftest import TestApp
from tests.factories import NOON, add_user
from tests.planning import OTHER_WARD, WARD, Planning, add_planning, slot
from tests.statements import statements_of

DECEMBER = date(2026, 12, 1)
FIRST, UNTIL = date(2026, 11, 30), date(2027, 1, 4)
BUSY = date(2026, 12, 8)


@pytest.mark.parametrize(
    ("day", "months", "found"),
    [
        (DECEMBER, 1, date(2027, 1, 1)),
        (date(2027, 1, 1), -1, DECEMBER),
        (date(2026, 11, 1), 14, date(2028, 1, 1)),
    ],
)
def test_months_go_over_the_turn_of_the_year(day: date, months: int, found: date) -> None:
    assert month_after(day, months) == found


def test_weeks_of_a_month_hold_all_its_days() -> None:
    assert weeks_of_month(DECEMBER) == [FIRST + timedelta(days=7 * n) for n in range(5)]
    assert len(weeks_of_month(date(2027, 2, 1))) == 4  # from a Monday to a Sunday
    assert len(weeks_of_month(date(2027, 5, 1))) == 6
    assert month_shown(date(9999, 12, 31), NOON) == date(2099, 12, 1)


async def add_busy_day(db: AsyncSession, here: Planning) -> None:
    """Five sessions on `BUSY`: one cancelled early in the morning, four short drafts; one on the next day."""
    off = await plan_session(
        db, WARD, here.details(title="Đã bỏ"), slot(BUSY, time(6), 45), by=here.by, now=NOON
    )
    await cancel_session(db, off.id, reason="Mưa lớn", by=here.by, now=NOON)
    for hour in (19, 8, 10, 14):
        title = f"Lớp {hour} giờ"
        await plan_session(
            db, WARD, here.details(title=title), slot(BUSY, time(hour), 45), by=here.by, now=NOON
        )
    late = slot(BUSY, time(23, 30), 20)  # in UTC still the same day, and so in Huế
    ready = here.details(title="Đêm", need_trainers=0, need_helpers=0)
    session = await plan_session(db, WARD, ready, late, by=here.by, now=NOON)
    await publish_sessions(db, [session.id], by=here.by, now=NOON)


async def test_day_has_its_first_sessions_and_counts_all(db: AsyncSession) -> None:
    await add_busy_day(db, await add_planning(db))

    days = await first_of_days(
        db, ward_id=WARD, first=FIRST, until=UNTIL, filters=CalendarFilters(), now=NOON, per_day=3
    )

    assert list(days) == [BUSY]
    assert [each.title for each in days[BUSY].first] == ["Lớp 8 giờ", "Lớp 10 giờ", "Lớp 14 giờ"]
    assert days[BUSY].counts == (6, 5, 4)


async def test_what_a_filter_leaves_out_is_not_counted(db: AsyncSession) -> None:
    await add_busy_day(db, await add_planning(db))
    only = CalendarFilters(cancelled=True)

    days = await first_of_days(db, ward_id=WARD, first=FIRST, until=UNTIL, filters=only, now=NOON, per_day=3)
    city = await counts_of_days(db, wards=None, first=FIRST, until=UNTIL, filters=only, now=NOON)

    assert [each.title for each in days[BUSY].first] == ["Đã bỏ"]
    assert days[BUSY].counts == (1, 0, 0) == city[BUSY].counts


async def test_counts_of_several_wards(db: AsyncSession) -> None:
    here = await add_planning(db)
    await add_busy_day(db, here)
    visit = here.details(words="Đình làng", kind="home_visit", course_id=None, title="Bên Kim Long")
    await plan_session(db, OTHER_WARD, visit, slot(BUSY), by=here.by, now=NOON)

    async def counts(wards: list[str] | None) -> tuple[int, int, int]:
        days = await counts_of_days(
            db, wards=wards, first=FIRST, until=UNTIL, filters=CalendarFilters(), now=NOON
        )
        return days[BUSY].counts

    assert await counts(None) == (7, 6, 5)
    assert await counts([WARD]) == (6, 5, 4)
    assert await counts([OTHER_WARD]) == (1, 1, 1)


async def test_grid_names_days_off_lunar_days_and_what_is_left(db: AsyncSession) -> None:
    await add_busy_day(db, await add_planning(db))
    place = CalendarPlace(WARD, "month", DECEMBER, CalendarFilters(kind="ward_class"))
    days = await first_of_days(
        db, ward_id=WARD, first=FIRST, until=UNTIL, filters=place.filters, now=NOON, per_day=3
    )

    month = month_grid(
        days,
        {date(2027, 1, 1): DayOff("Tết Dương lịch", tentative=False)},
        place=place,
        mondays=weeks_of_month(DECEMBER),
        now=NOON,
    )

    assert (month.total, month.short) == (5, 4)
    assert month.weekdays[0] == "Thứ Hai"
    assert (month.weeks[0][0].outside, month.weeks[0][1].outside) == (True, False)
    busy = day_of(month, BUSY)
    assert (busy.label, busy.total, busy.short, busy.more) == ("Thứ Ba 08/12", 5, 4, 3)
    assert busy.href == f"/lich/{WARD}/danh-sach?ngay=2026-12-08&loai=ward_class"
    assert busy.lines[0][1:] == (
        "08h00", "Lớp 8 giờ", "Nhà văn hóa Hội trường", "draft", "Bản nháp"
    )  # fmt: skip
    assert day_of(month, date(2026, 12, 9)).lunar == "mùng 1 tháng 11 âm lịch"
    assert day_of(month, date(2026, 12, 23)).lunar == "rằm tháng 11"
    assert day_of(month, date(2027, 1, 1)).holiday == "Tết Dương lịch"


def day_of(month: Month, day: date) -> MonthDay:
    return next(each for week in month.weeks for each in week if each.date == day)


async def seeded(app: TestApp) -> Planning:
    async with app.sessions.begin() as db:
        here = await add_planning(db)
        await add_busy_day(db, here)
        await add_user(db, (Role.CITY_ADMIN, None), name="Trần Quản Trị", email="tri@example.org")
        await add_user(db, (Role.VIEWER, WARD), name="Người xem", email="xem@example.org")
        await add_user(db, (Role.TRAINER, WARD), name="Ngô Hữu Phước", email="phuoc@example.org")
        await add_user(db, (Role.COORDINATOR, OTHER_WARD), name="Khác", email="khac@example.org")
        db.add(Holiday(day=BUSY, ward_id=WARD, name="Ngày <hội> làng", tentative=True))
    return here


async def test_month_page_shows_lines_to_those_of_the_ward(app: TestApp) -> None:
    await seeded(app)
    for email in ("ha@example.org", "xem@example.org", "tri@example.org"):
        async with app.client_as(email) as client:
            page = (await client.get(f"/lich/{WARD}/thang?ngay=2026-12-20")).text
            assert "Tháng 12/2026" in page
            assert "Ngày &lt;hội&gt; làng (dự kiến)" in page
            assert page.count('class="line draft"') == 3
            assert "+3 buổi" in page
    async with app.client_as("phuoc@example.org") as client:
        assert (await client.get(f"/lich/{WARD}/thang")).status_code == 403
        assert (await client.get("/lich/thang")).status_code == 403


async def test_month_of_several_wards_counts_and_leads_on(app: TestApp) -> None:
    await seeded(app)
    async with app.client_as("tri@example.org") as client:
        page = (await client.get("/lich/thang?ngay=2026-12-20")).text
        assert "5 buổi" in page
        assert "4 thiếu người" in page
        assert 'class="line' not in page
        moved = await client.get(f"/lich/thang?phuong={OTHER_WARD}&ngay=2026-12-20&thieu=1&phong=7")
        assert moved.headers["location"] == f"/lich/{OTHER_WARD}/thang?ngay=2026-12-20&thieu=1"


async def test_empty_month_says_so_and_what_to_do(app: TestApp) -> None:
    await seeded(app)
    async with app.client_as("khac@example.org") as client:
        page = (await client.get(f"/lich/{OTHER_WARD}/thang")).text
        assert "Tháng này chưa có buổi nào" in page
        assert f'href="/lich/{OTHER_WARD}/lop-moi"' in page
        filtered = (await client.get(f"/lich/{OTHER_WARD}/thang?thieu=1")).text
        assert "Không có buổi nào khớp với bộ lọc" in filtered
        assert (await client.get(f"/lich/{WARD}/thang")).status_code == 404


async def test_views_keep_day_and_filters(app: TestApp) -> None:
    await seeded(app)
    async with app.client_as("ha@example.org") as client:
        week = (await client.get(f"/lich/{WARD}?tuan=2027-03-04&dia_diem=3&thieu=1")).text
        month = (await client.get(f"/lich/{WARD}/thang?ngay=2027-03-04&dia_diem=3&thieu=1")).text
    assert f'href="/lich/{WARD}/thang?ngay=2027-03-04&amp;dia_diem=3&amp;thieu=1"' in week
    assert f'href="/lich/{WARD}?tuan=2027-03-04&amp;dia_diem=3&amp;thieu=1"' in month
    assert f'href="/lich/{WARD}/thang?ngay=2027-04-01&amp;dia_diem=3&amp;thieu=1"' in month
    assert '<input type="hidden" name="dia_diem" value="3">' in month


async def test_month_takes_three_statements_whatever_is_on_it(app: TestApp, engine: AsyncEngine) -> None:
    await seeded(app)
    async with app.client_as("tri@example.org") as client:
        for address in (f"/lich/{WARD}/thang", "/lich/thang"):
            await client.get(address)  # the frame's list of wards is read once a minute
            for month in ("2026-12-01", "2027-05-01"):
                url = f"{address}?ngay={month}&thieu=1"
                with statements_of(engine) as statements:
                    await client.get(url)
                assert len(statements) == 3
