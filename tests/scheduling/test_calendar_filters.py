"""What is left out of a calendar: each filter, and who may use it."""

from dataclasses import fields
from datetime import date, time, timedelta

import msgspec
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Role
from scheduling.forms.calendar import CalendarQuery
from scheduling.labels.calendar_views import words_of
from scheduling.models import ClassSession
from scheduling.queries.calendar import sessions_in_week
from scheduling.queries.calendar_filters import CalendarFilters
from scheduling.rules.plan import SessionPlace
from scheduling.service.enrolments import enrol
from scheduling.service.sessions import cancel_session, plan_session, publish_sessions
from tests.conftest import TestApp
from tests.factories import NOON, add_learner, add_room, add_user
from tests.planning import WARD, Planning, add_planning, add_trainer, assign, slot
from trainers.models import Trainer
from venues.models import Neighbourhood, Venue

MONDAY = date(2026, 11, 23)
TUESDAY = MONDAY + timedelta(days=1)


async def add_session(
    db: AsyncSession,
    here: Planning,
    title: str,
    day: date,
    hour: int,
    *,
    there: tuple[int, int] = (1, 4),
    asked: tuple[int, int] = (0, 0),
    published: bool = True,
) -> ClassSession:
    """A session that needs one teacher and four assistants; `there` accepted, `asked` did not answer."""
    details = here.details(title=title, need_trainers=1, need_helpers=4)
    session = await plan_session(db, WARD, details, slot(day, time(hour), 45), by=here.by, now=NOON)
    if published:
        await publish_sessions(db, [session.id], by=here.by, now=NOON - timedelta(days=3))
    for state, (trainers, helpers) in (("accepted", there), ("offered", asked)):
        for role, number in (("trainer", trainers), ("helper", helpers)):
            for n in range(number):
                trainer = await add_trainer(db, f"{title} {state} {role} {n}")
                await assign(db, session, trainer, state=state, role=role)
    return session


async def titles(db: AsyncSession, filters: CalendarFilters) -> list[str]:
    found = await sessions_in_week(db, wards=[WARD], monday=MONDAY, filters=filters, now=NOON)
    return [each.title for each in found if each.shown]


async def test_short_ones_are_to_come_and_not_cancelled(db: AsyncSession) -> None:
    here = await add_planning(db)
    await add_session(db, here, "đã qua", MONDAY, 8, there=(0, 0))
    await add_session(db, here, "không ai", TUESDAY, 8, there=(0, 0))
    await add_session(db, here, "thiếu hỗ trợ", TUESDAY, 14, there=(1, 2))
    off = await add_session(db, here, "đã hủy", TUESDAY, 15, there=(0, 0))
    await cancel_session(db, off.id, reason="Mưa lớn", by=here.by, now=NOON)
    await add_session(db, here, "nháp đủ người", TUESDAY, 16, published=False)
    await add_session(db, here, "chờ trả lời", TUESDAY, 17, there=(0, 4), asked=(1, 0))

    assert await titles(db, CalendarFilters(short=True)) == ["không ai", "thiếu hỗ trợ"]
    assert await titles(db, CalendarFilters(asked=True)) == ["chờ trả lời"]
    assert await titles(db, CalendarFilters(drafts=True)) == ["nháp đủ người"]
    assert await titles(db, CalendarFilters(cancelled=True)) == ["đã hủy"]
    assert len(await titles(db, CalendarFilters())) == 6


async def test_asked_people_of_what_is_over_are_not_waited_for(db: AsyncSession) -> None:
    here = await add_planning(db)
    await add_session(db, here, "đã qua", MONDAY, 8, there=(0, 4), asked=(1, 0))
    await add_session(db, here, "sắp tới", TUESDAY, 8, there=(0, 4), asked=(1, 0))
    await add_session(db, here, "đủ người", TUESDAY, 9)

    assert await titles(db, CalendarFilters(asked=True)) == ["sắp tới"]


