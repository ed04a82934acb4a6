"""The list by day, a week by rooms, markets and helpers, and the term."""

from datetime import date, time, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Role
from lopso.kernel.clock import at, local_day
from scheduling.models import ClassSession
from scheduling.queries import agenda as agendas
from scheduling.queries.agenda import agenda
from scheduling.queries.calendar_filters import CalendarFilters
from scheduling.queries.sessions import sessions_of_series
from scheduling.queries.term import series_in_term
from scheduling.routes import by_helper
from scheduling.rules.free_spans import free_spans
from scheduling.rules.plan import SessionPlace
from scheduling.rules.recurrence import Slot
from scheduling.service.series import plan_series
from scheduling.service.sessions import cancel_session, plan_session, publish_sessions
from tests.conftest import TestApp
from tests.factories import NOON, add_user
from tests.planning import OTHER_WARD, WARD, Planning, add_planning, add_trainer, assign, slot
from tests.statements import statements_of
from venues.models import Market

MONDAY = date(2026, 11, 23)
WEDNESDAY = MONDAY + timedelta(days=2)
VIEWS = ("danh-sach", "phong", "cho", "nguoi", "dot")
ALL = CalendarFilters()


def span(start: int, end: int) -> Slot:
    return Slot(at(WEDNESDAY, time(start)), at(WEDNESDAY, time(end)))


@pytest.mark.parametrize(
    ("taken", "free"),
    [
        ([], [(7, 21)]),
        ([(9, 10)], [(7, 9), (10, 21)]),
        ([(14, 16), (9, 10)], [(7, 9), (10, 14), (16, 21)]),  # in any order
        ([(6, 8), (20, 23)], [(8, 20)]),  # beyond the hours looked at
        ([(9, 12), (10, 11)], [(7, 9), (12, 21)]),  # one inside another
        ([(6, 22)], []),
        ([(22, 23)], [(7, 21)]),
    ],
)
def test_free_spans_lie_between_what_is_taken(
    taken: list[tuple[int, int]], free: list[tuple[int, int]]
) -> None:
    day = span(7, 21)
    found = free_spans(
        [span(*each) for each in taken], day.starts_at, day.ends_at, at_least=timedelta(minutes=60)
    )
    assert found == [span(*each) for each in free]


def test_short_gaps_are_not_offered() -> None:
    taken = [Slot(at(WEDNESDAY, time(7, 30)), at(WEDNESDAY, time(20, 30)))]
    day = span(7, 21)
    assert free_spans(taken, day.starts_at, day.ends_at, at_least=timedelta(minutes=60)) == []


async def add_sessions(db: AsyncSession, here: Planning, number: int) -> list[int]:
    """`number` sessions, two at a time in two rooms."""
    found: list[int] = []
    for n in range(number):
        day, half = divmod(n // 2, 10)
        when = slot(WEDNESDAY + timedelta(days=day), time(7 + half), 45)
        details = here.details(
            title=f"Buổi {n}", place=SessionPlace(room_id=(here.hall, here.small)[n % 2].id)
        )
        found.append((await plan_session(db, WARD, details, when, by=here.by, now=NOON)).id)
    return found


async def test_agenda_goes_on_without_gap_or_double(
    db: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = await add_planning(db)
    monkeypatch.setattr(agendas, "AGENDA_SHOWN", 3)
    planned = await add_sessions(db, here, 8)
    seen: list[int] = []
    after: int | None = None
    for _page in range(3):
        found = await agenda(db, wards=[WARD], day=WEDNESDAY, after=after, filters=ALL, now=NOON)
        seen += [each.id for each in found.sessions]
        after = found.last_id
    assert seen == planned
    assert after is None


async def test_agenda_after_a_session_of_another_ward_begins_anew(db: AsyncSession) -> None:
    here = await add_planning(db)
    planned = await add_sessions(db, here, 2)
    found = await agenda(db, wards=[OTHER_WARD], day=WEDNESDAY, after=planned[0], filters=ALL, now=NOON)
    assert found.sessions == []
    visit = here.details(words="Đình làng", kind="home_visit", course_id=None, title="Kim Long")
    other = await plan_session(db, OTHER_WARD, visit, slot(WEDNESDAY, time(20)), by=here.by, now=NOON)
    found = await agenda(db, wards=[WARD], day=WEDNESDAY, after=other.id, filters=ALL, now=NOON)
    assert [each.id for each in found.sessions] == planned


async def seeded(app: TestApp) -> tuple[Planning, ClassSession]:
    """A class on Wednesday with a helper, who is also asked in another ward; people of each role."""
    async with app.sessions.begin() as db:
        here = await add_planning(db)
        market = Market(ward_id=WARD, name="Chợ Đông Ba", name_key="cho dong ba")
        db.add(market)
        await db.flush()
        session = await plan_session(
            db, WARD, here.details(title="Lớp <b>sáng</b>"), slot(WEDNESDAY), by=here.by, now=NOON
        )
        await publish_sessions(db, [session.id], by=here.by, now=NOON)
        round_at = here.details(
            title="Chợ số", kind="market_round", course_id=None, place=SessionPlace(market_id=market.id)
        )
        await plan_session(db, WARD, round_at, slot(WEDNESDAY, time(6), 60), by=here.by, now=NOON)
        visit = here.details(words="Đình làng", kind="home_visit", course_id=None, title="Bên Kim Long")
        other = await plan_session(db, OTHER_WARD, visit, slot(WEDNESDAY, time(15)), by=here.by, now=NOON)
        helper = await add_trainer(db, "Ngô Hữu Phước")
        await assign(db, session, helper)
        await assign(db, other, helper, state="offered")
        await add_user(db, (Role.CITY_ADMIN, None), name="Trần Quản Trị", email="tri@example.org")
        await add_user(db, (Role.VIEWER, WARD), name="Người xem", email="xem@example.org")
        await add_user(db, (Role.TRAINER, WARD), name="Ngô Hữu Phước", email="phuoc@example.org")
        await add_user(db, (Role.COORDINATOR, OTHER_WARD), name="Khác", email="khac@example.org")
    return here, session


async def test_rooms_show_who_is_there_and_when_they_are_free(app: TestApp) -> None:
    here, session = await seeded(app)
    async with app.client_as("ha@example.org") as client:
        page = (await client.get(f"/lich/{WARD}/phong")).text
        only = (await client.get(f"/lich/{WARD}/phong?dia_diem={here.small.venue_id}")).text
        left_out = (await client.get(f"/lich/{WARD}/phong?loai=home_visit&phong={here.hall.id}")).text
    assert f'href="/buoi/{session.id}"' in page
    assert "Lớp &lt;b&gt;sáng&lt;/b&gt;" in page
    plan = f"/lich/{WARD}/buoi-moi?kind=ward_class&amp;room={here.hall.id}&amp;day=2026-11-25&amp;since="
    assert f'{plan}07h00">' in page
    assert f'{plan}10h00">' in page
    assert "Chợ số" not in page
    assert "Lớp &lt;b&gt;" not in only
    assert "Phòng đọc" in only
    assert "Lớp &lt;b&gt;" not in left_out
    assert f'{plan}10h00">' in left_out  # what a filter hides still holds the room
    async with app.client_as("xem@example.org") as client:
        seen = (await client.get(f"/lich/{WARD}/phong")).text
    assert "Trống" in seen
    assert "buoi-moi" not in seen


async def test_free_span_opens_the_form_with_day_hour_and_room(app: TestApp) -> None:
    here, _session = await seeded(app)
    query = f"kind=ward_class&room={here.hall.id}&day=2026-11-25&since=10h00"
    async with app.client_as("ha@example.org") as client:
        page = (await client.get(f"/lich/{WARD}/buoi-moi?{query}")).text
    assert f'value="{here.hall.id}" selected' in page
    assert 'value="25/11/2026"' in page
    assert 'value="10h00"' in page


async def test_markets_have_their_rounds(app: TestApp) -> None:
    await seeded(app)
    async with app.client_as("xem@example.org") as client:
        page = (await client.get(f"/lich/{WARD}/cho")).text
    assert "Chợ Đông Ba" in page
    assert "Chợ số" in page
    assert "Lớp &lt;b&gt;" not in page


async def test_helper_elsewhere_has_hours_but_no_title(app: TestApp) -> None:
    await seeded(app)
    async with app.client_as("ha@example.org") as client:
        page = (await client.get(f"/lich/{WARD}/nguoi")).text
    assert "Ngô Hữu Phước" in page
    assert "2 buổi, 3 giờ trong 4 tuần" in page
    assert "buổi ở nơi khác" in page
    assert "Bên Kim Long" not in page
    async with app.client_as("tri@example.org") as client:
        assert "Bên Kim Long" in (await client.get(f"/lich/{WARD}/nguoi")).text
    async with app.client_as("xem@example.org") as client:
        assert (await client.get(f"/lich/{WARD}/nguoi")).status_code == 403
        assert f"/lich/{WARD}/nguoi" not in (await client.get(f"/lich/{WARD}")).text


async def test_term_counts_what_stands_and_leaves_out_other_series(db: AsyncSession) -> None:
    here = await add_planning(db)
    planned = await plan_series(db, WARD, here.weekly(), by=here.by, now=NOON)
    sessions = await sessions_of_series(db, WARD, planned.series.id)
    await cancel_session(db, sessions[0].id, reason="Mưa lớn", by=here.by, now=NOON)
    first, until = date(2026, 12, 7), date(2027, 3, 29)

    async def found(filters: CalendarFilters, since: date = first) -> list[list[int]]:
        page = await series_in_term(db, WARD, since, until, filters=filters, now=NOON, number=1)
        assert page.total == len(page.items)
        return [[each.id for each in row.sessions] for row in page.items]

    assert await found(ALL) == [[each.id for each in sessions]]
    assert await found(CalendarFilters(cancelled=True)) == [[sessions[0].id]]
    assert await found(CalendarFilters(kind="home_visit")) == []
    assert await found(ALL, since=date(2027, 1, 4)) == []


async def test_term_leaves_out_the_empty_weeks_at_its_end(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        here = await add_planning(db)
        planned = await plan_series(db, WARD, here.weekly(), by=here.by, now=NOON)
        sessions = await sessions_of_series(db, WARD, planned.series.id)
    last = local_day(sessions[-1].starts_at)
    async with app.client_as("ha@example.org") as client:
        page = (await client.get(f"/lich/{WARD}/dot?ngay=2026-12-07")).text
    weeks = (last - date(2026, 12, 7)).days // 7 + 1
    assert weeks < 16
    assert page.count('<th scope="col"') == 1 + max(4, weeks)
    assert "không có buổi nào từ tuần" in page


async def test_views_of_a_ward_are_for_those_who_see_it(app: TestApp) -> None:
    await seeded(app)
    async with app.client_as("khac@example.org") as client:
        for view in VIEWS:
            assert (await client.get(f"/lich/{WARD}/{view}")).status_code == 404
            assert (await client.get(f"/lich/{OTHER_WARD}/{view}?ngay=2027-03-01")).status_code == 200
    async with app.client_as("phuoc@example.org") as client:
        for view in VIEWS:
            assert (await client.get(f"/lich/{WARD}/{view}")).status_code == 403
        assert (await client.get("/lich/danh-sach")).status_code == 403


async def test_empty_view_leads_those_who_plan_to_the_first_step(app: TestApp) -> None:
    await seeded(app)
    steps = {
        "phong": f"/dia-diem/{OTHER_WARD}",
        "cho": f"/dia-diem/{OTHER_WARD}/cho-moi",
        "nguoi": f"/nguoi-day/{OTHER_WARD}/nhap",
        "danh-sach?ngay=2027-03-01": f"/lich/{OTHER_WARD}/lop-moi",
        "dot?ngay=2027-03-01": f"/lich/{OTHER_WARD}/lop-moi",
    }
    async with app.sessions.begin() as db:
        await add_user(db, (Role.ASSESSOR, OTHER_WARD), name="Xác nhận", email="xacnhan@example.org")
    for email, plans in (("khac@example.org", True), ("xacnhan@example.org", False)):
        async with app.client_as(email) as client:
            for view, step in steps.items():
                page = (await client.get(f"/lich/{OTHER_WARD}/{view}")).text
                assert "empty-state" in page
                assert (f'<a class="button" href="{step}">' in page) is plans, view
                unfiltered = await client.get(
                    f"/lich/{OTHER_WARD}/{view}{'&' if '?' in view else '?'}thieu=1"
                )
                assert ">Bỏ lọc</a>" in unfiltered.text


async def test_helpers_are_shown_a_page_at_a_time(app: TestApp, monkeypatch: pytest.MonkeyPatch) -> None:
    await seeded(app)
    monkeypatch.setattr(by_helper, "ROWS_SHOWN", 2)
    async with app.sessions.begin() as db:
        for name in ("Nguyễn Văn An", "Trần Thị Yến"):
            await add_trainer(db, name)
    async with app.client_as("ha@example.org") as client:
        first = (await client.get(f"/lich/{WARD}/nguoi")).text
        second = (await client.get(f"/lich/{WARD}/nguoi?trang=2")).text
    assert [name in first for name in ("Nguyễn Văn An", "Ngô Hữu Phước", "Trần Thị Yến")] == [
        True,
        True,
        False,
    ]
    assert [name in second for name in ("Nguyễn Văn An", "Ngô Hữu Phước", "Trần Thị Yến")] == [
        False,
        False,
        True,
    ]
    assert "trang=2" in first


async def test_list_of_several_wards_names_them(app: TestApp) -> None:
    await seeded(app)
    async with app.client_as("tri@example.org") as client:
        page = (await client.get("/lich/danh-sach")).text
        moved = await client.get(f"/lich/danh-sach?phuong={WARD}&ngay=2026-12-20&cho=1")
    assert "Kim Long · Đình làng" in page
    assert moved.headers["location"] == f"/lich/{WARD}/danh-sach?ngay=2026-12-20&cho=1"


async def test_views_take_few_statements_whatever_is_on_them(app: TestApp) -> None:
    here, _session = await seeded(app)
    numbers: dict[str, set[int]] = {}
    async with app.client_as("ha@example.org") as client:
        for more in (0, 12):
            async with app.sessions.begin() as db:
                for n in range(more):
                    when = slot(WEDNESDAY + timedelta(days=n + 1), time(9))
                    session = await plan_session(db, WARD, here.details(), when, by=here.by, now=NOON)
                    await assign(db, session, await add_trainer(db, f"Người {n}"))
            for view in VIEWS:
                url = f"/lich/{WARD}/{view}?ngay=2026-11-25"
                await client.get(url)
                with statements_of(app.sessions.kw["bind"]) as statements:
                    await client.get(url)
                numbers.setdefault(view, set()).add(len(statements))
    assert numbers == {"danh-sach": {3}, "phong": {4}, "cho": {4}, "nguoi": {4}, "dot": {4}}


async def test_week_of_one_helper_names_this_helper_alone(app: TestApp) -> None:
    await seeded(app)
    async with app.sessions.begin() as db:
        other = await add_trainer(db, "Trần Thị Yến")
    async with app.client_as("ha@example.org") as client:
        asked = await client.get(f"/lich/{WARD}/nguoi?nguoi={other.id}")
    assert asked.status_code == 200
    assert ("Ngô Hữu Phước</a>" in asked.text, "Trần Thị Yến</a>" in asked.text) == (False, True)