async def test_places_people_and_kinds(db: AsyncSession) -> None:
    here = await add_planning(db)
    place = Neighbourhood(ward_id=WARD, name="TDP 4", name_key="tdp 4")
    db.add(place)
    await db.flush()
    far = await add_room(db, name="Phòng xa", seats=20)
    venue = await db.get_one(Venue, far.venue_id)
    venue.neighbourhood_id = place.id
    there = here.details(title="ở xa", place=SessionPlace(room_id=far.id))
    there_session = await plan_session(db, WARD, there, slot(TUESDAY), by=here.by, now=NOON)
    near = await add_session(db, here, "ở gần", TUESDAY, 14, there=(0, 0))
    visit = here.details(words="Nhà ông Bảy", kind="home_visit", course_id=None, title="đến nhà")
    await plan_session(db, WARD, visit, slot(TUESDAY), by=here.by, now=NOON)
    helper = await add_trainer(db, "Ngô Hữu Phước")
    await assign(db, near, helper, state="offered")
    gone = await assign(db, there_session, helper)
    gone.state, gone.reason = "declined", "bận"
    elder, trader = await add_learner(db), await add_learner(db, "Trần Thị Chợ")
    elder.audiences, trader.audiences = ["elderly"], ["trader"]
    await enrol(db, [near.id], [elder.id], by=here.by, now=NOON)
    await enrol(db, [there_session.id], [trader.id], by=here.by, now=NOON)

    assert await titles(db, CalendarFilters(neighbourhood_id=place.id)) == ["ở xa"]
    assert await titles(db, CalendarFilters(venue_id=far.venue_id)) == ["ở xa"]
    assert await titles(db, CalendarFilters(room_id=here.hall.id)) == ["ở gần"]
    assert await titles(db, CalendarFilters(kind="home_visit")) == ["đến nhà"]
    assert await titles(db, CalendarFilters(helper_id=helper.id)) == ["ở gần"]
    assert await titles(db, CalendarFilters(audience="elderly")) == ["ở gần"]
    assert await titles(db, CalendarFilters(audience="trader", kind="home_visit")) == []


def test_every_filter_in_an_address_is_read_back() -> None:
    filters = CalendarFilters(
        "ward_class", 1, 2, 3, 4, "elderly", short=True, drafts=True, asked=True, cancelled=True
    )
    assert all(getattr(filters, each.name) for each in fields(filters))
    asked = msgspec.convert(words_of(filters), CalendarQuery, strict=False)
    assert asked.filters(by_ward=True, by_people=True) == filters


@pytest.mark.parametrize("htmx", [True, False])
async def test_filters_are_offered_with_what_is_chosen(app: TestApp, *, htmx: bool) -> None:
    async with app.sessions.begin() as db:
        here = await add_planning(db)
        helper: Trainer = await add_trainer(db)
        await add_user(db, (Role.VIEWER, WARD), name="Người xem", email="xem@example.org")
        db.add(Neighbourhood(ward_id=WARD, name="TDP 4", name_key="tdp 4"))
    asked = f"/lich/{WARD}/loc?xem=month&ngay=2027-03-01&dia_diem={here.hall.venue_id}&nguoi={helper.id}"
    headers = {"hx-request": "true"} if htmx else {}
    async with app.client_as("ha@example.org") as client:
        page = (await client.get(asked, headers=headers)).text
        assert ("<html" in page) is not htmx
        assert f'action="/lich/{WARD}/thang"' in page
        assert 'name="ngay" value="2027-03-01"' in page
        assert f'<option value="{here.hall.venue_id}" selected>' in page
        assert f'<option value="{helper.id}" selected>Ngô Hữu Phước' in page
        assert "TDP 4" in page
    async with app.client_as("xem@example.org") as client:
        page = (await client.get(asked, headers=headers)).text
        assert "Ngô Hữu Phước" not in page
        assert 'name="doi_tuong"' not in page
        assert f'<option value="{here.hall.venue_id}" selected>' in page


async def test_viewer_does_not_find_out_where_a_helper_is(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        here = await add_planning(db)
        await add_user(db, (Role.VIEWER, WARD), name="Người xem", email="xem@example.org")
        await add_session(db, here, "Buổi một", TUESDAY, 8)
        await add_session(db, here, "Buổi hai", TUESDAY, 14)
    async with app.client_as("xem@example.org") as client:
        page = (await client.get(f"/lich/{WARD}?nguoi=1")).text
    assert "Buổi một" in page
    assert "Buổi hai" in page
